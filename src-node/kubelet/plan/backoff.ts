import type { Pod } from '#types/core/v1'
import type { Observed } from './observed.ts'

/**
 * Milliseconds that a container waits for its next start: after the second end, doubled by each up to the second number (kubernetes.io, "Pod
 * Lifecycle: Container restarts").
 */
const FIRST = 10_000
const MOST = 300_000
/** A container that ran this long has earned a fresh start. */
const RESET = 600_000

/** Back-off of one container's restarts (kubernetes.io, "Pod Lifecycle: How Pods handle problems with containers"). */
export interface Backoff {
  /** Ends in a row, none of them after a long run. */
  ends: number
  /** Milliseconds that the next restart waits. */
  delay: number
  /** Milliseconds since the epoch of the last end it counts from. */
  since: number
}

/** The first restart is at once, the second 10 s after its end; from there doubling to five minutes. */
export function restartDelay(ends: number): number {
  return ends < 2 ? 0 : Math.min(MOST, FIRST * 2 ** (ends - 2))
}

/**
 * The back-off that an ended container leaves. Without one before, as after a restart of the agent, the row is what the attempts
 * that are still there tell of it.
 */
export function backoffAfter(before: Backoff | undefined, ended: Observed, previous?: Observed): Backoff {
  const known = before?.ends ?? (previous && ranLong(previous) ? 1 : ended.attempt)
  const ends = ranLong(ended) ? 1 : known + 1
  return { ends, delay: restartDelay(ends), since: Date.parse(ended.finishedAt ?? '') || 0 }
}

/**
 * The back-off that is left by a container which its probe had killed: upstream's kubelet starts it anew in the same breath, so that only the
 * end before it counts. One that ran longer than the wait would be is started at once; how often it ended counts all the same.
 */
export function backoffAfterProbe(before: Backoff | undefined, ended: Observed): Backoff {
  const since = Date.parse(ended.finishedAt ?? '') || 0
  if (!before || ranLong(ended)) return { ends: 0, delay: 0, since }
  const ends = before.ends + 1
  const delay = restartDelay(ends)
  return { ends, delay: since - before.since >= delay ? 0 : delay, since }
}

function ranLong({ startedAt, finishedAt }: Observed): boolean {
  return Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '') >= RESET
}

/** Milliseconds until the next restart; none where the clock was set back since the end, by more than it is read apart. */
export function waitLeft(backoff: Backoff | undefined, now: number): number {
  if (!backoff || backoff.since > now + 1_000) return 0
  return Math.max(0, backoff.since + backoff.delay - now)
}

/** How a restart that waits is told of, in upstream's words: by an event and by the waiting state. */
export function backoffWords({ metadata }: Pod, name: string, delay: number): { event: string; message: string } {
  const where = `${metadata.name}_${metadata.namespace}(${metadata.uid})`
  return {
    event: `Back-off restarting failed container ${name} in pod ${where}`,
    message: `back-off ${goDuration(delay)} restarting failed container=${name} pod=${where}`,
  }
}

/** Whole seconds as Go writes a span: `10s`, `1m20s`. */
function goDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
