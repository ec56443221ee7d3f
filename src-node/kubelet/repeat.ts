import type { Clock, Timer } from '../../src-kube/machinery/clock.ts'

/** How often something is done until the agent ends. */
export interface RepeatOptions {
  /** Milliseconds from the end of one run to the beginning of the next. */
  interval: number
  clock: Clock
  /** No run begins after it. */
  signal: AbortSignal
  /** Hears, in its own words, why a run failed; the next one comes all the same. */
  failed(words: string): void
}

/** Does something now and again and again, one run after the other. Returns what has it done at once, or once more after the run that is under way. */
export function repeat(work: () => Promise<void>, { interval, clock, signal, failed }: RepeatOptions): () => void {
  let isRunning = false
  let isAsked = false
  let timer: Timer | undefined
  const run = (): void => {
    if (signal.aborted) return
    isAsked = isRunning
    if (isRunning) return
    isRunning = true
    timer?.cancel()
    work()
      .catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        isRunning = false
        if (isAsked) run()
        else timer = clock.after(interval, run)
      })
  }
  run()
  return run
}
