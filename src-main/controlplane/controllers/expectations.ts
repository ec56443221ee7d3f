import type { Clock } from '../../../src-kube/machinery/clock.ts'

/** Milliseconds after which nobody waits any more for what was asked for. */
const EXPIRE_AFTER = 300_000

/**
 * What a controller has written and its cache has not shown yet, by owner. Until that is seen (or five minutes are over) the owner must
 * not be scaled again: the count in the cache is wrong.
 */
export class Expectations {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #owners = new Map<string, { creations: number; deletions: Set<string>; at: number }>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  satisfied(owner: string): boolean {
    const wanted = this.#owners.get(owner)
    if (!wanted) return true
    return (wanted.creations <= 0 && wanted.deletions.size === 0) || this.#clock.monotonic() - wanted.at > EXPIRE_AFTER
  }

  expect(owner: string, creations: number, deletions: readonly string[] = []): void {
    this.#owners.set(owner, { creations, deletions: new Set(deletions), at: this.#clock.monotonic() })
  }

  /** One creation was seen, or failed. */
  created(owner: string): void {
    const wanted = this.#owners.get(owner)
    if (wanted) wanted.creations--
  }

  /** The deletion of this uid was seen, or failed. */
  deleted(owner: string, uid: string): void {
    this.#owners.get(owner)?.deletions.delete(uid)
  }

  forget(owner: string): void {
    this.#owners.delete(owner)
  }
}
