/** Warning events by what they complain of, each with the next step. Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { eventCount, eventTime } from '../kinds/event-groups.ts'
import { hintOfEvent } from '../kinds/event-hints.ts'
import { textAt } from '../kinds/view.ts'

/** Warnings of one reason about objects of one kind, told as one. */
export interface WarningGroup {
  key: string
  reason: string
  kind: string
  /** How often, to all of them. */
  count: number
  /** Different objects it happened to. */
  objects: number
  latest: KubeObject
  /** Picks the sentence `hints.<word>`. */
  hint: string | undefined
}

/** One group for each reason and kind, the latest first. */
export function warningGroups(events: Iterable<KubeObject>, most: number): WarningGroup[] {
  const groups = new Map<string, WarningGroup>()
  const names = new Map<string, Set<string>>()
  for (const event of events) {
    if (textAt(event, 'type') !== 'Warning') continue
    const [reason, kind] = [textAt(event, 'reason'), textAt(event, 'involvedObject', 'kind')]
    const hint = hintOfEvent(event)
    const key = [reason, kind, hint].join('\n')
    const group = groups.get(key) ?? { key, reason, kind, count: 0, objects: 0, latest: event, hint }
    group.count += eventCount(event)
    const happened = names.get(key) ?? new Set()
    names.set(key, happened)
    happened.add(`${textAt(event, 'involvedObject', 'namespace')}/${textAt(event, 'involvedObject', 'name')}`)
    group.objects = happened.size
    if (eventTime(event) > eventTime(group.latest)) group.latest = event
    groups.set(key, group)
  }
  return [...groups.values()].sort((a, b) => eventTime(b.latest) - eventTime(a.latest)).slice(0, most)
}
