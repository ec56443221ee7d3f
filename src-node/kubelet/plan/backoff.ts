const FIRST = 10_000
const MOST = 300_000
/** A container that ran this long has earned a fresh start. */
const RESET = 600_000

/** Back-off of one container's restarts: 10 s, doubling to five minutes (kubernetes.io, "Pod Lifecycle: Container restart policy"). */
export interface Backoff {
  /** Milliseconds that the next restart waits. */
  delay: number
  /** Milliseconds since the epoch of the last end it counts from. */
  since: number
}

/** The back-off after a container ended at `finished` having run for `ran` milliseconds. */
export function nextBackoff(before: Backoff | undefined, finished: number, ran: number): Backoff {
  if (!before || ran >= RESET) return { delay: FIRST, since: finished }
  return { delay: Math.min(MOST, before.delay * 2), since: finished }
}

/** The first restart is at once; later ones wait. */
export function waitLeft(backoff: Backoff | undefined, now: number): number {
  return backoff ? Math.max(0, backoff.since + backoff.delay - now) : 0
}
