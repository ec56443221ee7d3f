import type { Container, Pod } from '#types/core/v1'
import { parseTime } from '../../src-kube/machinery/time.ts'
import { backoffAfter, planPod } from './plan/actions.ts'
import type { Backoff } from './plan/backoff.ts'
import { SANDBOX } from './plan/naming.ts'
import { attemptsOf, type Observed } from './plan/observed.ts'
import { forbiddenSysctl } from './plan/sysctls.ts'
import { isSidecar, podStatus, type StatusFacts, type Waiting } from './plan/status.ts'
import { RunContainerError } from './runtime/create-container.ts'
import { ContainerStarter } from './runtime/start-container.ts'
import { ImageError } from './runtime/images.ts'
import { stopContainers } from './runtime/stop-containers.ts'
import type { PodContext } from './pod-context.ts'

const FAILURE_RETRY = 2_000

/**
 * One pod on this node, one thing at a time: whatever happens (the pod changed, a container ended, a probe spoke, a timer ran out)
 * only asks for another pass; a pass looks at everything and does the next step.
 */
export class PodWorker {
  readonly #context: PodContext
  readonly #starter: ContainerStarter
  #pod: Pod
  #running = false
  #again = false
  #removed = false
  #stopping: Promise<void> | undefined
  #done = false
  /** The next pass that nothing asks for, and when it comes. */
  #timer: { at: number; cancel(): void } | undefined
  readonly #waiting = new Map<string, Waiting>()
  readonly #backoffs = new Map<string, Backoff>()
  readonly #counted = new Set<string>()
  readonly #probed = new Map<string, string>()
  readonly ready = new Set<string>()
  readonly started = new Set<string>()
  #failure: { reason: string; message: string } | undefined
  #volumes: Map<string, string> | undefined
  #sentStatus = ''

  constructor(pod: Pod, context: PodContext) {
    this.#pod = pod
    this.#context = context
    this.#starter = new ContainerStarter(context)
  }

  get pod(): Pod {
    return this.#pod
  }

  get observed(): Observed[] {
    return this.#context.engine.ofPod(this.#pod.metadata.uid)
  }

  get ip(): string {
    if (this.#pod.spec.hostNetwork) return this.#context.nodeIp
    return attemptsOf(this.observed, SANDBOX).last?.ip ?? ''
  }

  waitingOf(container: string): Waiting | undefined {
    return this.#waiting.get(container)
  }

  update(pod: Pod): void {
    const before = this.#pod.metadata
    this.#pod = pod
    const told =
      JSON.stringify([before.labels, before.annotations]) !==
      JSON.stringify([pod.metadata.labels, pod.metadata.annotations])
    if (told && this.#volumes) {
      this.#context.volumes
        .update(pod, { podIp: this.ip })
        .catch((error: unknown) => this.#context.log(`volumes of ${pod.metadata.name}: ${String(error)}`))
    }
    this.kick()
  }

  /** The pod is gone from the API: everything of it goes too, at once. */
  remove(): void {
    this.#removed = true
    this.kick()
  }

  /** Asks for a pass; requests while one runs are joined in the next. */
  readonly kick = (): void => {
    if (this.#done) return
    if (this.#running) {
      this.#again = true
      return
    }
    this.#running = true
    this.#pass()
      .catch((error: unknown) => {
        this.#context.log(
          `pod ${this.#pod.metadata.namespace}/${this.#pod.metadata.name}: ${error instanceof Error ? error.stack : String(error)}`,
        )
        this.#after(FAILURE_RETRY)
      })
      .finally(() => {
        this.#running = false
        if (this.#again) {
          this.#again = false
          this.kick()
        }
      })
  }

  /** A container whose liveness or startup probe failed for good. */
  async killForProbe(container: string, words: string): Promise<void> {
    const { last } = attemptsOf(this.observed, container)
    const spec = [...this.#pod.spec.containers, ...(this.#pod.spec.initContainers ?? [])].find(
      (c) => c.name === container,
    )
    if (last?.state !== 'running' || !spec) return
    this.#context.event(this.#pod, spec, 'Normal', 'Killing', words)
    await stopContainers(
      this.#context,
      this.#pod,
      [{ container: spec, observed: last }],
      this.#pod.spec.terminationGracePeriodSeconds ?? 30,
    )
    this.kick()
  }

  /** Asks for a pass by then: of several times the earliest counts, and each pass asks anew for what is still to come. */
  #after(milliseconds: number): void {
    const { clock } = this.#context
    const at = clock.now() + milliseconds
    if (this.#timer && this.#timer.at <= at) return
    this.#timer?.cancel()
    const timer = clock.after(milliseconds, () => {
      this.#timer = undefined
      this.kick()
    })
    this.#timer = { at, cancel: () => timer.cancel() }
  }

  async #pass(): Promise<void> {
    if (!this.#context.engine.up) return
    if (this.#removed || this.#pod.metadata.deletionTimestamp) return this.#terminate()
    const { phase } = this.#pod.status ?? {}
    if (phase === 'Succeeded' || phase === 'Failed') return this.#retire()
    this.#checkRefusal()
    this.#checkDeadline()
    if (this.#failure) {
      await this.#stopAll(this.#pod.spec.terminationGracePeriodSeconds ?? 30)
      return this.#report()
    }
    await this.#live()
    await this.#report()
  }

  /** What the node does not take at all fails before anything is made of it. */
  #checkRefusal(): void {
    const refusal = this.#failure ? undefined : forbiddenSysctl(this.#pod)
    if (!refusal) return
    this.#failure = { reason: 'SysctlForbidden', message: `Pod was rejected: ${refusal}` }
    this.#context.event(this.#pod, undefined, 'Warning', 'SysctlForbidden', refusal)
  }

  #checkDeadline(): void {
    const { activeDeadlineSeconds } = this.#pod.spec
    const started = parseTime(this.#pod.status?.startTime)
    if (activeDeadlineSeconds === undefined || started === undefined) return
    const left = started + activeDeadlineSeconds * 1000 - this.#context.clock.now()
    if (left <= 0)
      this.#failure = {
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      }
    else this.#after(left)
  }

  /** One step of a living pod. */
  async #live(): Promise<void> {
    const now = this.#context.clock.now()
    this.#noteEnds()
    const actions = planPod(this.#pod, {
      observed: this.observed,
      backoffs: this.#backoffs,
      started: this.started,
      now,
    })
    // Also for containers that an earlier agent started: their files must go on following what they are made from.
    if (!this.#volumes && !(await this.#prepare())) return
    if (actions.sandbox === 'create') {
      await this.#starter.createSandbox(this.#pod)
      await this.#context.volumes.update(this.#pod, { podIp: this.ip })
    }
    for (const [name, left] of actions.backoff) {
      const message = `back-off ${Math.round((this.#backoffs.get(name)?.delay ?? 0) / 1000)}s restarting failed container=${name} pod=${this.#pod.metadata.name}_${this.#pod.metadata.namespace}(${this.#pod.metadata.uid})`
      if (this.#waiting.get(name)?.reason !== 'CrashLoopBackOff')
        this.#eventFor(
          name,
          'Warning',
          'BackOff',
          `Back-off restarting failed container ${name} in pod ${this.#pod.metadata.name}_${this.#pod.metadata.namespace}(${this.#pod.metadata.uid})`,
        )
      this.#waiting.set(name, { reason: 'CrashLoopBackOff', message })
      this.#after(left)
    }
    await Promise.all(actions.start.map(({ container, attempt }) => this.#start(container, attempt)))
    this.#watchRunning()
  }

  /** Volumes and the network, before anything is started. */
  async #prepare(): Promise<boolean> {
    try {
      await this.#context.networkReady
      this.#volumes ??= await this.#context.volumes.setUp(this.#pod, { podIp: this.ip })
      return true
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#context.event(this.#pod, undefined, 'Warning', 'FailedMount', message)
      this.#after(FAILURE_RETRY)
      return false
    }
  }

  async #start(container: Container, attempt: number): Promise<void> {
    const { name } = container
    try {
      this.ready.delete(name)
      this.started.delete(name)
      await this.#starter.start({
        pod: this.#pod,
        container,
        attempt,
        volumes: this.#volumes ?? new Map(),
        podIp: this.ip,
        observed: this.observed,
      })
      this.#waiting.delete(name)
    } catch (error) {
      this.#failedStart(container, error)
    }
  }

  #failedStart(container: Container, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof ImageError) {
      if (this.#waiting.get(container.name)?.reason !== error.reason)
        this.#eventFor(container.name, 'Warning', 'Failed', `Error: ${error.reason}`)
      this.#waiting.set(container.name, { reason: error.reason, message })
      return this.#after(error.retryAfter)
    }
    this.#eventFor(container.name, 'Warning', 'Failed', `Error: ${message}`)
    // One that may not start again has ended: that it could not run is how.
    const over = error instanceof RunContainerError && this.#pod.spec.restartPolicy === 'Never' && !isSidecar(container)
    if (over) return void this.#waiting.delete(container.name)
    this.#waiting.set(container.name, {
      reason: (error as { reason?: string }).reason ?? 'CreateContainerError',
      message,
    })
    this.#after(FAILURE_RETRY * 2)
  }

  /** Counts each end once toward its container's back-off. */
  #noteEnds(): void {
    for (const one of this.observed) {
      if (one.state !== 'exited' || one.name === SANDBOX || this.#counted.has(one.id)) continue
      this.#counted.add(one.id)
      this.#context.prober.stop(one.podUid, one.name)
      this.#probed.delete(one.name)
      this.ready.delete(one.name)
      this.started.delete(one.name)
      const container = this.#pod.spec.initContainers?.find((c) => c.name === one.name)
      if (container && !isSidecar(container) && one.exitCode === 0) continue
      this.#backoffs.set(one.name, backoffAfter(this.#backoffs.get(one.name), one))
    }
    // The first restart is at once: only from the second end on does the delay count.
    for (const [name, backoff] of this.#backoffs) {
      if ((attemptsOf(this.observed, name).last?.attempt ?? 0) === 0)
        this.#backoffs.set(name, { ...backoff, since: backoff.since - backoff.delay })
    }
  }

  /** Probes of containers that run, started once each; without a probe a running container is ready. */
  #watchRunning(): void {
    const containers = [...this.#pod.spec.containers, ...(this.#pod.spec.initContainers ?? []).filter(isSidecar)]
    for (const container of containers) {
      const { last } = attemptsOf(this.observed, container.name)
      if (last?.state !== 'running' || this.#probed.get(container.name) === last.id) continue
      this.#probed.set(container.name, last.id)
      this.#waiting.delete(container.name)
      if (!container.startupProbe) this.started.add(container.name)
      if (!container.readinessProbe && !container.startupProbe) this.ready.add(container.name)
      if (container.startupProbe || container.readinessProbe || container.livenessProbe)
        this.#context.prober.start(this.#pod, container, this.ip, last.id)
    }
  }

  #eventFor(name: string, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const container = [...this.#pod.spec.containers, ...(this.#pod.spec.initContainers ?? [])].find(
      (c) => c.name === name,
    )
    this.#context.event(this.#pod, container, type, reason, message)
  }

  #facts(): StatusFacts {
    const { nodeIp, clock } = this.#context
    return {
      observed: this.observed,
      waiting: this.#waiting,
      ready: this.ready,
      started: this.started,
      podIp: this.ip,
      hostIp: nodeIp,
      now: clock.now(),
      failure: this.#failure,
    }
  }

  async #report(): Promise<void> {
    const status = podStatus(this.#pod, this.#facts())
    const text = JSON.stringify({
      ...status,
      conditions: status.conditions?.map(({ type, status: s, reason, message }) => ({ type, s, reason, message })),
    })
    if (text === this.#sentStatus) return
    const sent = await this.#context.sendStatus(this.#pod, status)
    if (sent) this.#sentStatus = text
  }

  /** A pod that has ended keeps its containers for their logs; its probes stop. */
  async #retire(): Promise<void> {
    this.#context.prober.stop(this.#pod.metadata.uid)
    // Sidecars outlive the main containers; they end before the sandbox they live in.
    await this.#stopAll(this.#pod.spec.terminationGracePeriodSeconds ?? 30)
    const sandbox = attemptsOf(this.observed, SANDBOX).last
    if (sandbox?.state === 'running') await this.#context.engine.docker.getContainer(sandbox.id).stop({ t: 0 })
  }

  async #stopAll(grace: number): Promise<void> {
    this.#context.prober.stop(this.#pod.metadata.uid)
    const containers = [...this.#pod.spec.containers, ...(this.#pod.spec.initContainers ?? [])]
    const running = containers.flatMap((container) => {
      const { last } = attemptsOf(this.observed, container.name)
      return last?.state === 'running' ? [{ container, observed: last }] : []
    })
    for (const { container } of running)
      this.#eventFor(container.name, 'Normal', 'Killing', `Stopping container ${container.name}`)
    await stopContainers(this.#context, this.#pod, running, grace)
  }

  /** Graceful end: containers get their time, then everything of the pod goes, last its object. */
  async #terminate(): Promise<void> {
    this.#timer?.cancel()
    const grace = this.#removed
      ? 0
      : (this.#pod.metadata.deletionGracePeriodSeconds ?? this.#pod.spec.terminationGracePeriodSeconds ?? 30)
    this.#stopping ??= this.#stopAll(grace)
    await this.#stopping
    await Promise.all(this.observed.map((one) => this.#context.engine.look(one.id)))
    if (!this.#removed) await this.#report()
    const { engine, volumes, files } = this.#context
    const { uid } = this.#pod.metadata
    await Promise.all(this.observed.map((one) => engine.remove(one.id)))
    await volumes.tearDown(uid)
    await files.remove(uid)
    if (!this.#removed) await this.#context.deletePod(this.#pod)
    this.#done = true
    this.#context.finished(uid)
  }
}
