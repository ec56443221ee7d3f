import type { Clock } from '../../src-kube/machinery/clock.ts'

/** Passes over one thing, one at a time: whatever happens only asks for another, which then looks at everything. */
export class Passes {
  readonly #clock: Clock
  readonly #pass: () => Promise<void>
  #isRunning = false
  #mustRunAgain = false
  #isOver = false
  /** The next pass that nothing asks for, and when it comes by the monotonic clock. */
  #timer: { at: number; cancel(): void } | undefined

  /** @param pass must not reject: who knows what a failure means says when to try again. */
  constructor(clock: Clock, pass: () => Promise<void>) {
    this.#clock = clock
    this.#pass = pass
  }

  /** Asks for a pass; requests while one runs are joined in the next. */
  ask(): void {
    if (this.#isOver) return
    if (this.#isRunning) {
      this.#mustRunAgain = true
      return
    }
    this.#isRunning = true
    void this.#pass().finally(() => {
      this.#isRunning = false
      if (!this.#mustRunAgain) return
      this.#mustRunAgain = false
      this.ask()
    })
  }

  /** Asks for a pass by then: of several times the earliest counts, and each pass asks anew for what is still to come. */
  askIn(milliseconds: number): void {
    const at = this.#clock.monotonic() + milliseconds
    if (this.#timer && this.#timer.at <= at) return
    this.#timer?.cancel()
    const timer = this.#clock.after(milliseconds, () => {
      this.#timer = undefined
      this.ask()
    })
    this.#timer = { at, cancel: () => timer.cancel() }
  }

  /** There are no more passes, whoever asks; one that runs is not ended by it. */
  end(): void {
    this.#timer?.cancel()
    this.#isOver = true
  }
}
