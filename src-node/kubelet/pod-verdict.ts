import type { Pod } from '#types/core/v1'
import type { FurtherCondition } from './plan/allocated.ts'
import { deadlineExceeded, deadlineLeft, type EndedHere } from './plan/failure.ts'
import type { PodContext } from './pod-context.ts'

/** Why a pod that runs here must go. */
export interface Eviction {
  /** Default `Evicted`. */
  reason?: string
  words: string
  /** What its condition says, where that is not the same. */
  condition?: string
  /** Seconds that it gets at most, where its node is short of something: 1 when absent, as many as it says when below 0. */
  grace?: number
}

/** Why the node itself ends a pod or does not take it at all: found once, it stays. */
export class PodVerdict {
  readonly #context: Pick<PodContext, 'admit' | 'clock' | 'event'>
  #failure: EndedHere | undefined
  #admitted: boolean
  #conditions: FurtherCondition[] = []

  /** @param pod one that was `begun` before, by an earlier agent too, is not asked for its right to be here again. */
  constructor(context: Pick<PodContext, 'admit' | 'clock' | 'event'>, { begun }: { begun: boolean }) {
    this.#context = context
    this.#admitted = begun
  }

  get failure(): EndedHere | undefined {
    return this.#failure
  }

  /** Whether it takes something of the node. */
  get admitted(): boolean {
    return this.#admitted && !this.#failure
  }

  /** The pod must go (kubernetes.io, "Pod disruption conditions"). */
  evict(pod: Pod, { reason = 'Evicted', words, condition = words, grace = 1 }: Eviction): void {
    if (this.#failure) return
    // A node that is short of something cannot wait; a pod that makes room for another gets its time.
    const least = Math.min(grace, pod.spec.terminationGracePeriodSeconds ?? grace)
    const limit = reason === 'Evicted' && grace >= 0 ? { grace: Math.max(1, least) } : {}
    this.#failure = { reason, message: words, words, ...limit }
    const message = condition
    this.#conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message }]
    this.#context.event({ pod }, 'Warning', reason, words)
  }

  /** What is to be told beside the failure itself. */
  get conditions(): readonly FurtherCondition[] {
    return this.#conditions
  }

  /** Looks whether there is a reason now; answers the milliseconds until there may be one. */
  async look(pod: Pod): Promise<number> {
    if (this.#failure) return Infinity
    const { admit, clock, event } = this.#context
    if (!this.#admitted) {
      this.#failure = await admit(pod, () => void (this.#admitted = true))
      if (this.#failure) {
        event({ pod }, 'Warning', this.#failure.reason, this.#failure.words)
        return Infinity
      }
    }
    const left = deadlineLeft(pod, clock.now())
    if (left > 0) return left
    this.#failure = deadlineExceeded
    event({ pod }, 'Normal', deadlineExceeded.reason, deadlineExceeded.words)
    return Infinity
  }
}
