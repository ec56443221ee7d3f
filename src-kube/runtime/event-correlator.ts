import type { Event } from '#types/core/v1'
import type { Clock } from '../machinery/clock.ts'
import { formatTime } from '../machinery/time.ts'

/** How an event is to be written: as a new object, or as a change of one written before. */
export interface CorrelatedEvent {
  event: Event
  isUpdate: boolean
}

/** Numbers and milliseconds of client-go's correlator. */
const MAX_SIMILAR = 10
const SIMILAR_WITHIN = 600_000
const SPAM_BURST = 25
const SPAM_REFILL = 300_000
/** What is remembered of each; then the oldest goes. */
const CACHE_SIZE = 4096

/**
 * Keeps repetition from flooding the cluster, as client-go does: the same event again raises the count of the first; more than ten
 * different messages of one reason about one object within ten minutes become one "(combined from similar events)"; one object gets
 * at most 25 events at once from one source, then one in five minutes.
 */
export class EventCorrelator {
  readonly #clock: Pick<Clock, 'now'>
  readonly #written = new Map<string, { name: string; count: number; first: string }>()
  readonly #similar = new Map<string, { messages: Set<string>; last: number }>()
  readonly #spam = new Map<string, { tokens: number; at: number }>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** Undefined when the event is one too many. */
  correlate(given: Event): CorrelatedEvent | undefined {
    const { source, involvedObject: about, reason, type } = given
    const object = [
      source?.component,
      source?.host,
      about.kind,
      about.namespace,
      about.name,
      about.uid,
      about.fieldPath,
    ]
    if (this.#isSpam(object.join('/'))) return undefined
    const group = [...object, type, reason].join('/')
    const combined = this.#isOneOfMany(group, given.message ?? '')
    const event = combined ? { ...given, message: `(combined from similar events): ${given.message}` } : given
    const key = combined ? group : `${group}/${given.message}`
    const known = this.#written.get(key)
    const first = known?.first ?? event.firstTimestamp ?? formatTime(this.#clock.now())
    const record = { name: known?.name ?? event.metadata.name, count: (known?.count ?? 0) + 1, first }
    remember(this.#written, key, record)
    const metadata = { ...event.metadata, name: record.name }
    return { event: { ...event, metadata, count: record.count, firstTimestamp: first }, isUpdate: known !== undefined }
  }

  #isSpam(key: string): boolean {
    const now = this.#clock.now()
    const bucket = this.#spam.get(key) ?? { tokens: SPAM_BURST, at: now }
    bucket.tokens = Math.min(SPAM_BURST, bucket.tokens + Math.max(0, now - bucket.at) / SPAM_REFILL)
    bucket.at = now
    const full = bucket.tokens < 1
    if (!full) bucket.tokens--
    remember(this.#spam, key, bucket)
    return full
  }

  #isOneOfMany(key: string, message: string): boolean {
    const now = this.#clock.now()
    let group = this.#similar.get(key)
    if (!group || now - group.last > SIMILAR_WITHIN) group = { messages: new Set(), last: now }
    group.last = now
    const many = !group.messages.has(message) && group.messages.size >= MAX_SIMILAR
    if (!many) group.messages.add(message)
    remember(this.#similar, key, group)
    return many
  }
}

/** Sets the newest entry and drops the oldest beyond the size. */
function remember<V>(cache: Map<string, V>, key: string, value: V): void {
  cache.delete(key)
  cache.set(key, value)
  if (cache.size > CACHE_SIZE) {
    const oldest = cache.keys().next()
    if (!oldest.done) cache.delete(oldest.value)
  }
}
