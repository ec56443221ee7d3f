/** A pending timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void
}

/** Time as a dependency, so that tests advance it and nothing sleeps. All values are milliseconds. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch: for timestamps. */
  now(): number
  /** Never goes back and does not jump with the wall clock: for durations. */
  monotonic(): number
  /** Runs `callback` once after `delay`. */
  after(delay: number, callback: () => void): Timer
}

/** The machine's own clock. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, callback) {
    const handle = setTimeout(callback, Math.min(delay, 0x7fffffff)) as { unref?: () => void }
    handle.unref?.()
    return { cancel: () => clearTimeout(handle as never) }
  },
}

/** A clock that stands still until {@link FakeClock.advance}. */
export class FakeClock implements Clock {
  #now: number
  #turned = 0
  #origin: number
  #timers: Array<{ at: number; callback: () => void }> = []

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start
    this.#origin = start
  }

  now(): number {
    return this.#now + this.#turned
  }

  /** Sets the wall clock alone, forward or, by a negative number, back: durations and timers go on. */
  turn(milliseconds: number): void {
    this.#turned += milliseconds
  }

  monotonic(): number {
    return this.#now - this.#origin
  }

  after(delay: number, callback: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, delay), callback }
    this.#timers.push(timer)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((t) => t !== timer)
      },
    }
  }

  /** Number of timers that wait. */
  get pending(): number {
    return this.#timers.length
  }

  /** Moves time on, running due timers in order, and lets promise callbacks run between them. */
  async advance(milliseconds: number): Promise<void> {
    const target = this.#now + milliseconds
    for (;;) {
      const due = this.#timers.filter((t) => t.at <= target).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers = this.#timers.filter((t) => t !== due)
      this.#now = Math.max(this.#now, due.at)
      due.callback()
      await settle()
    }
    this.#now = target
    await settle()
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
