import type { ServerResponse } from 'node:http'
import { childController } from '../../../../src-kube/client/child-controller.ts'
import { isExpired, StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { Entry, RegistryEvent } from '../../registry/registry.ts'
import { join } from '../../registry/parts.ts'
import { isTrue } from '../http/request-info.ts'
import type { Negotiated } from '../http/negotiation.ts'
import { selectorsOf, type VerbContext } from './context.ts'
import { checkWatchQuery, integerOf } from './list-query.ts'
import { streamFormOf, tableOptions } from './read.ts'
import { partialObject, table } from './table.ts'
import { openSink, type WatchSink } from './watch-sink.ts'
import { jsonLines, wireOf, type Wire } from './watch-wire.ts'

/** Seconds a watch lasts at least when the client names no time; spread, so that clients do not all return at once. */
const SHORTEST = 1800

/**
 * Streams events, as lines of JSON unless the client asks otherwise, until the client goes, its time is up, or the server stops.
 *
 * @param begun called when the stream has begun
 */
export async function watch(context: VerbContext, stopping: AbortSignal, begun?: () => void): Promise<void> {
  const { exchange, registry, target, clock } = context
  const { query } = exchange.info
  const form = streamFormOf(context)
  const wire = wireOf(form)
  checkWatchQuery(query)
  const timeout = integerOf(query, 'timeoutSeconds') ?? 0
  const gone = childController(stopping)
  const response = exchange.response as ServerResponse
  response.once('close', () => gone.abort())
  const seconds = timeout === 0 ? SHORTEST * (1 + Math.random()) : Math.max(timeout, 0)
  const timer = clock.after(seconds * 1000, () => gone.abort())
  const { signal } = gone
  let sink: WatchSink | undefined
  try {
    const name = target.name
    const { labels, fields } = selectorsOf(query)
    const events = await registry.watch(target, {
      labels,
      fields: name ? both(fields, name) : fields,
      resourceVersion: query.get('resourceVersion') ?? undefined,
      bookmarks: isTrue(query.get('allowWatchBookmarks')),
      ...(query.has('sendInitialEvents') ? { sendInitialEvents: isTrue(query.get('sendInitialEvents')) } : {}),
      signal,
    })
    sink = await openSink(exchange, wire, () => gone.abort())
    begun?.()
    const encode = form.as === undefined ? plainEncoder(context, wire) : transformed(context, form.as, form)
    await pump(events, encode, sink, signal)
  } catch (error) {
    if (!sink) throw error
    if (!signal.aborted) void sink.send([errorEvent(error, wire)])
  } finally {
    timer.cancel()
    gone.abort()
    // A watch that was refused before it began is answered by its Status.
    sink?.end()
  }
}

/** Also `metadata.name=…`, for a watch of one object. */
function both(fields: ReturnType<typeof selectorsOf>['fields'], name: string): NonNullable<typeof fields> {
  const own = { field: 'metadata.name', operator: '=' as const, value: name }
  return {
    requirements: [...(fields?.requirements ?? []), own],
    matches: (get) => get('metadata.name') === name && (fields?.matches(get) ?? true),
  }
}

type Encoder = (event: RegistryEvent) => Buffer

async function pump(
  events: AsyncIterable<readonly RegistryEvent[]>,
  encode: Encoder,
  sink: WatchSink,
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of events)
    for (let from = 0; from < batch.length;) {
      if (signal.aborted) return
      const lines: Buffer[] = []
      for (let length = 0; from < batch.length && length < MOST_AT_ONCE; length += lines.at(-1)!.length)
        lines.push(encode(batch[from++]!))
      const full = sink.send(lines)
      if (full) await full
    }
}

/** Bytes that are written at once, and kept for the next watcher: all objects that a watch begins with would be one piece. */
const MOST_AT_ONCE = 2 ** 20

/** Lines of the latest events, shared by all watchers of a version; older ones are made again. */
const latest = new Map<Entry, Map<string, Buffer>>()
const MOST_LATEST = 256

function linesOf(entry: Entry): Map<string, Buffer> {
  let lines = latest.get(entry)
  if (!lines) {
    latest.set(entry, (lines = new Map()))
    if (latest.size > MOST_LATEST) latest.delete(latest.keys().next().value!)
  }
  return lines
}

function plainEncoder({ target }: VerbContext, wire: Wire): Encoder {
  const { served } = target
  const isJson = wire === jsonLines
  const version = formatApiVersion(served.group, served.version) + (isJson ? '' : wire.contentType)
  return (event) => {
    if (event.type === 'BOOKMARK') return wire.event('BOOKMARK', bookmark(target, event))
    const lines = linesOf(event.entry)
    const key = event.type + version
    let line = lines.get(key)
    if (!line) {
      line = isJson
        ? join([`{"type":"${event.type}","object":`, ...event.entry.parts(served), '}\n'])
        : wire.event(event.type, event.entry.as(served))
      lines.set(key, line)
    }
    return line
  }
}

function bookmark({ descriptor, served }: VerbContext['target'], event: RegistryEvent & { type: 'BOOKMARK' }): object {
  return {
    kind: descriptor.kind,
    apiVersion: formatApiVersion(served.group, served.version),
    metadata: {
      resourceVersion: String(event.revision),
      creationTimestamp: null,
      ...(event.initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  }
}

/** Tables and partial objects, made for the few clients that watch in these forms. */
function transformed(context: VerbContext, as: string, form: Negotiated): Encoder {
  const { target } = context
  const wire = wireOf(form)
  let header = true
  const objectOf = (entry: Entry): object => {
    if (as !== 'Table') return partialObject(entry.as(target.served), form.version)
    const rows = table([entry], { ...tableOptions(context, form), header }) as { metadata: object }
    rows.metadata = { resourceVersion: entry.object.metadata.resourceVersion }
    header = false
    return rows
  }
  return (event) => {
    const object = event.type === 'BOOKMARK' ? bookmarkIn(as, context, event, form.version) : objectOf(event.entry)
    return wire.event(event.type, object)
  }
}

function bookmarkIn(
  as: string,
  context: VerbContext,
  event: RegistryEvent & { type: 'BOOKMARK' },
  version: string,
): object {
  const object = bookmark(context.target, event) as { metadata: object }
  const apiVersion = `meta.k8s.io/${version || 'v1'}`
  if (as === 'Table') {
    const metadata = { resourceVersion: String(event.revision) }
    return {
      kind: 'Table',
      apiVersion,
      metadata,
      columnDefinitions: null,
      rows: [{ cells: [], object: { ...object } }],
    }
  }
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata }
}

/** A stream that has begun can fail only with an ERROR event. */
function errorEvent(error: unknown, wire: Wire): Buffer {
  const status =
    error instanceof StatusError
      ? isExpired(error)
        ? new StatusError(410, 'Expired', error.message)
        : error
      : new StatusError(500, 'InternalError', `Internal error occurred: ${(error as Error).message}`)
  return wire.event('ERROR', status.toStatus())
}
