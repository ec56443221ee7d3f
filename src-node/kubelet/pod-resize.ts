import type { HostConfig } from 'dockerode'
import type { Container, Pod } from '#types/core/v1'
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
import { resizeEvent, type ResizeTurn } from './plan/resize-events.ts'
import type { WaitingResize } from './plan/resize-order.ts'
import type { PodContext } from './pod-context.ts'
import { engineWords } from './runtime/engine-words.ts'
import { memoryDecreaseRefusal } from './runtime/memory-decrease.ts'
import { resizeOf } from './runtime/resize.ts'
import { memoryLimit, resourceOptions } from './runtime/resources.ts'
import type { Running } from './runtime/stop-containers.ts'

/** Milliseconds until what could not be given or changed is tried again. */
const RETRY = 10_000

/**
 * The resources that one pod has on this node (KEP-1287). A pod that asks for more than is free goes on with what it had until there is
 * room; what it is given its running containers get, each by its policy.
 */
export class PodResize {
  readonly #context: Pick<PodContext, 'engine' | 'resizable' | 'clock' | 'event' | 'usageOf'>
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
  /** By name: why a container has not got what it was to. */
  readonly #failed = new Map<string, { words: string; retryAt: number }>()

  constructor(context: Pick<PodContext, 'engine' | 'resizable' | 'clock' | 'event' | 'usageOf'>, pod: Pod) {
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
    this.#tell('Started', pod)
  }

  #tellWait(pod: Pod, { reason, message }: ResizeRefusal): void {
    const now = JSON.stringify([reason, message, pod.metadata.generation])
    if (now !== this.#told) this.#tell(reason, pod, message)
    this.#told = now
  }

  #tell(turn: ResizeTurn, pod: Pod, error?: string): void {
    const { type, reason, message } = resizeEvent(turn, pod, error)
    this.#context.event(pod, undefined, type, reason, message)
  }

  /** What it asks for and has not got for want of room. */
  get waiting(): WaitingResize | undefined {
    return this.#since === undefined ? undefined : { pod: this.#asked, since: this.#since }
  }

  /** Milliseconds until there may be more to be done without anything being heard; undefined when nothing is left. */
  get retry(): number | undefined {
    return this.#pending || this.#failed.size > 0 ? RETRY : undefined
  }

  /** Containers that have not got yet what was given to the pod. */
  get unfinished(): ReadonlySet<string> {
    return new Set(this.#failed.keys())
  }

  get conditions(): FurtherCondition[] {
    const failures = [...this.#failed.values()].map(({ words }) => words)
    const started = this.#isUnderWay && failures.length === 0
    return [
      ...(this.#pending ? [{ type: 'PodResizePending', status: 'True' as const, ...this.#pending }] : []),
      ...(failures.length > 0
        ? [{ type: 'PodResizeInProgress', status: 'True' as const, reason: 'Error', message: failures.join('; ') }]
        : []),
      ...(started ? [{ type: 'PodResizeInProgress', status: 'True' as const }] : []),
    ]
  }

  /** Gives running containers what they are to have; answers those that must be started anew for it. */
  async apply(running: readonly Running[]): Promise<Start[]> {
    const starts: Start[] = []
    for (const { container, observed } of running) {
      const given = this.#given.get(observed.id) ?? observed.resources
      const resize = given === undefined ? undefined : resizeOf(container, given, this.#allocation.get(WHOLE))
      if (!resize) this.#reached(container.name)
      else if (resize !== 'restart') await this.#update({ container, id: observed.id, given: given! })
      else {
        const why = `Container ${container.name} resize requires restart`
        this.#restarting.add(container.name)
        starts.push({ container, attempt: observed.attempt + 1, instead: observed, why })
      }
    }
    if (this.#isUnderWay && this.#failed.size === 0 && this.#restarting.size === 0) {
      this.#isUnderWay = false
      this.#tell('Completed', withAllocation(this.#asked, this.#allocation))
    }
    return starts
  }

  #reached(name: string): void {
    this.#failed.delete(name)
    this.#restarting.delete(name)
  }

  async #update({ container, id, given }: { container: Container; id: string; given: string }): Promise<void> {
    const { engine, clock } = this.#context
    const { name } = container
    if ((this.#failed.get(name)?.retryAt ?? 0) > clock.now()) return
    const whole = this.#allocation.get(WHOLE)
    const wanted = resourceOptions(container, whole)
    const { Memory = 0 } = JSON.parse(given) as HostConfig
    try {
      const change = { given: Memory, wanted: memoryLimit(container, whole) }
      const refusal = await memoryDecreaseRefusal(this.#context.usageOf, { id, name }, change)
      if (refusal !== undefined) return this.#fail(name, refusal)
      await engine.docker.getContainer(id).update(wanted)
      this.#given.set(id, JSON.stringify(wanted))
      this.#failed.delete(name)
    } catch (error) {
      // Without an answer nobody knows: it is looked at again when the engine is back.
      if ((error as { statusCode?: number }).statusCode === undefined) throw error
      this.#fail(name, engineWords(error))
    }
  }

  #fail(name: string, words: string): void {
    if (this.#failed.get(name)?.words !== words) this.#tell('Error', this.#asked, words)
    this.#failed.set(name, { words, retryAt: this.#context.clock.now() + RETRY })
  }
}
