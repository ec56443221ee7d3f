import type { Clock, Timer } from '../../../src-kube/machinery/clock.ts'

/** The time that a stopping pod has. It runs from the beginning and can get shorter, never longer. */
export class Grace {
  readonly #clock: Clock
  readonly #ended = new AbortController()
  readonly #cut = new AbortController()
  #endsAt: number
  #timer: Timer

  /** `seconds` from now. */
  constructor(clock: Clock, seconds: number) {
    this.#clock = clock
    this.#endsAt = clock.monotonic() + seconds * 1000
    this.#timer = clock.after(seconds * 1000, () => this.#ended.abort())
  }

  /** Milliseconds; 0 when it is over. */
  get left(): number {
    return Math.max(0, this.#endsAt - this.#clock.monotonic())
  }

  /** Aborts when the time is over. */
  get over(): AbortSignal {
    return this.#ended.signal
  }

  /** Aborts when the time is over because it was shortened: whoever counts for himself has counted on more. */
  get cut(): AbortSignal {
    return this.#cut.signal
  }

  /** Leaves `seconds` from now, if that is less. */
  shorten(seconds: number): void {
    const endsAt = this.#clock.monotonic() + seconds * 1000
    if (endsAt >= this.#endsAt) return
    this.#endsAt = endsAt
    this.#timer.cancel()
    this.#timer = this.#clock.after(seconds * 1000, () => {
      this.#ended.abort()
      this.#cut.abort()
    })
  }

  /** Nobody waits for it any more. */
  close(): void {
    this.#timer.cancel()
  }
}
