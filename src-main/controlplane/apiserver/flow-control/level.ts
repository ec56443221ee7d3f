import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'
import { FairQueues, type QueueSize } from './fair-queues.ts'
import type { SeatLimits } from './seats.ts'

/** Seats that levels lend to each other: those that no level is guaranteed. */
export interface Pool {
  size: number
  used: number
}

/** How requests of one flow schema fared at its level. */
export interface Tally {
  dispatched: number
  executing: number
  waiting: number
  rejected: Map<string, number>
}

/** One flow: what a request of a user for a resource was found to belong to. */
export interface Flow {
  readonly level: PriorityLevel
  readonly schema: FlowSchema
  /** Tells its flows apart, `` when nothing does. */
  readonly distinguisher: string
  readonly tally: Tally
  /** For the headers of an answer. */
  readonly schemaUid: string
  readonly levelUid: string
}

/**
 * The seats of one priority level. A level always has those it is guaranteed; beyond them it takes from the pool of what all levels lend,
 * up to the most that it may borrow. Upstream moves the limits every ten seconds by demand; here a lent seat comes back with the request that
 * sits on it, and goes to a level that has less than its share before it is lent again.
 */
export class PriorityLevel {
  readonly name: string
  object: PriorityLevelConfiguration
  limits: SeatLimits
  readonly #pool: Pool
  queues: FairQueues | undefined
  inUse = 0
  executing = 0
  /** Its object is gone: it ends when its last request does. */
  quiescing = false
  readonly counts = { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 }

  constructor(object: PriorityLevelConfiguration, limits: SeatLimits, pool: Pool) {
    this.name = object.metadata.name
    this.object = object
    this.limits = limits
    this.#pool = pool
  }

  get exempt(): boolean {
    return this.object.spec?.type === 'Exempt'
  }

  get waiting(): number {
    return this.queues?.waiting ?? 0
  }

  /** Takes the object's present state. Who waits goes on waiting, in the queues that there are now. */
  configure(object: PriorityLevelConfiguration, limits: SeatLimits): void {
    this.object = object
    this.limits = limits
    const size = sizeOf(object)
    if (!size) {
      // Nobody comes any more; who waits still has its turn.
      if (this.queues?.waiting === 0) this.queues = undefined
      return
    }
    if (!this.queues) return void (this.queues = new FairQueues(size))
    const before = this.queues.size
    this.queues.size = size
    if (before.queues === size.queues && before.handSize === size.handSize) return
    for (const request of this.queues.drain()) this.queues.add(request, Infinity)
  }

  /** Whether newcomers may wait. */
  get queuing(): boolean {
    return sizeOf(this.object) !== undefined
  }

  /** Seats that a request of this width is given at most: no request is wider than its level. */
  width(seats: number): number {
    return seats === 1 ? 1 : Math.max(1, Math.min(seats, this.limits.nominal))
  }

  fits(seats: number): boolean {
    if (this.exempt) return true
    const { guaranteed, most } = this.limits
    const after = this.inUse + seats
    if (after <= guaranteed) return true
    if (after > most) return false
    const { size, used } = this.#pool
    return used + after - Math.max(guaranteed, this.inUse) <= size
  }

  take(seats: number): void {
    this.#occupy(seats)
    this.executing++
    this.counts.dispatched++
  }

  give(seats: number): void {
    this.#occupy(-seats)
    this.executing--
  }

  #occupy(seats: number): void {
    const { guaranteed } = this.limits
    const before = this.inUse
    this.inUse += seats
    if (!this.exempt) this.#pool.used += Math.max(0, this.inUse - guaranteed) - Math.max(0, before - guaranteed)
  }

  /** What it holds of the pool. */
  get borrowed(): number {
    return this.exempt ? 0 : Math.max(0, this.inUse - this.limits.guaranteed)
  }

  /** Whether it goes beyond its share with so many seats more. */
  borrows(seats: number): boolean {
    return !this.exempt && this.inUse + seats > this.limits.nominal
  }

  /** Whether somebody waits for seats of its own share. */
  get isOwed(): boolean {
    const found = this.queues?.next()
    return found !== undefined && this.inUse + found.request.seats <= this.limits.nominal
  }

  /** Lets those go who have their turn and fit, until so many seats are taken. */
  dispatch(most = Infinity): void {
    const { queues } = this
    for (let found = queues?.next(); queues && found; found = queues.next()) {
      const { seats } = found.request
      if (!this.fits(seats) || (!this.exempt && this.inUse + seats > most)) return
      const { request, queue } = found
      queues.take(queue)
      this.take(request.seats)
      request.go(queue)
    }
  }
}

function sizeOf({ spec }: PriorityLevelConfiguration): QueueSize | undefined {
  const response = spec?.limited?.limitResponse
  if (response?.type !== 'Queue') return undefined
  const { queues = 64, handSize = 8, queueLengthLimit = 50 } = response.queuing ?? {}
  return { queues, handSize, queueLengthLimit }
}
