import type { Clock, Timer } from '../../../../src-kube/machinery/clock.ts'
import { badRequest, StatusError } from '../../../../src-kube/machinery/errors.ts'
import { parseGoDuration } from '../../../../src-kube/machinery/go-duration.ts'
import { LinkedList } from '../../../../src-kube/machinery/linked-list.ts'
import { isLasting } from '../flow-control/admit.ts'
import type { Exchange } from '../http/exchange.ts'
import type { RequestInfo } from '../http/request-info.ts'
import { IMAGES_PATH } from '../tunnel/images.ts'

/** Milliseconds that a request may take at most (kube-apiserver's `--request-timeout`). */
const MOST = 60_000

const changes = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

/**
 * Ends requests that take too long: after the time that the client names by `?timeout=`, or a minute. Watches and what else lasts by its
 * nature has all the time it wants. The work itself goes on; nobody hears how it ended.
 */
export class Deadlines {
  readonly #clock: Clock
  /** Those that have the usual minute, the oldest first. One timer serves them all. */
  readonly #usual = new LinkedList<{ exchange: Exchange; began: number }>()
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Does the work of the request, or rejects with 400 for a time that is none. */
  async within(exchange: Exchange, work: () => Promise<void>): Promise<void> {
    const { info } = exchange
    if (lasts(info)) return work()
    const named = timeoutOf(info.query)
    if (named > 0 && named < MOST) return this.#withinOwn(exchange, named, work)
    const link = this.#usual.add({ exchange, began: this.#clock.monotonic() })
    if (!this.#timer) this.#wakeIn(MOST)
    try {
      await work()
    } finally {
      this.#usual.remove(link)
    }
  }

  async #withinOwn(exchange: Exchange, time: number, work: () => Promise<void>): Promise<void> {
    const timer = this.#clock.after(time, () => end(exchange))
    try {
      await work()
    } finally {
      timer.cancel()
    }
  }

  #wakeIn(time: number): void {
    this.#timer = this.#clock.after(time, () => this.#endOverdue())
  }

  #endOverdue(): void {
    this.#timer = undefined
    const now = this.#clock.monotonic()
    for (const link of this.#usual.links()) {
      const { exchange, began } = link.value
      if (now - began < MOST) return this.#wakeIn(began + MOST - now)
      this.#usual.remove(link)
      end(exchange)
    }
  }
}

const lasts = (info: RequestInfo): boolean =>
  info.verb === 'watch' || isLasting(info) || (!info.isResource && info.path.startsWith(IMAGES_PATH))

/** Milliseconds, 0 for none. */
function timeoutOf(query: URLSearchParams): number {
  const text = query.get('timeout')
  if (!text) return 0
  try {
    return parseGoDuration(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw badRequest(`invalid timeout specified in the request URL - ${error.message}`)
  }
}

/** An answer that has begun is not cut short. */
function end(exchange: Exchange): void {
  if (exchange.hasBegun) return
  const words = changes.has(exchange.info.verb)
    ? 'request did not complete within requested timeout - context deadline exceeded'
    : 'request did not complete within the allotted timeout'
  exchange.sendStatus(new StatusError(504, 'Timeout', `Timeout: ${words}`, {}))
  exchange.isOver = true
}
