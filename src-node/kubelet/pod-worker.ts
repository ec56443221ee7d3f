import type { Pod } from '#types/core/v1'
import { usesClaims } from '../../src-kube/kinds/resource/pod-claims.ts'
import { planPod, type Start } from './plan/actions.ts'
import { SANDBOX } from './plan/naming.ts'
import { attemptsOf, type Observed } from './plan/observed.ts'
import { findContainer, graceOf } from './plan/pod-containers.ts'
import { probeKillWords } from './plan/probe-kill.ts'
import type { WaitingResize } from './plan/resize-order.ts'
import { isSidecar } from './plan/restart.ts'
import { markOutdated, outdatedRunning, restartAllConditions } from './plan/restart-all.ts'
import { hasEnded, podStatus, type StatusFacts, type Waiting } from './plan/status.ts'
import { Passes } from './passes.ts'
import { PodEnds } from './pod-ends.ts'
import { PodHealth } from './pod-health.ts'
import { PodMounts } from './pod-mounts.ts'
import { PodReport } from './pod-report.ts'
import { PodResize } from './pod-resize.ts'
import { PodStop } from './pod-stop.ts'
import { type Eviction, PodVerdict } from './pod-verdict.ts'
import { PodWaits } from './pod-waits.ts'
import { abortable } from './runtime/abortable.ts'
import { ContainerStarter } from './runtime/start-container.ts'
import { ended, type Running, runningOf, stopWithin } from './runtime/stop-containers.ts'
import type { PodContext } from './pod-context.ts'
import type { ProbeResult } from './probes/index.ts'

/** Milliseconds until what failed is tried again. */
const FAILURE_RETRY = 2_000

/**
 * One pod on this node, one thing at a time: whatever happens (the pod changed, a container ended, a probe spoke, a timer ran out)
 * only asks for another pass (see {@link Passes}); a pass looks at everything and does the next step.
 */
export class PodWorker {
  readonly #context: PodContext
  readonly #starter: ContainerStarter
  #pod: Pod
  #isRemoved = false
  readonly #stop: PodStop
  /** Aborts what a pod that ends, or a sandbox that is gone, must not wait for. */
  #work = new AbortController()
  readonly #starting = new Map<string, { attempt: number; over: Promise<void> }>()
  readonly #passes: Passes
  readonly #ends: PodEnds
  readonly #health: PodHealth
  readonly #resize: PodResize
  readonly #verdict: PodVerdict
  readonly #waits: PodWaits
  readonly #mounts: PodMounts
  readonly #told: PodReport

  constructor(pod: Pod, context: PodContext) {
    this.#context = context
    this.#passes = new Passes(context.clock, () => this.#pass().catch((error: unknown) => this.#failed(error)))
    this.#resize = new PodResize(context, pod)
    this.#pod = this.#resize.allocate()
    this.#told = new PodReport(context)
    this.#mounts = new PodMounts(context)
    this.#verdict = new PodVerdict(context, {
      begun: pod.status?.startTime !== undefined || this.observed.length > 0,
    })
    this.#waits = new PodWaits(context)
    this.#ends = new PodEnds(context.settings.longestRestartWait, context.machineStarted)
    this.#starter = new ContainerStarter(context)
    this.#stop = new PodStop(context, () => (this.#stop.over ? this.kick() : this.#passes.askIn(FAILURE_RETRY)))
    this.#health = new PodHealth(context.prober, pod, this.observed)
  }

  get pod(): Pod {
    return this.#pod
  }

  get observed(): Observed[] {
    return markOutdated(this.#pod, this.#context.engine.ofPod(this.#pod.metadata.uid))
  }

  get ip(): string {
    if (this.#pod.spec.hostNetwork) return this.#context.nodeIp
    return attemptsOf(this.observed, SANDBOX).last?.ip ?? ''
  }

  /** Path on the node by volume name; undefined before they are set up. */
  get volumes(): ReadonlyMap<string, string> | undefined {
    return this.#mounts.paths
  }

  /** Whether it takes something of the node: it was taken, and has not ended. */
  get takesRoom(): boolean {
    return this.#verdict.admitted && !this.#isRemoved && !this.#stop.over && !hasEnded(this.#pod)
  }

  /** What it asks for and has not got for want of room. */
  get waitingResize(): WaitingResize | undefined {
    return this.takesRoom ? this.#resize.waiting : undefined
  }

  /** Whether the node did not take it. */
  get refused(): boolean {
    return this.#verdict.failure?.refused === true
  }

  waitingOf(container: string): Waiting | undefined {
    return this.#waits.words.get(container)
  }

  update(pod: Pod): void {
    const before = this.#pod
    this.#told.changed(before, pod)
    this.#pod = this.#resize.allocate(pod)
    if (pod.metadata.deletionTimestamp) this.#end()
    this.#mounts.tell(before, this.#pod, this.ip)
    this.kick()
  }

  /** It must go. */
  evict(eviction: Eviction): void {
    this.#verdict.evict(this.#pod, eviction)
    this.kick()
  }

  /** The pod is gone from the API: everything of it goes too, at once. */
  remove(): void {
    this.#isRemoved = true
    this.#end()
    this.kick()
  }

  /** Nothing is begun any more, and an end that is under way has no longer than is asked for now. */
  #end(): void {
    this.#work.abort(new Error('the pod ends'))
    this.#stop.hurry(this.#grace())
  }

  #grace(): number {
    if (this.#isRemoved) return 0
    return this.#pod.metadata.deletionGracePeriodSeconds ?? this.#verdict.failure?.grace ?? graceOf(this.#pod)
  }

  /** Asks for a pass. */
  readonly kick = (): void => this.#passes.ask()

  #failed(error: unknown): void {
    // What was left behind for the pod's end is no failure.
    if (error === this.#work.signal.reason) return this.kick()
    const { namespace, name } = this.#pod.metadata
    this.#context.log(`pod ${namespace}/${name}: ${error instanceof Error ? error.stack : String(error)}`)
    this.#passes.askIn(FAILURE_RETRY)
  }

  /** What a probe has found out of a container, after its thresholds. */
  heard(result: ProbeResult): void {
    this.#health.heard(this.#pod, result)
    this.kick()
  }

  /** A container whose liveness or startup probe failed for good. */
  async killForProbe(name: string, kind: 'liveness' | 'startup'): Promise<void> {
    const { last } = attemptsOf(this.observed, name)
    const container = findContainer(this.#pod, name)
    if (last?.state !== 'running' || !container) return
    this.#ends.endsForProbe(last.id)
    this.#context.event(
      { pod: this.#pod, container },
      'Normal',
      'Killing',
      probeKillWords(this.#pod, container, last, kind),
    )
    const probe = kind === 'liveness' ? container.livenessProbe : container.startupProbe
    const seconds = probe?.terminationGracePeriodSeconds
    await stopWithin(this.#context, this.#pod, { container, observed: last }, { seconds })
    this.kick()
  }

  async #pass(): Promise<void> {
    if (!this.#context.engine.up) return
    if (this.#isRemoved || this.#pod.metadata.deletionTimestamp) return this.#terminate()
    if (hasEnded(this.#pod)) return this.#retire()
    const left = await this.#verdict.look(this.#pod)
    if (left < Infinity) this.#passes.askIn(left)
    // It says so when nothing of the pod runs any more.
    if (this.#verdict.failure) return (await this.#stopped()) ? this.#report() : undefined
    if (this.#resize.retry !== undefined) {
      const before = this.#pod
      this.#pod = this.#resize.allocate()
      this.#mounts.tell(before, this.#pod, this.ip)
      this.#passes.askIn(this.#resize.retry ?? 0)
    }
    await this.#live()
    await this.#report()
  }

  /** Whether all that ran has ended; else that is under way, and its end asks for the next pass. */
  async #stopped(): Promise<boolean> {
    if (!this.#work.signal.aborted) this.#work.abort(new Error('the pod ends'))
    this.#context.prober.stopLiveness(this.#pod.metadata.uid)
    this.#noteEnds()
    await Promise.all([...this.#starting.values()].map(({ over }) => over))
    this.#stop.begin(this.#pod, this.#grace())
    if (!this.#stop.over) return false
    this.#context.prober.stop(this.#pod.metadata.uid)
    await this.#context.devices.unprepare(this.#pod)
    return true
  }

  /** One step of a living pod. */
  async #live(): Promise<void> {
    this.#noteEnds()
    const outdated = outdatedRunning(this.observed)
    // That all start anew is told while those that run end.
    if (outdated.length > 0) return this.#report().then(() => this.#starter.endAll(this.#pod, outdated))
    const held = this.#held()
    const actions = planPod(this.#pod, {
      observed: this.observed,
      backoffs: this.#ends.backoffs,
      started: this.#health.started,
      starting: new Set([...this.#starting.keys(), ...held]),
      held: new Set(held),
      now: this.#context.clock.now(),
    })
    // Sidecars outlive the main containers; they end before the pod has.
    if (actions.over) return void (await this.#stopped())
    if (actions.sandbox === 'create' && this.#starting.size > 0) return this.#startOver()
    // Also for containers that an earlier agent started: their files must go on following what they are made from.
    if (!this.#mounts.stand(this.#pod) && !(await this.#prepare())) return
    if (actions.sandbox === 'create') {
      if (this.#starter.sandboxWait > 0) return this.#passes.askIn(this.#starter.sandboxWait)
      await this.#starter.createSandbox(this.#pod)
      await this.#context.volumes.update(this.#pod, { podIp: this.ip })
    }
    for (const [name, left] of actions.backoff) {
      this.#waits.backOff(this.#pod, name, this.#ends.backoffs.get(name)?.delay ?? 0)
      this.#passes.askIn(left)
    }
    for (const start of actions.start) this.#begin(start)
    const settled = ({ container }: Running): boolean => !this.#starting.has(container.name)
    const resized = await this.#resize.apply(runningOf(this.#pod, this.observed).filter(settled))
    for (const start of resized) this.#begin(start)
    this.#watchRunning()
  }

  /** What is being started belongs to a sandbox that is gone. */
  async #startOver(): Promise<void> {
    this.#work.abort(new Error('the sandbox is gone'))
    await Promise.all([...this.#starting.values()].map(({ over }) => over))
    if (!this.#isRemoved && !this.#pod.metadata.deletionTimestamp) this.#work = new AbortController()
    this.kick()
  }

  /** Containers whose next try waits for its time. */
  #held(): string[] {
    const { left } = this.#waits
    for (const milliseconds of left.values()) this.#passes.askIn(milliseconds)
    return [...left.keys()]
  }

  /** Volumes and the network, before anything is started. */
  async #prepare(): Promise<boolean> {
    const { signal } = this.#work
    try {
      await abortable(this.#mounts.setUp(this.#pod, this.ip), signal)
      return true
    } catch (error) {
      if (signal.aborted) throw error
      if (!this.#waits.volumeFailed(this.#pod, error)) this.#mounts.failed(this.#pod, error)
      this.#passes.askIn(FAILURE_RETRY)
      return false
    }
  }

  /** Each container is started apart from the others and from the pod's passes. */
  #begin(start: Start): void {
    const { name } = start.container
    const over = this.#start(start, this.#work.signal).finally(() => {
      this.#starting.delete(name)
      this.kick()
    })
    this.#starting.set(name, { attempt: start.attempt, over })
  }

  async #start({ container, attempt, instead, why }: Start, signal: AbortSignal): Promise<void> {
    const { name } = container
    const pod = this.#pod
    try {
      if (instead) {
        const words = why ?? `Container ${name} definition changed, will be restarted`
        this.#context.event({ pod, container }, 'Normal', 'Killing', words)
        await stopWithin(this.#context, pod, { container, observed: instead })
      }
      this.#health.begin(name)
      const volumes = this.#mounts.paths ?? new Map<string, string>()
      const { ip: podIp, observed } = this
      await this.#starter.start({ pod, container, attempt, volumes, podIp, observed }, signal)
      this.#waits.end(name)
    } catch (error) {
      if (!signal.aborted) this.#waits.failed(this.#pod, container, error, this.observed)
    }
  }

  #noteEnds(): void {
    this.#ends.note(this.#pod, this.observed, ({ podUid, name }) => this.#health.end(podUid, name))
  }

  /** Probes of containers that run, started once each; without a probe a running container is ready. */
  #watchRunning(): void {
    const containers = [...this.#pod.spec.containers, ...(this.#pod.spec.initContainers ?? []).filter(isSidecar)]
    for (const container of containers) {
      const { last } = attemptsOf(this.observed, container.name)
      if (last?.state !== 'running' || this.#starting.has(container.name)) continue
      if (this.#health.watch(this.#pod, container, this.ip, last.id)) this.#waits.end(container.name)
    }
  }

  #facts(): StatusFacts {
    const { nodeIp, clock } = this.#context
    const { observed } = this
    return {
      observed,
      // Of a pod that has been ended nothing waits any more.
      waiting: this.#stop.over ? new Map() : this.#waits.words,
      starting: new Map([...this.#starting].map(([name, { attempt }]) => [name, attempt])),
      ready: this.#health.ready,
      started: this.#health.started,
      podIp: this.ip,
      hostIp: nodeIp,
      now: clock.now(),
      terminal: this.#stop.over,
      failure: this.#verdict.failure,
      further: [...this.#resize.conditions, ...this.#verdict.conditions, ...restartAllConditions(this.#pod, observed)],
      unfinished: this.#resize.unfinished,
      allocated: (container) => this.#context.devices.statusOf(this.#pod, container),
    }
  }

  async #report(): Promise<void> {
    const status = podStatus(this.#pod, this.#facts())
    // Others may be given what it claims once it is told to have ended: that is taken back first.
    if (!this.#stop.over && usesClaims(this.#pod) && hasEnded({ ...this.#pod, status })) return
    await this.#told.send(this.#pod, status)
  }

  /** A pod that has ended keeps its containers for their logs, and no volumes: what is in them would fill the disk for as long as the pod is kept. */
  async #retire(): Promise<void> {
    if (!(await this.#stopped())) return
    const sandbox = attemptsOf(this.observed, SANDBOX).last
    if (sandbox?.state === 'running') {
      const { engine, groups } = this.#context
      await ended(engine.docker.getContainer(sandbox.id).stop({ t: 0 }))
      await engine.look(sandbox.id)
      await groups.remove(this.#pod)
    }
    await this.#mounts.tearDown(this.#pod.metadata.uid)
    await this.#reportEnd()
  }

  /** Without its containers nobody knows better than the status that it ended with. */
  async #reportEnd(): Promise<void> {
    if (this.observed.length > 0 || !hasEnded(this.#pod)) await this.#report()
  }

  /** Graceful end: containers get their time, then everything of the pod goes, last its object. */
  async #terminate(): Promise<void> {
    const over = await this.#stopped()
    if (!this.#isRemoved) await this.#reportEnd()
    if (!over) return
    const { engine, files, groups, logs } = this.#context
    const { uid, name, namespace = '' } = this.#pod.metadata
    await Promise.all(this.observed.map((one) => engine.remove(one.id)))
    await groups.remove(this.#pod)
    await this.#mounts.tearDown(uid)
    await files.remove(uid)
    await logs.remove({ uid, name, namespace })
    if (!this.#isRemoved) await this.#context.deletePod(this.#pod)
    this.#passes.end()
    this.#context.finished(uid)
  }
}
