import type { Event, ObjectReference } from '#types/core/v1'
import type { Event as NewEvent } from '#types/events.k8s.io/v1'
import type { ObjectLike } from '../../machinery/meta.ts'
import { type Cell, nameColumn, since, text, wideText } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'

/** One storage, two groups: the core event and the one of events.k8s.io (KEP-383) are the same object under other field names. */
export const event = defineKind<Event>({
  group: '',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  others: [
    otherVersion<NewEvent, Event>({ group: 'events.k8s.io', version: 'v1', toStorage, fromStorage: fromStorage('v1') }),
    otherVersion<NewEvent, Event>({
      group: 'events.k8s.io',
      version: 'v1beta1',
      deprecated: { since: '1.22', removed: '1.25' },
      toStorage,
      fromStorage: fromStorage('v1beta1'),
    }),
  ],
  columns: [
    text('Last Seen'),
    text('Type'),
    text('Reason'),
    text('Object'),
    wideText('Subobject'),
    wideText('Source'),
    text('Message'),
    wideText('First Seen'),
    wideText('Count'),
    { ...nameColumn, priority: 1 },
  ],
  row,
  selectableFields: {
    ...referenceFields('involvedObject'),
    ...referenceFields('regarding'),
    reason: (o) => o.reason ?? '',
    reportingComponent: (o) => o.reportingComponent ?? '',
    reportingController: (o) => o.reportingComponent ?? '',
    source: (o) => o.source?.component || o.reportingComponent || '',
    type: (o) => o.type ?? '',
  },
})

function referenceFields(prefix: string): Record<string, (object: Event) => string> {
  const parts: Array<keyof ObjectReference> = [
    'kind',
    'namespace',
    'name',
    'uid',
    'apiVersion',
    'resourceVersion',
    'fieldPath',
  ]
  return Object.fromEntries(parts.map((part) => [`${prefix}.${part}`, (o: Event) => o.involvedObject?.[part] ?? '']))
}

const renamed: ReadonlyArray<[newName: string, coreName: string]> = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
]
const toCore = new Map(renamed)
const fromCore = new Map(renamed.map(([newName, coreName]) => [coreName, newName]))

function rename<To extends ObjectLike>(object: ObjectLike, apiVersion: string, names: ReadonlyMap<string, string>): To {
  const entries = Object.entries(object).map(([field, value]) => [names.get(field) ?? field, value])
  return { ...(Object.fromEntries(entries) as To), apiVersion }
}

function toStorage(object: NewEvent): Event {
  const core = rename<Event>(object, 'v1', toCore)
  return { ...core, involvedObject: core.involvedObject ?? {} }
}

function fromStorage(version: string): (object: Event) => NewEvent {
  return (object) => rename<NewEvent>(object, `events.k8s.io/${version}`, fromCore)
}

function row(object: Event, now: number): Cell[] {
  const first = since(object.firstTimestamp || object.eventTime, now)
  const series = object.series
  const last = series
    ? since(series.lastObservedTime, now)
    : object.lastTimestamp
      ? since(object.lastTimestamp, now)
      : first
  const target = object.involvedObject ?? {}
  const kind = (target.kind ?? '').toLowerCase()
  return [
    last,
    object.type ?? '',
    object.reason ?? '',
    target.name ? `${kind}/${target.name}` : kind,
    target.fieldPath ?? '',
    source(object),
    (object.message ?? '').trim(),
    first,
    String(series?.count || object.count || 1),
    object.metadata.name,
  ]
}

function source(object: Event): string {
  const component = object.source?.component || object.reportingComponent || ''
  const instance = object.source?.component ? object.source.host : object.reportingInstance
  return instance ? `${component}, ${instance}` : component
}
