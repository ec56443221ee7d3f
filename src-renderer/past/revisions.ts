/** What was written to an object, as its server tells it, and as rows that people read. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf, type Kube } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import { changesOf, type FieldChange } from './changes.ts'
import { writersOf, type Writer } from './writer.ts'

/** The server's answer at `/debug/history` and the path of an object, newest first. */
export interface Revision {
  type: 'put' | 'delete'
  resourceVersion: string
  /** When it was committed, ms since the epoch; absent for what stood there when the history that is kept begins. */
  time?: number
  /** For a delete what was taken away. */
  object: KubeObject
}

/** Some of the versions that the store keeps of an object, newest first. */
export interface RevisionPage {
  revisions: Revision[]
  /** Whether older ones are kept. */
  more: boolean
}

/** Which object of a kind; the namespace is absent for kinds without. */
export interface ObjectName {
  namespace?: string | undefined
  name: string
}

/** The latest `limit` revisions of an object, or those older than the version `before`. Rejects with the server's words. */
export function askRevisions(
  kube: Kube,
  view: KindView,
  object: ObjectName,
  { limit, before }: { limit: number; before?: string | undefined },
): Promise<RevisionPage> {
  const query = { limit: String(limit), ...(before ? { before } : {}) }
  return kube.get<RevisionPage>(`/debug/history${pathOf(view, { ...object, query })}`)
}

/** `kept`: it stood there already when the history that is kept begins. `touched`: nothing that is told changed. */
export type RowKind = 'created' | 'changed' | 'touched' | 'deleted' | 'kept'

/** A line of an object's history: one version and what it changed. */
export interface RevisionRow {
  revision: Revision
  kind: RowKind
  /** The version before it; undefined where there was none, or none is kept. */
  before: Revision | undefined
  changes: FieldChange[]
  writers: Writer[]
}

/** The revisions as rows, newest first; the last one waits for the page after it when there is one. */
export function rowsOf({ revisions, more }: RevisionPage): RevisionRow[] {
  const rows = revisions.map((revision, at) => rowOf(revision, revisions[at + 1]))
  return more ? rows.slice(0, -1) : rows
}

/** Rows are made once for each pair of neighbours: a page more costs what is new in it. */
const known = new WeakMap<Revision, RevisionRow>()

function rowOf(revision: Revision, earlier: Revision | undefined): RevisionRow {
  const before = earlier?.type === 'put' ? earlier : undefined
  const same = known.get(revision)
  if (same && same.before === before) return same
  const { object, time, type } = revision
  const changes = before && type === 'put' ? changesOf(before.object, object) : []
  const row = {
    revision,
    before,
    changes,
    kind: kindOf(revision, before, changes),
    // Who deletes writes nothing into the object.
    writers: type === 'put' ? writersOf(object, before?.object, time) : [],
  }
  known.set(revision, row)
  return row
}

function kindOf({ type, time }: Revision, before: Revision | undefined, changes: readonly FieldChange[]): RowKind {
  if (type === 'delete') return 'deleted'
  if (!before) return time === undefined ? 'kept' : 'created'
  return changes.length > 0 ? 'changed' : 'touched'
}

/** The newest page with what was known already: nothing is asked for twice. Undefined when the two do not meet. */
export function joined(newest: RevisionPage, known: RevisionPage): RevisionPage | undefined {
  const fresh: Revision[] = []
  for (const revision of newest.revisions) {
    const at = known.revisions.findIndex(({ resourceVersion }) => resourceVersion === revision.resourceVersion)
    if (at >= 0) return { revisions: [...fresh, ...known.revisions.slice(at)], more: known.more }
    fresh.push(revision)
  }
  return undefined
}
