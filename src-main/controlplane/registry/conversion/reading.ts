import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Core } from '../context.ts'
import { listEntries } from '../list.ts'
import type { Entry, EntryList, ListOptions, RegistryEvent, Target, WatchOptions } from '../registry.ts'
import { selection, type Selection } from '../selection.ts'
import { watchEntries } from '../watch.ts'
import { ConversionError, ConvertedEntry } from './conversions.ts'

/**
 * Fields of the object itself differ between versions: who selects by them does so after the conversion. Undefined when what is stored
 * decides.
 */
function lateSelection({ descriptor }: Target, { labels, fields }: Pick<ListOptions, 'labels' | 'fields'>): Selection {
  const chosen = selection(descriptor, labels, fields)
  return fields?.requirements.some(({ field }) => !field.startsWith('metadata.')) ? chosen : undefined
}

/** Lists a kind whose versions a webhook makes of each other. A selection by its own fields is answered in one page. */
export async function listViews(core: Core, target: Target, options: ListOptions): Promise<EntryList> {
  const chosen = lateSelection(target, options)
  if (!chosen) {
    const found = await listEntries(core, target, options)
    return { ...found, entries: await core.conversions.views(target, found.entries) }
  }
  const all = await listEntries(core, target, { ...options, labels: undefined, fields: undefined, limit: undefined })
  const entries = await core.conversions.views(target, all.entries)
  return { ...all, entries: entries.filter(({ object }) => chosen(object)) }
}

/** As {@link listViews}, but what cannot be converted stays as it is: a broken webhook holds up no deletion. */
export async function listViewsIfPossible(core: Core, target: Target, options: ListOptions): Promise<EntryList> {
  try {
    return await listViews(core, target, options)
  } catch (error) {
    if (!(error instanceof ConversionError) || lateSelection(target, options)) throw error
    return listEntries(core, target, options)
  }
}

/** Watches such a kind; each batch of events is one review. */
export async function watchViews(
  core: Core,
  target: Target,
  options: WatchOptions,
): Promise<AsyncIterable<readonly RegistryEvent[]>> {
  const chosen = lateSelection(target, options)
  const given = chosen ? { ...options, labels: undefined, fields: undefined } : options
  const events = await watchEntries(core, target, given)
  return converted(core, target, events, chosen)
}

async function* converted(
  core: Core,
  target: Target,
  events: AsyncIterable<readonly RegistryEvent[]>,
  chosen: Selection,
): AsyncGenerator<readonly RegistryEvent[]> {
  for await (const batch of events) {
    const raw = new Set<Entry>()
    for (const event of batch) {
      if (event.type === 'BOOKMARK') continue
      raw.add(event.entry)
      if (chosen && event.previous) raw.add(event.previous)
    }
    const entries = [...raw]
    const views = await core.conversions.views(target, entries)
    const viewOf = new Map(entries.map((entry, i) => [entry, views[i]!]))
    yield batch.flatMap((event): RegistryEvent[] => {
      if (event.type === 'BOOKMARK') return [event]
      const entry = viewOf.get(event.entry)!
      return chosen
        ? translated(event.type, entry, event.previous && viewOf.get(event.previous), chosen, target)
        : [{ type: event.type, entry }]
    })
  }
}

/** As a watcher with this selection sees a change: what comes to match is added, what no longer does is deleted. */
function translated(
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  entry: Entry,
  previous: Entry | undefined,
  chosen: NonNullable<Selection>,
  target: Target,
): RegistryEvent[] {
  const before = previous !== undefined && chosen(previous.object)
  if (type === 'DELETED') return before || (!previous && chosen(entry.object)) ? [{ type, entry }] : []
  if (chosen(entry.object)) return [{ type: before ? 'MODIFIED' : 'ADDED', entry }]
  return before ? [{ type: 'DELETED', entry: departed(previous, entry, target) }] : []
}

/** The last state that the watcher saw, at the revision of the change. */
function departed(previous: Entry, { revision }: Entry, { descriptor }: Target): Entry {
  const { stored, object } = previous as ConvertedEntry
  const last: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
  const { key, value, createRevision } = stored
  return new ConvertedEntry({ key, value, createRevision, modRevision: revision }, descriptor, last)
}
