import type { Clock } from '../../src-kube/machinery/clock.ts'

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

/** Does something now and again and again, one run after the other. */
export function repeat(work: () => Promise<void>, { interval, clock, signal, failed }: RepeatOptions): void {
  const run = (): void => {
    if (signal.aborted) return
    work()
      .catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)))
      .finally(() => clock.after(interval, run))
  }
  run()
}
