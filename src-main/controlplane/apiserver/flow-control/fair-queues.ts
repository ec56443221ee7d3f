import { dealHand } from './shuffle-shard.ts'

/** How requests of a level are shuffled over queues (kubernetes.io, "API Priority and Fairness: PriorityLevelConfiguration"). */
export interface QueueSize {
  queues: number
  handSize: number
  /** Requests that one queue holds. */
  queueLengthLimit: number
}

/** A request that waits for its seats. */
export interface Waiting {
  readonly flow: string
  readonly seats: number
  /** Its seats are taken: it may go. The queue is told when it is done. */
  go(queue: Queue): void
}

/** One queue, with the work that it was given so far. */
export interface Queue {
  readonly index: number
  readonly waiting: Waiting[]
  executing: number
  /** Seat-milliseconds on the common scale, as of the next request's start. */
  start: number
}

/** Milliseconds that a request is taken to last until it is known how long it did. */
const GUESS = 1_000

/**
 * Queues of one level, served in turn by how much work each was given (start-time fair queuing; kubernetes.io, "API Priority and Fairness:
 * Queuing"): a flow that floods its queues waits behind itself, not before others. A queue exists only while somebody waits in it or is
 * worked on, so a level at rest holds nothing.
 */
export class FairQueues {
  size: QueueSize
  waiting = 0
  readonly #queues = new Map<number, Queue>()
  /** Where the scale stands: the start of the last request that was let go. */
  #now = 0

  constructor(size: QueueSize) {
    this.size = size
  }

  get active(): Iterable<Queue> {
    return this.#queues.values()
  }

  /** Puts a request into the shortest queue of its flow's hand; false when that is full. */
  add(request: Waiting, limit: number = this.size.queueLengthLimit): boolean {
    const { queues, handSize } = this.size
    let best: number | undefined
    let shortest = Infinity
    for (const index of dealHand(request.flow, queues, handSize)) {
      const length = this.#queues.get(index)?.waiting.length ?? 0
      if (length >= shortest) continue
      shortest = length
      best = index
    }
    if (best === undefined || shortest >= limit) return false
    let queue = this.#queues.get(best)
    if (!queue) this.#queues.set(best, (queue = { index: best, waiting: [], executing: 0, start: this.#now }))
    queue.waiting.push(request)
    this.waiting++
    return true
  }

  /** The request whose turn it is, and its queue. */
  next(): { request: Waiting; queue: Queue } | undefined {
    let found: Queue | undefined
    let least = Infinity
    for (const queue of this.#queues.values()) {
      const first = queue.waiting[0]
      if (!first) continue
      const finish = queue.start + first.seats * GUESS
      if (finish >= least) continue
      least = finish
      found = queue
    }
    return found && { request: found.waiting[0]!, queue: found }
  }

  /** Takes the request that {@link next} told out of its queue to be worked on. */
  take(queue: Queue): void {
    const request = queue.waiting.shift()!
    this.waiting--
    queue.executing++
    this.#now = queue.start
    queue.start += request.seats * GUESS
  }

  /** A request that was taken is done after so many milliseconds. */
  finished(queue: Queue, seats: number, took: number): void {
    queue.executing--
    queue.start += seats * (took - GUESS)
    this.#forget(queue)
  }

  /** Takes out a request that no longer waits. */
  remove(request: Waiting): void {
    for (const queue of this.#queues.values()) {
      const at = queue.waiting.indexOf(request)
      if (at < 0) continue
      queue.waiting.splice(at, 1)
      this.waiting--
      return this.#forget(queue)
    }
  }

  /** Takes out all who wait, in no order. */
  drain(): Waiting[] {
    const all = [...this.#queues.values()].flatMap((queue) => queue.waiting.splice(0))
    this.waiting = 0
    return all
  }

  #forget(queue: Queue): void {
    if (queue.waiting.length > 0 || queue.executing > 0) return
    if (this.#queues.get(queue.index) === queue) this.#queues.delete(queue.index)
  }
}
