import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { KindView } from '../kinds/view.ts'
import type { TimedSource } from '../past/in-time.ts'
import { cellsField } from './cells.ts'
import { pathOf, type Kube } from './kube.ts'
import type { WatchSource } from './watch-list.ts'

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

/** Lists and watches a kind, in one namespace or wherever it is. */
export function kindSource(kube: Kube, view: KindView, namespace?: string): TimedSource {
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
        const body = await kube.get<ListBody & { columnDefinitions?: unknown }>(
          pathOf(view, { namespace, query }),
          accept,
        )
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
        {
          cluster: kube.cluster,
          stream: 'watch',
          path: pathOf(view, { namespace, query }),
          ...(accept ? { accept } : {}),
        },
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

/** Milliseconds after which a namespace that may be read and not watched is read again. */
const namespacePause = 30_000

/** One Namespace, read now and then: a role in it allows to get it, and never to list or watch any. */
export const namespaceSource = (kube: Kube, name: string): WatchSource => ({
  async list() {
    const namespace = await kube.get(pathOf({ group: '', version: 'v1', resource: 'namespaces' }, { name }))
    return { revision: namespace.metadata.resourceVersion ?? '', items: [namespace] }
  },
  watch(_, handlers) {
    queueMicrotask(handlers.opened)
    const timer = setTimeout(() => handlers.closed({ status: { code: 410 } }), namespacePause)
    return { close: () => clearTimeout(timer) }
  },
  onOpen: (listener) => kube.connection.onOpen(listener),
})
