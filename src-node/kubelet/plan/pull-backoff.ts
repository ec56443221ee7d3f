/** Milliseconds between two pulls that fail: the first time, doubled up to the second (kubernetes.io, "Images: ImagePullBackOff"). */
const FIRST = 10_000
const MOST = 300_000
/** What has not failed for twice the longest wait starts afresh. */
const FORGET = 2 * MOST

interface Failure {
  delay: number
  until: number
  words: string
  /** Whether somebody was told that the next pull waits. */
  told: boolean
}

/** An image that is not to be pulled again yet. */
export interface PullWait {
  /** Milliseconds. */
  left: number
  /** Why the last pull failed. */
  words: string
  /** Whether this is the first answer since then. */
  first: boolean
}

/** Waits between pulls that fail: 10 s, doubling to five minutes (kubernetes.io, "Images: ImagePullBackOff"). Times in milliseconds. */
export class PullBackoff {
  readonly #failures = new Map<string, Failure>()

  /** What failed last and how long to wait yet; undefined when a pull may be tried. */
  waiting(key: string, now: number): PullWait | undefined {
    const failure = this.#failures.get(key)
    if (!failure || failure.until <= now) return undefined
    const first = !failure.told
    failure.told = true
    return { left: failure.until - now, words: failure.words, first }
  }

  failed(key: string, words: string, now: number): void {
    for (const [other, { until }] of this.#failures) if (now - until > FORGET) this.#failures.delete(other)
    const delay = Math.min(MOST, (this.#failures.get(key)?.delay ?? FIRST / 2) * 2)
    this.#failures.set(key, { delay, until: now + delay, words, told: false })
  }

  succeeded(key: string): void {
    this.#failures.delete(key)
  }
}
