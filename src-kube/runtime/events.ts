import type { Event, EventSource, ObjectReference } from '#types/core/v1'
import { refs } from '../client/refs.ts'
import type { Client } from '../client/typed-client.ts'
import { isNotFound } from '../machinery/errors.ts'
import type { ObjectLike } from '../machinery/meta.ts'
import { formatTime } from '../machinery/time.ts'
import { EventCorrelator } from './event-correlator.ts'
import { createEventSink, type EventSinkOptions } from './event-sink.ts'

/** Tells users what happened to an object, as `kubectl describe` shows it. Never throws and never waits. */
export interface EventRecorder {
  /** `about` is an object, or a reference to one (with `fieldPath` for a container). */
  event(about: ObjectLike | ObjectReference, type: 'Normal' | 'Warning', reason: string, message: string): void
}

/** The reporter of events of `v1`; events that are alike are counted in one (`count`). */
export interface EventRecorderOptions extends EventSinkOptions {
  client: Client
  /** `deployment-controller`, `kubelet`, … */
  component: string
  /** The node, for a component that runs on one. */
  host?: string | undefined
}

/** Events that wait to be written at most; those that come then are lost. */
const MAX_WAITING = 10_000
/** Characters, as the API server has it. */
const MAX_MESSAGE = 1024
/** Shared by all recorders of a process: two that tell of one object in one millisecond give two names. */
let serial = 0

/** Writes in the background until the signal aborts. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock, component, host } = options
  const correlator = new EventCorrelator(clock)
  const waiting: Event[] = []
  let isWriting = false
  const sink = createEventSink(options)
  const drain = async () => {
    isWriting = true
    for (let event = waiting.shift(); event; event = waiting.shift()) {
      const correlated = correlator.correlate(event)
      if (!correlated) continue
      const { event: next, isUpdate } = correlated
      await sink(next.reason, async () => {
        if (!isUpdate || !(await raiseCount(client, next))) await client.resource(refs.events).create(next)
      })
    }
    isWriting = false
  }
  return {
    event(about, type, reason, message) {
      if (options.signal.aborted || waiting.length >= MAX_WAITING) return
      const involvedObject = referenceTo(about)
      const stamp = ((clock.now() * 1000 + (serial++ % 1000)) * 1000).toString(16)
      const time = formatTime(clock.now())
      const source: EventSource = { component, ...(host ? { host } : {}) }
      waiting.push({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: {
          name: `${involvedObject.name}.${stamp}`,
          namespace: involvedObject.namespace || 'default',
        } as Event['metadata'],
        involvedObject,
        reason,
        message: message.length > MAX_MESSAGE ? message.slice(0, MAX_MESSAGE) : message,
        source,
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
        type,
        reportingComponent: component,
        reportingInstance: host ?? '',
      })
      if (!isWriting) void drain()
    },
  }
}

/** The reference under which an object is named in events. */
export function referenceTo(about: ObjectLike | ObjectReference): ObjectReference {
  if (!('metadata' in about)) return about
  const { apiVersion, kind, metadata } = about
  const { name, namespace, uid, resourceVersion } = metadata
  return { kind, ...(namespace ? { namespace } : {}), name, uid, apiVersion, resourceVersion }
}

/** False when the event has expired on the server and must be created again. */
async function raiseCount(client: Client, event: Event): Promise<boolean> {
  const { count, lastTimestamp, message } = event
  const { name, namespace } = event.metadata
  const body = { count, lastTimestamp, message }
  try {
    const type = 'application/strategic-merge-patch+json'
    await client.resource(refs.events).patch({ name, namespace, type, body })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
