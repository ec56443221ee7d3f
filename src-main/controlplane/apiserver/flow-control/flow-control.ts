import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { LinkedList, type Link } from '../../../../src-kube/machinery/linked-list.ts'
import type { ObjectWatcher, UserInfo } from '../../admission/admission.ts'
import { Configuration } from './configuration.ts'
import type { Queue, Waiting } from './fair-queues.ts'
import type { Flow, PriorityLevel } from './level.ts'
import type { Asked } from './match.ts'

/** Milliseconds that a request waits at most: a quarter of the minute that a request may last. */
export const LONGEST_WAIT = 15_000

/** Milliseconds that a request holds its seats at most: kube-apiserver ends a request after a minute. */
export const LONGEST_HELD = 60_000

/** Why a request is answered with 429, as the label `reason` of metrics has it. */
export type Refused = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled'

/** A request found no seat. */
export class TooManyRequests extends Error {
  readonly reason: Refused
  constructor(reason: Refused) {
    super('Too many requests, please try again later.')
    this.reason = reason
  }
}

/** A request as far as it chooses a flow: the user, and what is asked for. */
export interface Asker {
  readonly user: UserInfo
  readonly asked: Asked
}

/** The seats of a request that is being worked on. */
export interface Seats extends Asker {
  readonly flow: Flow
  readonly seats: number
  /** Wall clock, milliseconds. */
  readonly since: number
  /** Where it waited. */
  readonly queue: Queue | undefined
}

/** What a request gives back when it is over. */
export type TakenSeats = Link<Seats>

/** A request that waits, as the debug endpoints list it. */
export interface WaitingRequest extends Waiting, Asker {
  readonly of: Flow
  /** Wall clock, milliseconds. */
  readonly arrived: number
}

const GROUP = 'flowcontrol.apiserver.k8s.io'

/**
 * Decides of every request when it is worked on (kubernetes.io, "API Priority and Fairness"; KEP-1040). A request that finds its seats free
 * costs a look-up and some additions; only one that does not is queued or refused.
 */
export class FlowControl {
  readonly configuration = new Configuration()
  /** What is being worked on. */
  readonly running = new LinkedList<Seats>()
  readonly #clock: Clock
  readonly #schemas = new Map<string, FlowSchema>()
  readonly #levels = new Map<string, PriorityLevelConfiguration>()
  #isStale = true
  /** Requests that wait, at all levels. */
  #waiting = 0
  readonly #stops: Array<() => void> = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Follows the objects of the registry; resolves when it knows those there are. */
  async start(read: ObjectWatcher): Promise<void> {
    await Promise.all([
      this.#follow(read, 'flowschemas', this.#schemas),
      this.#follow(read, 'prioritylevelconfigurations', this.#levels),
    ])
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  async #follow(read: ObjectWatcher, resource: string, into: Map<string, unknown>): Promise<void> {
    const heard = new Set<string>()
    const stop = read.observe(GROUP, resource, (object, old) => {
      const { name } = (object ?? old)!.metadata
      if (!listed) heard.add(name)
      if (object) into.set(name, object)
      else into.delete(name)
      this.#isStale = true
    })
    this.#stops.push(stop)
    let listed = false
    for (const object of await read.list(GROUP, resource))
      if (!heard.has(object.metadata.name)) into.set(object.metadata.name, object)
    listed = true
    this.#isStale = true
  }

  /** Which flow a request belongs to now. */
  flowOf(user: UserInfo, asked: Asked): Flow | undefined {
    if (this.#isStale) {
      this.#isStale = false
      this.configuration.replace([...this.#schemas.values()], [...this.#levels.values()])
      if (this.#waiting > 0) this.#offer()
    }
    return this.configuration.flowOf(user, asked)
  }

  /**
   * Takes the seats of a request at once, or waits for them.
   *
   * @param gone asked for only when it has to wait; aborts when the client no longer does
   * @throws TooManyRequests when there is no seat and no place to wait, or the wait was too long
   */
  enter(flow: Flow, asker: Asker, wanted: number, gone: () => AbortSignal): TakenSeats | Promise<TakenSeats> {
    const { level } = flow
    const seats = level.width(wanted)
    if (this.#isFree(level, seats) || (this.#reclaim() && this.#isFree(level, seats))) {
      level.take(seats)
      return this.#sit(flow, seats, asker, undefined)
    }
    if (!level.queuing) throw this.#refuse(flow, 'concurrency-limit')
    return this.#wait(flow, seats, asker, gone())
  }

  /** False while others wait at the level, or at one whose own seats these are: nobody is overtaken. */
  #isFree(level: PriorityLevel, seats: number): boolean {
    if (level.waiting > 0 || !level.fits(seats)) return false
    return this.#waiting === 0 || !level.borrows(seats) || !this.configuration.levels.some(({ isOwed }) => isOwed)
  }

  /** Takes the seats of requests that have lasted too long, such as answers to a client that stopped reading; whether there were any. */
  #reclaim(): boolean {
    const before = this.#clock.now() - LONGEST_HELD
    const { size } = this.running
    for (const taken of this.running.links()) {
      if (taken.value.since > before) break
      this.leave(taken)
    }
    return this.running.size < size
  }

  /** The level's seats are taken. */
  #sit(flow: Flow, seats: number, { user, asked }: Asker, queue: Queue | undefined): TakenSeats {
    flow.tally.dispatched++
    flow.tally.executing++
    return this.running.add({ flow, seats, user, asked, since: this.#clock.now(), queue })
  }

  #wait(flow: Flow, seats: number, asker: Asker, gone: AbortSignal): Promise<TakenSeats> {
    const { level, tally } = flow
    return new Promise<TakenSeats>((resolve, reject) => {
      const leave = (reason: Refused): void => {
        settle()
        level.queues?.remove(waiting)
        reject(this.#refuse(flow, reason))
      }
      const onGone = (): void => leave('cancelled')
      const timer = this.#clock.after(LONGEST_WAIT, () => leave('time-out'))
      const settle = (): void => {
        timer.cancel()
        gone.removeEventListener('abort', onGone)
        tally.waiting--
        this.#waiting--
      }
      const go = (queue: Queue): void => {
        settle()
        resolve(this.#sit(flow, seats, asker, queue))
      }
      const name = `${flow.schema.metadata.name} ${flow.distinguisher}`
      const { user, asked } = asker
      const waiting: WaitingRequest = { flow: name, seats, of: flow, user, asked, arrived: this.#clock.now(), go }
      tally.waiting++
      this.#waiting++
      gone.addEventListener('abort', onGone)
      if (gone.aborted) leave('cancelled')
      else if (!level.queues?.add(waiting)) leave('queue-full')
      else level.dispatch()
    })
  }

  #refuse({ level, tally }: Flow, reason: Refused): TooManyRequests {
    if (reason === 'time-out') level.counts.timedOut++
    else if (reason === 'cancelled') level.counts.cancelled++
    else level.counts.rejected++
    tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + 1)
    return new TooManyRequests(reason)
  }

  /** Gives seats back, to those who wait; once, whoever asks again. */
  leave(taken: TakenSeats): void {
    if (!this.running.remove(taken)) return
    const { flow, seats, queue, since } = taken.value
    const { level, tally } = flow
    level.give(seats)
    tally.executing--
    if (queue) level.queues?.finished(queue, seats, Math.max(0, this.#clock.now() - since))
    if (this.#waiting > 0) this.#offer()
  }

  /** What one level had borrowed may be what another waits for: those come first that have less than is theirs. */
  #offer(): void {
    const { levels } = this.configuration
    for (const level of levels) level.dispatch(level.limits.nominal)
    if (!levels.some(({ isOwed }) => isOwed)) for (const level of levels) level.dispatch()
  }
}
