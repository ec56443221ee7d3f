import type { DaemonSet } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'

/** Milliseconds that a node is left alone after a daemon failed there: the first time, doubled up to the second. */
const FIRST = 1_000
const MOST = 15 * 60_000

interface Pause {
  /** When a failed pod was given up last, on the monotonic clock. */
  since: number
  length: number
}

/**
 * Pauses between attempts to run a daemon on a node that refuses it: a second, doubled up to a quarter of an hour, by node and generation
 * of the set. Without them controller and kubelet would make and refuse pods as fast as they can.
 */
export class FailureBackoff {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #pauses = new Map<string, Map<string, Pause>>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /**
   * Of pods that are to be removed, those that may be now; a failed one that may starts the next pause. `wait` is how many milliseconds
   * the first of the others has left.
   */
  admit(key: string, { metadata }: DaemonSet, remove: readonly Pod[]): { remove: Pod[]; wait: number | undefined } {
    let wait: number | undefined
    const admitted = remove.filter((pod) => {
      if (pod.status?.phase !== 'Failed') return true
      const left = this.#next(key, `${metadata.generation}/${pod.spec.nodeName}`)
      if (left > 0) wait = Math.min(wait ?? left, left)
      return left <= 0
    })
    return { remove: admitted, wait }
  }

  forget(key: string): void {
    this.#pauses.delete(key)
  }

  #next(key: string, place: string): number {
    const now = this.#clock.monotonic()
    const pauses = this.#pauses.get(key) ?? new Map<string, Pause>()
    this.#pauses.set(key, pauses)
    for (const [name, { since }] of pauses) if (now - since > 2 * MOST) pauses.delete(name)
    const known = pauses.get(place)
    const left = known ? known.since + known.length - now : 0
    if (left <= 0) pauses.set(place, { since: now, length: known ? Math.min(MOST, 2 * known.length) : FIRST })
    return left
  }
}
