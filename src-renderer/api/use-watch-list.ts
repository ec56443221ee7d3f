import { onScopeDispose, watch } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { KindView } from '../kinds/view.ts'
import { inTime, type TimedSource } from '../past/in-time.ts'
import { cellsField } from './cells.ts'
import { pathOf, type Kube } from './kube.ts'
import { createWatchList, type WatchList } from './watch-list.ts'

/** How long a list lives on after its last view went, so that going back and forth costs nothing; milliseconds. */
const linger = 60_000

interface Shared {
  cluster: string
  view: KindView
  list: WatchList
  users: number
  /** Ends the list; set while nobody uses it. */
  end?: ReturnType<typeof setTimeout> | undefined
}

const shared = new Map<string, Shared>()

/**
 * The one data path of views: the live objects of a kind in a cluster, or those of the moment it is looked at. All views of a kind share one
 * list and one watch, which end a minute after the last scope that uses them. Must be called in a scope (setup).
 */
export function useWatchList(kube: Kube, view: KindView): WatchList {
  return useShared(kube, view, `${kube.cluster} ${view.group} ${view.version} ${view.resource}`)
}

/** As {@link useWatchList}, always of now: for what works with the cluster while its past is looked at. */
export function useLiveList(kube: Kube, view: KindView): WatchList {
  return useShared(
    { ...kube, moment: undefined },
    view,
    `${kube.cluster} ${view.group} ${view.version} ${view.resource} live`,
  )
}

function useShared(kube: Kube, view: KindView, key: string): WatchList {
  let entry = shared.get(key)
  if (!entry) {
    entry = { cluster: kube.cluster, view, list: createWatchList(inTime(kube.moment, sourceOf(kube, view))), users: 0 }
    shared.set(key, entry)
  }
  const mine = entry
  const { table } = mine.view
  // After discovery was asked anew another view stands for the kind: what the server said of its columns is its too.
  if (table && view.table && table !== view.table)
    watch(table.columns, (columns) => (view.table!.columns.value = columns), { immediate: true })
  mine.users++
  clearTimeout(mine.end)
  mine.list.start()
  onScopeDispose(() => {
    if (--mine.users > 0) return
    mine.end = setTimeout(() => {
      if (shared.get(key) === mine) shared.delete(key)
      mine.list.stop()
    }, linger)
  })
  return mine.list
}

/** Ends all lists of a cluster whose past is no more, as after a reset: views that are made from then on begin anew. */
export function forgetLists(cluster: string): void {
  for (const [key, entry] of shared) {
    if (entry.cluster !== cluster) continue
    entry.list.stop()
    shared.delete(key)
  }
}

/** The live objects of a view that is loaded already. */
export function loadedMap(cluster: string, id: string): ReadonlyMap<string, KubeObject> | undefined {
  const found = [...shared.values()].find((entry) => entry.cluster === cluster && entry.view.id === id)
  return found?.list.state.value === 'live' ? found.list.objects.value : undefined
}

interface ListBody {
  metadata: { resourceVersion?: string; continue?: string }
  items?: KubeObject[]
  rows?: TableRow[]
}

interface TableRow {
  cells: unknown[]
  object: KubeObject
}

/** Objects of the first part of a list, there before a person can miss them, and of each that follows. */
const firstPart = 500
const furtherPart = 2000

/** The server makes the columns of kinds that we have no view of. */
const tables = 'application/json;as=Table;v=v1;g=meta.k8s.io'

function sourceOf(kube: Kube, view: KindView): TimedSource {
  const accept = view.table ? tables : undefined
  const include: Record<string, string> = view.table ? { includeObject: 'Object' } : {}
  return {
    async list(moment, part) {
      const items: KubeObject[] = []
      let from: string | undefined
      let revision = ''
      do {
        const then = moment && { resourceVersion: moment.revision, resourceVersionMatch: 'Exact' }
        const query = {
          ...include,
          limit: String(from ? furtherPart : firstPart),
          ...(from ? { continue: from } : then),
        }
        const body = await kube.get<ListBody & { columnDefinitions?: unknown }>(pathOf(view, { query }), accept)
        if (view.table && body.columnDefinitions) view.table.columns.value = body.columnDefinitions as never
        const found = body.rows?.map(withCells) ?? body.items ?? []
        for (const object of found) items.push(object)
        revision = body.metadata.resourceVersion ?? ''
        from = body.metadata.continue
        if (from) part(found)
      } while (from)
      return { revision, items }
    },
    watch(revision, handlers) {
      const query = { ...include, watch: 'true', allowWatchBookmarks: 'true', resourceVersion: revision }
      return kube.connection.open(
        { cluster: kube.cluster, stream: 'watch', path: pathOf(view, { query }), ...(accept ? { accept } : {}) },
        {
          opened: handlers.opened,
          closed: handlers.closed,
          events: view.table ? (events) => handlers.events(events.flatMap(fromTable)) : handlers.events,
        },
      )
    },
    onOpen: (listener) => kube.connection.onOpen(listener),
  }
}

const withCells = ({ object, cells }: TableRow): KubeObject => ({ ...object, [cellsField]: cells })

function fromTable({ type, object }: { type: string; object: unknown }): Array<{ type: string; object: unknown }> {
  const rows = (object as { rows?: TableRow[] }).rows
  return rows ? rows.map((row) => ({ type, object: withCells(row) })) : [{ type, object }]
}
