import type { Clock, Timer } from '../machinery/clock.ts'
import type { QueueMetrics } from './queue-metrics.ts'
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts'

/** What a queue does with its keys, and how many at once. */
export interface WorkQueueOptions {
  clock: Clock
  /** Runs one key; the queue never runs the same key twice at once. A rejection is a programming error of the caller. */
  handle: (key: string) => Promise<void>
  /** Keys run at the same time; 1 when absent. */
  workers?: number
  limiter?: RateLimiter
  /** What is counted of the queue; nothing when absent. */
  metrics?: QueueMetrics | undefined
}

/**
 * Keys to be worked on, each at most once in the queue. A key added while it runs is run again afterwards, so no change is missed.
 * Nothing runs before {@link WorkQueue.start}.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #handle: (key: string) => Promise<void>
  readonly #workers: number
  readonly #limiter: RateLimiter
  readonly #metrics: QueueMetrics | undefined
  /** Keys that wait, in order, each with the monotonic time it came (0 when nobody measures); in neither of the two below. */
  readonly #waiting = new Map<string, number>()
  readonly #running = new Set<string>()
  /** Keys added while they ran. */
  readonly #again = new Set<string>()
  readonly #delayed = new Map<string, { at: number; timer: Timer }>()
  #idle: Array<() => void> = []
  #hasStarted = false
  #isStopped = false

  constructor({ clock, handle, workers = 1, limiter = createRateLimiter({ clock }), metrics }: WorkQueueOptions) {
    this.#clock = clock
    this.#handle = handle
    this.#workers = workers
    this.#limiter = limiter
    this.#metrics = metrics
    metrics?.of(() => this.length)
  }

  get length(): number {
    return this.#waiting.size
  }

  start(): void {
    this.#hasStarted = true
    this.#pump()
  }

  add(key: string): void {
    if (this.#isStopped) return
    const isRunning = this.#running.has(key)
    const isQueued = isRunning ? this.#again.has(key) : this.#waiting.has(key)
    if (isQueued) return
    this.#metrics?.added()
    if (isRunning) this.#again.add(key)
    else this.#enqueue(key)
    this.#pump()
  }

  #enqueue(key: string): void {
    this.#waiting.set(key, this.#metrics ? this.#clock.monotonic() : 0)
  }

  /** Adds the key after a delay; of several delays of one key the earliest counts. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#isStopped) return
    if (milliseconds <= 0) return this.add(key)
    const at = this.#clock.monotonic() + milliseconds
    const known = this.#delayed.get(key)
    if (known && known.at <= at) return
    known?.timer.cancel()
    const timer = this.#clock.after(milliseconds, () => {
      this.#delayed.delete(key)
      this.add(key)
    })
    this.#delayed.set(key, { at, timer })
  }

  /** Adds the key once its back-off is over. */
  addRateLimited(key: string): void {
    this.#metrics?.retried()
    this.addAfter(key, this.#limiter.when(key))
  }

  forget(key: string): void {
    this.#limiter.forget(key)
  }

  failures(key: string): number {
    return this.#limiter.failures(key)
  }

  /** Drops what waits and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#waiting.clear()
    this.#again.clear()
    for (const { timer } of this.#delayed.values()) timer.cancel()
    this.#delayed.clear()
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #pump(): void {
    while (this.#hasStarted && this.#running.size < this.#workers) {
      const next = this.#waiting.entries().next()
      if (next.done) return
      const [key, since] = next.value
      this.#waiting.delete(key)
      this.#running.add(key)
      void this.#run(key, since)
    }
  }

  async #run(key: string, since: number): Promise<void> {
    const over = this.#metrics?.begun(this.#clock.monotonic(), since)
    try {
      await this.#handle(key)
    } finally {
      this.#running.delete(key)
      over?.(this.#clock.monotonic())
      if (this.#again.delete(key)) this.#enqueue(key)
      this.#pump()
      if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
    }
  }
}
