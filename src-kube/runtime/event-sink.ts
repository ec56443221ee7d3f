import { sleep } from '../client/sleep.ts'
import type { Clock } from '../machinery/clock.ts'
import { StatusError } from '../machinery/errors.ts'

/** How events are written beside the work that they tell of; what cannot be written is dropped and logged. */
export interface EventSinkOptions {
  clock: Clock
  signal: AbortSignal
  log?: { warn(message: string, facts?: Record<string, unknown>): void } | undefined
  /** Events written a second, after {@link burst} at once; without a bound when absent. What comes faster is written later. */
  perSecond?: number | undefined
  burst?: number | undefined
}

const ATTEMPTS = 12
const RETRY_DELAY = 10_000

/** Writes one event by `work`, whose reason is for the log. Resolves when it is written or given up; never rejects. */
export type EventSink = (reason: string | undefined, work: () => Promise<void>) => Promise<void>

/**
 * How recorders reach the server: not faster than their bound, again while it is away, and without a word where nobody needs one (the
 * namespace is going, the recorder may not).
 */
export function createEventSink(options: EventSinkOptions): EventSink {
  const { clock, signal, log } = options
  const pace = paceOf(options)
  const tell = (reason: string | undefined, error: StatusError): void => {
    if (!expected.has(error.reason)) log?.warn('event was refused', { reason, error: error.message })
  }
  return async (reason, work) => {
    const wait = pace()
    if (wait > 0) await sleep(clock, wait, signal)
    for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (signal.aborted) return
        if (isRefusal(error)) return tell(reason, error)
        await sleep(clock, RETRY_DELAY, signal)
      }
    }
  }
}

/** The server's last word: trying again would change nothing. */
const isRefusal = (error: unknown): error is StatusError => error instanceof StatusError && error.code < 500

/** Refusals that nobody needs to hear of. */
const expected: ReadonlySet<string> = new Set(['NotFound', 'Forbidden', 'AlreadyExists'])

/** Milliseconds that the next event must wait for its turn. */
function paceOf({ clock, perSecond, burst = 1 }: EventSinkOptions): () => number {
  if (perSecond === undefined) return () => 0
  let tokens = burst
  let filled = clock.monotonic()
  return () => {
    const now = clock.monotonic()
    tokens = Math.min(burst, tokens + ((now - filled) / 1000) * perSecond) - 1
    filled = now
    return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000
  }
}
