import type { HostConfig } from 'dockerode'
import type { Pod } from '#types/core/v1'
import type { Start } from './plan/actions.ts'
import type { ResizeRefusal } from './plan/admission.ts'
import {
  type Allocation,
  allocatedTo,
  askedBy,
  type FurtherCondition,
  sameAllocation,
  WHOLE,
  withAllocation,
} from './plan/allocated.ts'
import { podGroup, podGroupLimits } from './plan/pod-group.ts'
import { resizeEvent, type ResizeTurn } from './plan/resize-events.ts'
import type { WaitingResize } from './plan/resize-order.ts'
import type { PodContext } from './pod-context.ts'
import { engineWords } from './runtime/engine-words.ts'
import { type MemoryChange, memoryDecreaseRefusal } from './runtime/memory-decrease.ts'
import { resizeOf } from './runtime/resize.ts'
import { memoryLimit, resourceOptions } from './runtime/resources.ts'
import type { Running } from './runtime/stop-containers.ts'

/** Milliseconds until what could not be given or changed is tried again. */
const RETRY = 10_000

type ResizeContext = Pick<PodContext, 'engine' | 'resizable' | 'clock' | 'event' | 'usageOf' | 'groups'>

/**
 * The resources that one pod has on this node (KEP-1287). A pod that asks for more than is free goes on with what it had until there is
 * room; what it is given its running containers get, each by its policy.
 */
export class PodResize {
  readonly #context: ResizeContext
  #allocation: Allocation
  #asked: Pod
  #pending: ResizeRefusal | undefined
  /** Since when it waits, in milliseconds since the epoch; undefined when it does not. */
  #since: number | undefined
  /** By id: what a container has been given since it was made. */
  readonly #given = new Map<string, string>()
  /** What was last told of a resize that waits: the same is not told twice. */
  #told = ''
  /** Whether what was given has yet to reach a container. */
  #isUnderWay = false
  /** Containers that are started anew for what they were given. */
  readonly #restarting = new Set<string>()
  /** By name: why a container, or the pod as a whole, has not got what it was to. */
  readonly #failed = new Map<string, string>()
  /** Not before then is tried again what failed. */
  #retryAt = 0
  /** Whether the pod's control group has what the pod was given. */
  #isSettled = false

  constructor(context: ResizeContext, pod: Pod) {
    this.#context = context
    this.#asked = pod
    this.#allocation = allocatedTo(pod)
  }

  /** The pod with what it has here. */
  allocate(pod: Pod = this.#asked): Pod {
    this.#asked = pod
    const asked = askedBy(pod)
    this.#pending = sameAllocation(asked, this.#allocation) ? undefined : this.#context.resizable(pod)
    this.#since = this.#pending && (this.#since ?? this.#context.clock.now())
    if (!this.#pending) {
      this.#give(pod, asked)
      return pod
    }
    this.#tellWait(pod, this.#pending)
    return withAllocation(pod, this.#allocation)
  }

  #give(pod: Pod, asked: Allocation): void {
    const changed = !sameAllocation(asked, this.#allocation)
    this.#allocation = asked
    this.#told = ''
    if (!changed) return
    this.#isUnderWay = true
    this.#isSettled = false
    this.#failed.clear()
    this.#retryAt = 0
    this.#tell('Started', pod)
  }

  #tellWait(pod: Pod, { reason, message }: ResizeRefusal): void {
    const now = JSON.stringify([reason, message, pod.metadata.generation])
    if (now !== this.#told) this.#tell(reason, pod, message)
    this.#told = now
  }

  #tell(turn: ResizeTurn, pod: Pod, error?: string): void {
    const { type, reason, message } = resizeEvent(turn, pod, error)
    this.#context.event({ pod }, type, reason, message)
  }

  /** What it asks for and has not got for want of room. */
  get waiting(): WaitingResize | undefined {
    return this.#since === undefined ? undefined : { pod: this.#asked, since: this.#since }
  }

  /** Milliseconds until there may be more to be done without anything being heard; undefined when nothing is left. */
  get retry(): number | undefined {
    return this.#pending || this.#failed.size > 0 ? RETRY : undefined
  }

  /** Containers that have not got yet what was given to the pod: they were refused it, or are being started anew for it. */
  get unfinished(): ReadonlySet<string> {
    return new Set([...this.#failed.keys(), ...this.#restarting])
  }

  get conditions(): FurtherCondition[] {
    const failures = [...new Set(this.#failed.values())]
    const started = this.#isUnderWay && failures.length === 0
    return [
      ...(this.#pending ? [{ type: 'PodResizePending', status: 'True' as const, ...this.#pending }] : []),
      ...(failures.length > 0
        ? [{ type: 'PodResizeInProgress', status: 'True' as const, reason: 'Error', message: failures.join('; ') }]
        : []),
      ...(started ? [{ type: 'PodResizeInProgress', status: 'True' as const }] : []),
    ]
  }

  /** Gives running containers and their pod what they are to have; answers those that must be started anew for it. */
  async apply(running: readonly Running[]): Promise<Start[]> {
    const updates: Update[] = []
    const starts: Start[] = []
    for (const { container, observed } of running) {
      const given = this.#given.get(observed.id) ?? observed.resources
      const resize = given === undefined ? undefined : resizeOf(container, given, this.#allocation.get(WHOLE))
      if (!resize) this.#reached(container.name)
      else if (resize !== 'restart') updates.push({ container, observed, given: given! })
      else {
        const why = `Container ${container.name} resize requires restart`
        this.#restarting.add(container.name)
        starts.push({ container, attempt: observed.attempt + 1, instead: observed, why })
      }
    }
    if (updates.length > 0 || (running.length > 0 && !this.#isSettled)) await this.#carryOut(updates)
    if (this.#isUnderWay && this.#isSettled && this.#failed.size === 0 && this.#restarting.size === 0) {
      this.#isUnderWay = false
      this.#tell('Completed', withAllocation(this.#asked, this.#allocation))
    }
    return starts
  }

  #reached(name: string): void {
    this.#failed.delete(name)
    this.#restarting.delete(name)
  }

  /** The pod has more before its containers, and less after them: at no time do they have more than it. */
  async #carryOut(updates: readonly Update[]): Promise<void> {
    const { groups, usageOf, clock } = this.#context
    if (this.#retryAt > clock.monotonic()) return
    const pod = withAllocation(this.#asked, this.#allocation)
    const names = [WHOLE, ...updates.map(({ container }) => container.name)]
    const refusal = await memoryDecreaseRefusal(usageOf, this.#memoryChanges(pod, updates))
    if (refusal !== undefined) return this.#fail(names, refusal)
    try {
      await groups.grown(pod)
    } catch (error) {
      return this.#fail(names, String(error))
    }
    for (const update of updates) await this.#update(update)
    // What still has what it had, until it starts anew or is tried again, would not fit into less.
    if (updates.some(({ container }) => this.#failed.has(container.name)) || this.#restarting.size > 0) return
    try {
      await groups.settled(pod)
      this.#isSettled = true
      this.#failed.delete(WHOLE)
    } catch (error) {
      this.#fail([WHOLE], String(error))
    }
  }

  #memoryChanges(pod: Pod, updates: readonly Update[]): MemoryChange[] {
    const { groups } = this.#context
    const whole = this.#allocation.get(WHOLE)
    const ofContainers = updates.map(({ container, observed: { group }, given }) => ({
      whose: `container ${JSON.stringify(container.name)}`,
      group,
      given: (JSON.parse(given) as HostConfig).Memory ?? 0,
      wanted: memoryLimit(container, whole),
    }))
    const ofPod = {
      whose: 'pod',
      group: podGroup(pod),
      given: groups.memoryOf(pod),
      wanted: podGroupLimits(pod).memory,
    }
    return [ofPod, ...ofContainers]
  }

  async #update({ container, observed: { id } }: Update): Promise<void> {
    const wanted = resourceOptions(container, this.#allocation.get(WHOLE))
    try {
      await this.#context.engine.docker.getContainer(id).update(wanted)
      this.#given.set(id, JSON.stringify(wanted))
      this.#failed.delete(container.name)
    } catch (error) {
      // Without an answer nobody knows: it is looked at again when the engine is back.
      if ((error as { statusCode?: number }).statusCode === undefined) throw error
      this.#fail([container.name], engineWords(error))
    }
  }

  #fail(names: readonly string[], words: string): void {
    const isNew = ![...this.#failed.values()].includes(words)
    for (const name of names) this.#failed.set(name, words)
    if (isNew) this.#tell('Error', this.#asked, words)
    this.#retryAt = this.#context.clock.monotonic() + RETRY
  }
}

/** A container that is changed as it runs. */
interface Update extends Running {
  /** What it has, as the engine was asked. */
  given: string
}
