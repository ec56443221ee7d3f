import type { Clock, Timer } from '../../../../src-kube/machinery/clock.ts'

/** Milliseconds between two looks at the clocks. When more than the second have passed, the machine was asleep. */
const BEAT = 5_000
const LOST = 10_000

/**
 * When each node was last heard of, on this machine's own monotonic clock. When the machine slept or its clock jumped nobody could have
 * been heard: every node then gets a fresh grace period, so that waking is no eviction storm.
 */
export class Pulse {
  readonly #clock: Clock
  readonly #seen = new Map<string, number>()
  #timer: Timer | undefined
  #monotonic: number
  #wall: number

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#monotonic = clock.monotonic()
    this.#wall = clock.now()
    const tick = () => {
      this.#check()
      this.#timer = clock.after(BEAT, tick)
    }
    this.#timer = clock.after(BEAT, tick)
    signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true })
  }

  heard(node: string): void {
    this.#seen.set(node, this.#clock.monotonic())
  }

  forget(node: string): void {
    this.#seen.delete(node)
  }

  /** Milliseconds of silence; a node never heard of is silent from now on. */
  silence(node: string): number {
    this.#check()
    if (!this.#seen.has(node)) this.heard(node)
    return this.#clock.monotonic() - (this.#seen.get(node) ?? 0)
  }

  #check(): void {
    const monotonic = this.#clock.monotonic()
    const wall = this.#clock.now()
    const passed = monotonic - this.#monotonic
    const jumped = Math.abs(wall - this.#wall - passed) > BEAT
    if (passed > LOST || jumped) for (const node of this.#seen.keys()) this.#seen.set(node, monotonic)
    this.#monotonic = monotonic
    this.#wall = wall
  }
}
