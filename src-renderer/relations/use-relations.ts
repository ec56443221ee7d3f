import { useThrottleFn } from '@vueuse/core'
import { effectScope, onScopeDispose, ref, shallowRef, watch, type EffectScope, type ShallowRef } from 'vue'
import { useCluster } from '../api/context.ts'
import { useWatchList } from '../api/use-watch-list.ts'
import type { Refusal, WatchList } from '../api/watch-list.ts'
import { scopeOf } from '../namespaces/known-scopes.ts'
import type { RefusedKind } from '../namespaces/refusals.ts'
import type { Known } from './join.ts'
import { mapped, rights } from './rules.ts'

/** A map is drawn anew at most this often, milliseconds; one that takes long, a tenth of the time at most. */
const pause = 500

const forRights: ReadonlySet<string> = new Set(['serviceaccounts', ...rights])

interface Relations<Drawn> {
  map: ShallowRef<Drawn>
  /** False until every kind has answered. */
  ready: ShallowRef<boolean>
  /** What is not on it in some namespaces, as it may not be read there. */
  refused: ShallowRef<readonly RefusedKind[]>
}

const isOfNamespace = ({ namespace }: Refusal): boolean => namespace !== undefined

/** Keeps a map of live objects current; `root` is the view it begins at, if it begins at one. Must be called in setup. */
export function useRelations<Drawn>(make: (known: Known) => Drawn, root?: string): Relations<Drawn> {
  const { kube, views } = useCluster()
  const wanted = new Set(root && forRights.has(root) ? [...mapped, ...rights] : mapped)
  if (root) wanted.add(root)
  const map = shallowRef(make(new Map())) as ShallowRef<Drawn>
  const rest = ref(pause)
  const ready = shallowRef(false)
  const refused = shallowRef<readonly RefusedKind[]>([])
  let scope: EffectScope | undefined
  const begin = (): void => {
    const lists = views.value
      .filter((view) => wanted.has(view.id) && (!view.verbs || view.verbs.includes('watch')))
      .map((view) => ({ view, list: useWatchList(kube, view) }))
    const listOf = new Map(lists.map(({ view, list }) => [view.id, list]))
    const draw = (): void => {
      // Nobody sees a map before all is read, and what is made of a part costs time that reading needs.
      if (lists.some(({ list }) => list.state.value === 'loading')) return
      const begun = performance.now()
      const answered = lists.filter(({ list }) => list.state.value === 'live' || list.state.value === 'stale')
      const found = new Map(answered.map(({ view, list }) => [view.id, list.objects.value]))
      const isUnread: Known['isUnread'] = (id, namespace) => isUnreadIn(listOf.get(id), kube.cluster, namespace)
      map.value = make(Object.assign(found, { isUnread }))
      refused.value = lists.map(({ view, list }) => ({ view, refusals: list.refusals.value.filter(isOfNamespace) }))
      ready.value = true
      // What is drawn on screen costs as much again.
      rest.value = Math.max(pause, 20 * (performance.now() - begun))
    }
    const soon = useThrottleFn(draw, rest, true)
    watch(
      lists.flatMap(({ list }) => [list.objects, list.state]),
      () => void soon(),
      { immediate: true },
    )
  }
  // Discovery may answer after the page is open; which kinds there are changes with it.
  watch(
    views,
    () => {
      const next = effectScope(true)
      next.run(begin)
      scope?.stop()
      scope = next
    },
    { immediate: true },
  )
  onScopeDispose(() => scope?.stop())
  return { map, ready, refused }
}

function isUnreadIn(list: WatchList | undefined, cluster: string, namespace: string | undefined): boolean {
  if (namespace === undefined || list?.isWhole.value !== false) return false
  const isAsked = scopeOf(cluster).names.value.includes(namespace)
  return !isAsked || list.refusals.value.some((one) => one.namespace === namespace)
}
