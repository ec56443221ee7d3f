import { computed, watch, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'
import { isDns1123Label } from '../../src-kube/machinery/names.ts'
import { splitKey } from '../../src-kube/machinery/meta.ts'
import { useCluster, type ClusterContext } from '../api/context.ts'
import { useWatchList } from '../api/use-watch-list.ts'
import { useSettings } from '../stores/settings.ts'
import { namespacesToAsk } from './accessible.ts'
import { scopeOf } from './known-scopes.ts'

/** Keeps the scope of lists as the person, the kubeconfig and the cluster say, while the cluster is on screen. Must be called in its setup. */
export function followNamespaces({ id, kube, summary, view }: ClusterContext): void {
  const settings = useSettings()
  const route = useRoute()
  const scope = scopeOf(id)
  const list = useWatchList(kube, view('namespaces')!)
  const isKnown = (): boolean => list.isWhole.value && ['live', 'stale'].includes(list.state.value)
  watch(
    () => [route.params['view'], route.query['ns'], route.query['sel']],
    ([kind, names, selected]) => {
      const selectedIn = view(String(kind))?.namespaced ? splitKey(String(selected ?? '')).namespace : undefined
      const led = [...String(names ?? '').split(','), selectedIn ?? ''].filter(
        (name) => isDns1123Label(name).length === 0,
      )
      if (led.some((name) => !scope.visited.value.includes(name)))
        scope.visited.value = [...new Set([...scope.visited.value, ...led])]
    },
    { immediate: true },
  )
  const wanted = computed(() =>
    namespacesToAsk({
      named: settings.namespaces[id]?.names ?? [],
      context: summary.value?.namespace,
      listed: isKnown() ? [...list.objects.value.keys()] : undefined,
      visited: scope.visited.value,
    }),
  )
  // The same names are the same: namespaces change all the time, and each change of the scope is one of every list.
  watch(wanted, (names) => (names.join() === scope.names.value.join() ? undefined : (scope.names.value = names)), {
    immediate: true,
  })
  watch(
    () => settings.namespaces[id]?.only === true && settings.namespaces[id].names.length > 0,
    (only) => (scope.only.value = only),
    { immediate: true },
  )
}

/** The namespaces of the cluster on screen, and those of them that are looked at. */
export interface Namespaces {
  /** Sorted: all there are, else those that are looked at. */
  names: ComputedRef<readonly string[]>
  /** Whether the cluster tells which there are. */
  areKnown: ComputedRef<boolean>
  /** Whether lists are of some namespaces alone: by the person's wish, or as nothing more may be read. */
  areSome: ComputedRef<boolean>
  /** Those that are asked one by one. */
  asked: ComputedRef<readonly string[]>
  /** Whether these alone are asked by the person's own wish. */
  areChosen: ComputedRef<boolean>
  /** Looks at one more from now on; where all are known, at no others. */
  add(name: string): void
  /** Looks at one no more. */
  remove(name: string): void
}

/** Must be called in setup. */
export function useNamespaces(): Namespaces {
  const { id, kube, view, summary } = useCluster()
  const settings = useSettings()
  const scope = scopeOf(id)
  const list = useWatchList(kube, view('namespaces')!)
  const areKnown = computed(() => list.isWhole.value && list.refusals.value.length === 0)
  // Pods stand for all kinds: whoever may not list them everywhere looks at namespaces one by one. The sidebar watches them anyway.
  const pods = useWatchList(kube, view('pods')!)
  const areSome = computed(() => scope.only.value || !areKnown.value || !pods.isWhole.value)
  const named = (): readonly string[] => settings.namespaces[id]?.names ?? [summary.value?.namespace ?? []].flat()
  const save = (names: readonly string[]): void => {
    settings.namespaces = { ...settings.namespaces, [id]: { names: [...new Set(names)].sort(), only: areKnown.value } }
  }
  return {
    areKnown,
    areSome,
    asked: computed(() => scope.names.value),
    areChosen: computed(() => scope.only.value),
    names: computed(() => (areKnown.value ? [...list.objects.value.keys()].sort() : scope.names.value)),
    add: (name) => save([...(areSome.value ? named() : []), name]),
    remove(name) {
      scope.visited.value = scope.visited.value.filter((one) => one !== name)
      save(named().filter((one) => one !== name))
    },
  }
}
