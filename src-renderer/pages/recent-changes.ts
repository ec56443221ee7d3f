/** What somebody changed of late, read from the objects themselves. Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { lastWriteOf } from '../api/last-write.ts'
import type { KindView } from '../kinds/view.ts'

/** The last write to an object; a row of the overview. */
export interface RecentChange {
  view: KindView
  object: KubeObject
  /** Milliseconds since the epoch. */
  at: number
  /** The client that wrote, as it named itself; empty where the server keeps no such record. */
  by: string
  /** The object came into being by it. */
  created: boolean
}

/** Entries of managed fields are no finer than a second. */
const second = 1000

/** The last change of each object, the latest first (kubernetes.io, "Server-Side Apply: Field management"). */
export function recentChanges(
  lists: ReadonlyArray<{ view: KindView; objects: Iterable<KubeObject> }>,
  most: number,
): RecentChange[] {
  const found: RecentChange[] = []
  for (const { view, objects } of lists) for (const object of objects) found.push(lastChange(view, object))
  return found
    .filter(({ at }) => at > 0)
    .sort((a, b) => b.at - a.at || nameOrder(a, b))
    .slice(0, most)
}

const nameOrder = (a: RecentChange, b: RecentChange): number =>
  a.object.metadata.name < b.object.metadata.name ? -1 : 1

function lastChange(view: KindView, object: KubeObject): RecentChange {
  const born = Date.parse(object.metadata.creationTimestamp ?? '') || 0
  const last = lastWriteOf(object)
  const at = Math.max(born, last?.at ?? 0)
  return { view, object, at, by: last?.by ?? '', created: at - born <= second }
}
