/** Namespaces in numbers: what a map shows when there is too much to draw. Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { Level } from '../kinds/health.ts'
import type { Known } from './join.ts'

/** A namespace on the map while its objects are not drawn one by one. */
export interface NamespaceGroup {
  namespace: string
  /** By view: how many there are, in the order of the map's kinds. */
  counts: Array<{ view: string; count: number }>
  /** How many of them fare how; those that fare well are not counted. */
  levels: Partial<Record<Level, number>>
}

/** Objects to draw at most; above that namespaces are counted instead. */
export const mostDrawn = 400

/** What people look for on a map; what these use is too much to count. */
const counted: readonly string[] = [
  'ingresses.networking.k8s.io',
  'services',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'cronjobs.batch',
  'jobs.batch',
  'pods',
]

/** How many objects of all these namespaces would be on a map. */
export function sizeOf(known: Known): number {
  return counted.reduce((sum, view) => sum + (known.get(view)?.size ?? 0), 0)
}

/** By name; `levelOf` tells how an object fares, undefined where that is not known. */
export function groupsOf(
  known: Known,
  levelOf: (view: string, object: KubeObject) => Level | undefined,
): NamespaceGroup[] {
  const groups = new Map<string, NamespaceGroup>()
  for (const view of counted) {
    for (const object of known.get(view)?.values() ?? []) {
      const { namespace = '' } = object.metadata
      let group = groups.get(namespace)
      if (!group) groups.set(namespace, (group = { namespace, counts: [], levels: {} }))
      const last = group.counts.at(-1)
      if (last?.view === view) last.count++
      else group.counts.push({ view, count: 1 })
      const level = levelOf(view, object)
      if (level && level !== 'ok') group.levels[level] = (group.levels[level] ?? 0) + 1
    }
  }
  return [...groups.values()].sort((a, b) => (a.namespace < b.namespace ? -1 : 1))
}
