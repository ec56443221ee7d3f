import type { Clock } from '../machinery/clock.ts'

/** Says how long a key that failed must wait. */
export interface RateLimiter {
  /** Milliseconds until the key may be tried again; counts one more failure. */
  when(key: string): number
  /** Starts the key's count over. */
  forget(key: string): void
  failures(key: string): number
}

/** How soon a key that failed is tried again: by its own failures, and by how much fails altogether. */
export interface RateLimiterOptions {
  clock: Pick<Clock, 'monotonic'>
  /** First delay of a key in milliseconds, doubled by each failure; 5 when absent. */
  base?: number
  /** Longest delay of a key in milliseconds; 1,000,000 when absent. */
  max?: number
  /** Retries a second over all keys; 10 when absent. */
  perSecond?: number
  /** Retries that may come at once; 100 when absent. */
  burst?: number
}

/** Exponential delay by key and a token bucket over all; the longer of the two counts. The numbers are those of Kubernetes' controllers. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { clock, base = 5, max = 1_000_000, perSecond = 10, burst = 100 } = options
  const counts = new Map<string, number>()
  let tokens = burst
  let filled = clock.monotonic()
  const bucket = (): number => {
    const now = clock.monotonic()
    tokens = Math.min(burst, tokens + ((now - filled) / 1000) * perSecond) - 1
    filled = now
    return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000
  }
  return {
    when(key) {
      const failures = counts.get(key) ?? 0
      counts.set(key, failures + 1)
      return Math.max(Math.min(max, base * 2 ** Math.min(failures, 40)), bucket())
    },
    forget: (key) => void counts.delete(key),
    failures: (key) => counts.get(key) ?? 0,
  }
}
