import type { ObjectReference } from '#types/core/v1'
import type { Event, EventSeries } from '#types/events.k8s.io/v1'
import { refs } from '../client/refs.ts'
import type { Client, ResourceClient } from '../client/typed-client.ts'
import type { Timer } from '../machinery/clock.ts'
import { isNotFound } from '../machinery/errors.ts'
import type { Draft, ObjectLike } from '../machinery/meta.ts'
import { formatMicroTime } from '../machinery/time.ts'
import { createEventSink, type EventSinkOptions } from './event-sink.ts'
import { referenceTo } from './events.ts'

/** What happened (kubernetes.io, "Event v1 events.k8s.io"). */
export interface Happening {
  readonly regarding: ObjectLike
  /** A second object that has to do with it. */
  readonly related?: ObjectLike | undefined
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  /** What the reporter was doing: `Binding`. */
  readonly action: string
  /** For people; what is beyond 1,024 characters is left out. */
  readonly note: string
}

/** Tells users what happened to an object, as `kubectl describe` shows it. Never throws and never waits. */
export interface SeriesRecorder {
  event(happening: Happening): void
}

/** The reporter of events of `events.k8s.io/v1`; events that are alike become a series (KEP-383). */
export interface SeriesRecorderOptions extends EventSinkOptions {
  client: Client
  /** `default-scheduler`. */
  controller: string
  /** Which of several that could report: `default-scheduler-host`. */
  instance: string
}

const LONGEST_NOTE = 1024
const MORE = ' ...'
/** Events that wait to be written at most; those that come then are lost. */
const MOST_WAITING = 10_000
/** So many events are remembered as possible beginnings of a series. */
const MOST_KNOWN = 4096
/** A series ends when it has not gone on for so long. */
const FINISH_AFTER = 360_000
/** How often a series that goes on is written. */
const REFRESH_AFTER = 1_800_000

interface Known {
  readonly event: Draft<Event>
  /** Milliseconds since the epoch. */
  seen: number
  written: number
  count: number
  /** As the server knows it. */
  writtenCount: number
}

/**
 * Writes events of `events.k8s.io/v1` (KEP-383). The same event about the same state of an object again makes the first a series of two,
 * which is then written every half hour while it goes on, and once more when nothing was added for six minutes.
 */
export function createSeriesRecorder(options: SeriesRecorderOptions): SeriesRecorder {
  const { clock, signal } = options
  const writer = new EventWriter(options)
  const series = new KnownSeries(options, writer)
  return {
    event(happening) {
      if (signal.aborted) return
      const now = clock.now()
      series.add(eventOf(happening, options, now), now)
    },
  }
}

/** Events that may be the beginning of a series, or are. */
class KnownSeries {
  readonly #options: SeriesRecorderOptions
  readonly #writer: EventWriter
  /** By what makes two events one series; in the order in which they began. */
  readonly #known = new Map<string, Known>()
  #timer: Timer | undefined

  constructor(options: SeriesRecorderOptions, writer: EventWriter) {
    this.#options = options
    this.#writer = writer
    options.signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true })
  }

  add(event: Draft<Event>, now: number): void {
    const key = keyOf(event)
    const before = this.#known.get(key)
    if (before) {
      before.seen = now
      if (++before.count === 2) this.#writer.send(before)
      return
    }
    const entry: Known = { event, seen: now, written: now, count: 1, writtenCount: 1 }
    this.#known.set(key, entry)
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value!)
    this.#writer.send(entry)
    this.#watch()
  }

  #watch(): void {
    const { clock, signal } = this.#options
    if (this.#timer || this.#known.size === 0 || signal.aborted) return
    this.#timer = clock.after(FINISH_AFTER, () => this.#sweep())
  }

  #sweep(): void {
    this.#timer = undefined
    const now = this.#options.clock.now()
    for (const [key, entry] of this.#known) {
      const isOver = now - entry.seen >= FINISH_AFTER
      const isUnwritten = entry.count > entry.writtenCount
      if (isUnwritten && (isOver || now - entry.written >= REFRESH_AFTER)) this.#writer.send(entry)
      if (isOver) this.#known.delete(key)
    }
    this.#watch()
  }
}

/** Writes one event after the other; beyond {@link MOST_WAITING} they are left out. */
class EventWriter {
  readonly #clock: SeriesRecorderOptions['clock']
  readonly #events: ResourceClient<Event>
  readonly #sink: ReturnType<typeof createEventSink>
  readonly #waiting: Known[] = []
  #isWriting = false

  constructor(options: SeriesRecorderOptions) {
    this.#clock = options.clock
    this.#events = options.client.resource(refs.eventsV1)
    this.#sink = createEventSink(options)
  }

  send(entry: Known): void {
    if (this.#waiting.length >= MOST_WAITING) return
    entry.written = this.#clock.now()
    this.#waiting.push(entry)
    if (!this.#isWriting) void this.#drain()
  }

  async #drain(): Promise<void> {
    this.#isWriting = true
    for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) {
      const next = entry
      await this.#sink(next.event.reason, () => this.#write(next))
    }
    this.#isWriting = false
  }

  async #write(entry: Known): Promise<void> {
    const { event } = entry
    if (entry.count === 1) return void (await this.#events.create(event))
    const series: EventSeries = { count: entry.count, lastObservedTime: formatMicroTime(entry.seen) }
    const { name, namespace } = event.metadata
    try {
      const type = 'application/strategic-merge-patch+json'
      await this.#events.patch({ name: name!, namespace, type, body: { series } })
    } catch (error) {
      // It has expired on the server.
      if (!isNotFound(error)) throw error
      await this.#events.create({ ...event, series })
    }
    entry.writtenCount = series.count
  }
}

/** Shared by all recorders of a process: two that tell of one object in one millisecond give two names. */
let serial = 0

function eventOf(given: Happening, { controller, instance }: SeriesRecorderOptions, now: number): Draft<Event> {
  const regarding = referenceTo(given.regarding)
  const stamp = ((now * 1000 + (serial++ % 1000)) * 1000).toString(16)
  const { type, reason, action, note } = given
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${regarding.name}.${stamp}`, namespace: regarding.namespace || 'default' },
    eventTime: formatMicroTime(now),
    reportingController: controller,
    reportingInstance: instance,
    action,
    reason,
    regarding,
    ...(given.related ? { related: referenceTo(given.related) } : {}),
    note: note.length > LONGEST_NOTE ? note.slice(0, LONGEST_NOTE - MORE.length) + MORE : note,
    type,
  }
}

/** What makes two events one series: all but what they say and when. */
function keyOf({ type, action, reason, regarding, related }: Draft<Event>): string {
  const parts = [type, action, reason, ...partsOf(regarding)]
  return (related ? [...parts, ...partsOf(related)] : parts).join('/')
}

const partsOf = (reference: ObjectReference | undefined): unknown[] => [
  reference?.kind,
  reference?.namespace,
  reference?.name,
  reference?.uid,
  reference?.resourceVersion,
]
