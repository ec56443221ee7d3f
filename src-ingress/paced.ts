import { sleep } from '../src-kube/client/sleep.ts'
import type { Clock } from '../src-kube/machinery/clock.ts'

/** How often something is done at most that many changes ask for. Times in milliseconds. */
export interface PacedOptions {
  clock: Clock
  signal: AbortSignal
  /** Milliseconds that what comes together is waited for. */
  gather: number
  /** Milliseconds from the end of one run to the next. */
  apart: number
  /** Milliseconds after which a run that failed is tried again. */
  retry: number
  run(): Promise<void>
  onError(error: unknown): void
}

/** Runs something again when it is asked for: never twice at once, and so that what comes in a flood is dealt with together. */
export class Paced {
  readonly #options: PacedOptions
  #isAsked = false
  #isRunning = false

  constructor(options: PacedOptions) {
    this.#options = options
  }

  ask(): void {
    this.#isAsked = true
    if (!this.#isRunning) void this.#drain()
  }

  async #drain(): Promise<void> {
    const { clock, signal, gather, apart, retry, run, onError } = this.#options
    this.#isRunning = true
    while (this.#isAsked && !signal.aborted) {
      await sleep(clock, gather, signal)
      this.#isAsked = false
      let wait = apart - gather
      try {
        if (!signal.aborted) await run()
      } catch (error) {
        if (!signal.aborted) onError(error)
        this.#isAsked = true
        wait = retry
      }
      await sleep(clock, wait, signal)
    }
    this.#isRunning = false
  }
}
