import { systemClock, type Clock, type Timer } from '../clock.ts'

interface Waiting {
  /** When it is due, on this clock. */
  at: number
  callback: () => void
  timer: Timer
}

/**
 * The machine's clock, which a test may put forward. For what talks to real sockets: what has to succeed gets all the time it needs, also on a busy
 * machine, and a long wait is over when the test says so.
 */
export class SkippingClock implements Clock {
  #skipped = 0
  readonly #waiting = new Set<Waiting>()

  now(): number {
    return systemClock.now() + this.#skipped
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#skipped
  }

  after(delay: number, callback: () => void): Timer {
    const waiting = { at: this.monotonic() + delay, callback, timer: { cancel: () => {} } }
    this.#waiting.add(waiting)
    this.#arm(waiting)
    return {
      cancel: () => {
        this.#waiting.delete(waiting)
        waiting.timer.cancel()
      },
    }
  }

  /** Puts the clock forward. What is due by then runs soon, not within the call. */
  skip(milliseconds: number): void {
    this.#skipped += milliseconds
    for (const waiting of this.#waiting) this.#arm(waiting)
  }

  #arm(waiting: Waiting): void {
    waiting.timer.cancel()
    waiting.timer = systemClock.after(Math.max(0, waiting.at - this.monotonic()), () => {
      this.#waiting.delete(waiting)
      waiting.callback()
    })
  }
}
