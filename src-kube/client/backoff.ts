/** How delays grow from one failure to the next. */
export interface BackoffOptions {
  /** First delay in milliseconds; 100 when absent. */
  base?: number
  /** Largest delay in milliseconds, before jitter; 30,000 when absent. */
  max?: number
  /** Share of the delay added at random; 0.5 when absent. */
  jitter?: number
  /** Source of chance in [0, 1). */
  random?: () => number
}

/** Delays that double with each failure in a row. */
export interface Backoff {
  next(): number
  reset(): void
}

/** Made anew for each thing that may fail; not to be shared. */
export function createBackoff({
  base = 100,
  max = 30_000,
  jitter = 0.5,
  random = Math.random,
}: BackoffOptions = {}): Backoff {
  let failures = 0
  return {
    next: () => Math.min(max, base * 2 ** Math.min(failures++, 30)) * (1 + jitter * random()),
    reset: () => {
      failures = 0
    },
  }
}
