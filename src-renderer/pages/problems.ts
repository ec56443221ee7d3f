/** What needs attention, said once for objects that have the same trouble. Pure. */
import type { ListState } from '../api/watch-list.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { needsAttention, severity, type Health } from '../kinds/health.ts'
import type { KindView } from '../kinds/view.ts'

/** What is wrong with objects of one kind for one reason; a row of the overview. */
export interface Problem {
  key: string
  view: KindView
  health: Health
  /** Those that have it, by name. */
  objects: KubeObject[]
}

/** Troubles of all objects, the worst first; objects of one owner with one trouble are one problem. */
export function problemsOf(
  lists: ReadonlyArray<{ view: KindView; objects: Iterable<KubeObject> }>,
  most = 100,
): Problem[] {
  const found = new Map<string, Problem>()
  for (const { view, objects } of lists) {
    for (const object of objects) {
      const health = view.health!(object)
      if (!needsAttention(health)) continue
      const { namespace, name, uid, ownerReferences } = object.metadata
      const owner = ownerReferences?.find((one) => one.controller)?.uid ?? uid ?? name
      // A cluster without nodes is the trouble of no pod in particular.
      const whose = health.hint === 'noNodes' ? [] : [namespace, owner]
      const key = [view.id, ...whose, health.reason, health.message?.replaceAll(name, '*')].join('\n')
      const known = found.get(key)
      if (known) known.objects.push(object)
      else found.set(key, { key, view, health, objects: [object] })
    }
  }
  for (const { objects } of found.values()) objects.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  return [...found.values()].sort((a, b) => severity[a.health.level] - severity[b.health.level]).slice(0, most)
}

/** Why some kinds cannot be read, in the words of the server, each once: what is not seen is neither well nor ill. */
export const unreadOf = (lists: ReadonlyArray<{ state: ListState; error: Error | undefined }>): string[] => [
  ...new Set(lists.flatMap(({ state, error }) => (state === 'failed' && error ? [error.message] : []))),
]
