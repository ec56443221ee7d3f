import { computed, type ComputedRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { useCluster } from '../api/context.ts'
import { useWatchList } from '../api/use-watch-list.ts'
import type { RefusedKind } from '../namespaces/refusals.ts'
import { accessViews, grantsOf, type AccessObjects, type Grant } from './grants.ts'

interface Grants {
  grants: ComputedRef<Grant[]>
  /** Why some of it cannot be read, though it may be. */
  problem: ComputedRef<string | undefined>
  /** What of it may not be read. */
  refused: ComputedRef<RefusedKind[]>
  /** Whether all of it was read; else nobody can say that something is not granted. */
  isReady: ComputedRef<boolean>
}

/** All that the cluster on screen grants, live. Must be called in setup, when the cluster has said which kinds it has. */
export function useGrants(): Grants {
  const { kube, view } = useCluster()
  const lists = Object.entries(accessViews).flatMap(([name, id]) => {
    const found = view(id)
    return found ? [{ name, view: found, list: useWatchList(kube, found) }] : []
  })
  const objectsOf = (): AccessObjects => {
    const none: KubeObject[] = []
    const read = Object.fromEntries(lists.map(({ name, list }) => [name, [...list.objects.value.values()]]))
    return { roles: none, clusterRoles: none, roleBindings: none, clusterRoleBindings: none, ...read }
  }
  return {
    grants: computed(() => grantsOf(objectsOf())),
    isReady: computed(() => lists.every(({ list }) => ['live', 'stale'].includes(list.state.value))),
    refused: computed(() => lists.map(({ view, list }) => ({ view, refusals: list.refusals.value }))),
    problem: computed(
      () => lists.find(({ list }) => list.refusals.value.length === 0 && list.error.value)?.list.error.value?.message,
    ),
  }
}
