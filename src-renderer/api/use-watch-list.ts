import { onScopeDispose, ref, watch } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { KindView } from '../kinds/view.ts'
import { scopeOf } from '../namespaces/known-scopes.ts'
import { inTime } from '../past/in-time.ts'
import { kindSource, namespaceSource } from './kind-source.ts'
import type { Kube } from './kube.ts'
import { createScopedList } from './scoped-list.ts'
import { createWatchList, type WatchList, type WatchSource } from './watch-list.ts'

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
 * list and one watch, or one each for every namespace where the cluster as a whole may not be read; they end a minute after the last scope
 * that uses them. Must be called in a scope (setup).
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
    entry = { cluster: kube.cluster, view, list: listOf(kube, view), users: 0 }
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

const sharedOf = (cluster: string, id: string): Shared | undefined =>
  [...shared.values()].find((entry) => entry.cluster === cluster && entry.view.id === id)

/** Whether the list of a view is there, of the whole cluster. */
export const isWholeList = (cluster: string, id: string): boolean => sharedOf(cluster, id)?.list.isWhole.value === true

/** The live objects of a view that is loaded already. */
export function loadedMap(cluster: string, id: string): ReadonlyMap<string, KubeObject> | undefined {
  const found = sharedOf(cluster, id)
  return found?.list.state.value === 'live' ? found.list.objects.value : undefined
}

function listOf(kube: Kube, view: KindView): WatchList {
  const scope = scopeOf(kube.cluster)
  const sourceOf = (namespace?: string): WatchSource => inTime(kube.moment, kindSource(kube, view, namespace))
  if (view.namespaced) return createScopedList(sourceOf, scope)
  if (view.id !== 'namespaces') return createWatchList(sourceOf())
  // Their names cost little, and are what a part of a big cluster is chosen from.
  const { names } = scope
  return createScopedList((name) => (name ? namespaceSource(kube, name) : sourceOf()), { names, only: ref(false) })
}
