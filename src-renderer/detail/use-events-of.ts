import { computed, type ComputedRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { useCluster } from '../api/context.ts'
import { useWatchList } from '../api/use-watch-list.ts'
import { eventTime } from '../kinds/event-groups.ts'
import { textAt } from '../kinds/view.ts'
import { refusalWords } from '../namespaces/refusals.ts'

/** The live events about an object, latest first. Must be called in setup. */
export function useEventsOf(object: () => KubeObject): ComputedRef<KubeObject[]> {
  const { kube, view } = useCluster()
  const list = useWatchList(kube, view('events')!)
  return computed(() => {
    const { kind, metadata } = object()
    return [...list.objects.value.values()]
      .filter((event) => {
        const uid = textAt(event, 'involvedObject', 'uid')
        // Events of nodes carry the node's name for a uid.
        return uid === metadata.uid || (uid === metadata.name && textAt(event, 'involvedObject', 'kind') === kind)
      })
      .sort((a, b) => eventTime(b) - eventTime(a))
  })
}

/** Why events about an object are not known: the words for it. Must be called in setup. */
export function useEventsRefused(object: () => KubeObject): ComputedRef<ReturnType<typeof refusalWords> | undefined> {
  const { kube, view } = useCluster()
  const { refusals } = useWatchList(kube, view('events')!)
  return computed(() => {
    // Those about what belongs to no namespace stand in `default` (kubernetes.io, "Event v1").
    const { namespace = 'default' } = object().metadata
    const refused = refusals.value.filter((one) => one.namespace === undefined || one.namespace === namespace)
    return refused.length > 0 ? refusalWords({ kind: 'Event' }, refused) : undefined
  })
}
