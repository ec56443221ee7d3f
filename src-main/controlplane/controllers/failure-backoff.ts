import type { Pod } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { ObjectMeta } from '../../../src-kube/machinery/meta.ts'

/** Milliseconds that a place is left alone after a pod failed there for the first time. */
const FIRST = 1_000

/** What the pods of a kind of set compete for, and how patient its controller is. */
export interface FailureBackoffOptions {
  clock: Pick<Clock, 'monotonic'>
  /** Longest pause, in milliseconds. */
  most: number
  /** What is left alone for a while after this pod failed: its node, or its name. */
  placeOf: (pod: Pod) => string
}

interface Pause {
  /** When a failed pod was given up last, on the monotonic clock. */
  since: number
  length: number
}

/**
 * Pauses between a failed pod and the next one in its place: a second, doubled up to the longest, by place and generation of the set. The
 * first failure waits for nothing. Without them controller and kubelet would make and refuse pods as fast as they can.
 */
export class FailureBackoff {
  readonly #options: FailureBackoffOptions
  readonly #pauses = new Map<string, Map<string, Pause>>()

  constructor(options: FailureBackoffOptions) {
    this.#options = options
  }

  /**
   * Of pods that are to be removed, those that may be now; a failed one that may starts the next pause. `wait` is how many milliseconds
   * the first of the others has left.
   */
  admit(
    key: string,
    { metadata }: { metadata: Pick<ObjectMeta, 'generation'> },
    remove: readonly Pod[],
  ): { remove: Pod[]; wait: number | undefined } {
    let wait: number | undefined
    const admitted = remove.filter((pod) => {
      if (pod.status?.phase !== 'Failed') return true
      const left = this.#next(key, `${metadata.generation}/${this.#options.placeOf(pod)}`)
      if (left > 0) wait = Math.min(wait ?? left, left)
      return left <= 0
    })
    return { remove: admitted, wait }
  }

  forget(key: string): void {
    this.#pauses.delete(key)
  }

  #next(key: string, place: string): number {
    const { clock, most } = this.#options
    const now = clock.monotonic()
    const pauses = this.#pauses.get(key) ?? new Map<string, Pause>()
    this.#pauses.set(key, pauses)
    for (const [name, { since }] of pauses) if (now - since > 2 * most) pauses.delete(name)
    const known = pauses.get(place)
    const left = known ? known.since + known.length - now : 0
    if (left <= 0) pauses.set(place, { since: now, length: known ? Math.min(most, 2 * known.length) : FIRST })
    return left
  }
}
