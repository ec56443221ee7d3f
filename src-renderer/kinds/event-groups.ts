/** Events that say the same of several objects, gathered. Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { viewOfKind } from './view-of-kind.ts'
import { timeAt, textAt, type ObjectLink } from './view.ts'

interface EventGroup {
  /** Name of the object, or {@link nameOfAll}. */
  name: string
  /** How often it happened, to all of them. */
  count: number
}

/** What gathered events stand for. */
const groups = new WeakMap<KubeObject, EventGroup>()

/** When an event last happened, whichever of its fields says so. */
export const eventTime = (event: KubeObject): number =>
  timeAt(event, 'series', 'lastObservedTime') ||
  timeAt(event, 'lastTimestamp') ||
  timeAt(event, 'eventTime') ||
  timeAt(event, 'metadata', 'creationTimestamp')

/** How often it happened; of a gathered event, to all that it stands for. */
export const eventCount = (event: KubeObject): number =>
  groups.get(event)?.count ?? Number(textAt(event, 'series', 'count') || textAt(event, 'count') || 1)

/** The name of what an event is about. */
export const eventObject = (event: KubeObject): string =>
  groups.get(event)?.name ?? textAt(event, 'involvedObject', 'name')

/** What an event is about, where that is a kind that is known; a gathered event, the latest of them. */
export function eventLink(event: KubeObject): ObjectLink | undefined {
  const view = viewOfKind[textAt(event, 'involvedObject', 'kind')]
  const namespace = textAt(event, 'involvedObject', 'namespace')
  const name = textAt(event, 'involvedObject', 'name')
  return view && name ? { view, name, ...(namespace ? { namespace } : {}) } : undefined
}

/** What makes events alike: all but the names of their objects. */
function likeness(event: KubeObject): string {
  const name = textAt(event, 'involvedObject', 'name')
  const words = textAt(event, 'message')
  const parts = ['type', 'reason'].map((field) => textAt(event, field))
  const message = name === '' ? words : words.replaceAll(name, '*')
  return [...parts, event.metadata.namespace, textAt(event, 'involvedObject', 'kind'), message].join('\n')
}

/** Alike events as one each, the latest of them; by the key of that one. */
export function gatherEvents(events: ReadonlyMap<string, KubeObject>): Map<string, KubeObject> {
  const alike = Map.groupBy(events, ([, event]) => likeness(event))
  return new Map(
    [...alike.values()].map((members): [string, KubeObject] => {
      const [key, latest] = members.reduce((a, b) => (eventTime(b[1]) > eventTime(a[1]) ? b : a))
      if (members.length === 1) return [key, latest]
      const names = new Set(members.map(([, event]) => textAt(event, 'involvedObject', 'name')))
      const copy = { ...latest }
      groups.set(copy, {
        name: nameOfAll([...names]),
        count: members.reduce((sum, [, event]) => sum + eventCount(event), 0),
      })
      return [key, copy]
    }),
  )
}

/** Shorter beginnings than this say nothing. */
const leastStart = 3

/** What names have in common, `web-7c9f-*`, or one of them and how many more, `db-0 +3`. */
function nameOfAll(names: readonly string[]): string {
  if (names.length === 1) return names[0]!
  let length = 0
  while (names.every((name) => length < name.length && name[length] === names[0]![length])) length++
  return length < leastStart ? `${names[0]} +${names.length - 1}` : `${names[0]!.slice(0, length)}*`
}
