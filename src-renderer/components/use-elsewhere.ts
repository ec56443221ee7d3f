import { useDebounceFn, useTimeoutFn } from '@vueuse/core'
import { computed, onScopeDispose, watch, type ComputedRef, type Ref } from 'vue'
import { useCluster } from '../api/context.ts'
import { createKube } from '../api/kube.ts'
import { createSearchElsewhere, type Findings } from '../api/search-elsewhere.ts'
import type { Found } from '../api/search-index.ts'
import { mayBeAsked } from '../clusters/opened.ts'
import { rank } from './palette-rank.ts'

/** What was found in one other cluster. */
export interface FoundElsewhere extends Pick<Findings, 'cluster' | 'state' | 'message'> {
  name: string
  /** The best of it. */
  objects: Found[]
  /** How many there are. */
  count: number
}

/** What a search finds in the other clusters that were opened. */
export interface Elsewhere {
  groups: ComputedRef<FoundElsewhere[]>
  /** Names of clusters that are not asked, as they were never opened. */
  unopened: ComputedRef<string[]>
}

/** Letters from which names are sought, and milliseconds without another letter: nobody who goes to a page has other clusters asked. */
const fewest = 3
const pause = 400
/** Objects that are shown of one cluster. */
const most = 8
/** Milliseconds after which what was found is let go, once nobody searches. */
const linger = 30_000

/** Seeks what is typed in other clusters while `isOpen`. Must be called in setup. */
export function useElsewhere(text: Readonly<Ref<string>>, isOpen: () => boolean): Elsewhere {
  const cluster = useCluster()
  const { connection } = cluster.kube
  const others = computed(() => (connection.clusters.value ?? []).filter(({ id }) => id !== cluster.id))
  const search = createSearchElsewhere({ kubeOf: (id) => createKube(connection, id) })
  const sought = computed(() => (isOpen() && text.value.trim().length >= fewest ? text.value.trim() : ''))
  const ask = useDebounceFn(() => {
    if (sought.value) void search.ask(others.value.filter(mayBeAsked).map(({ id }) => id))
  }, pause)
  const leave = useTimeoutFn(search.end, linger, { immediate: false })
  watch(sought, () => void ask())
  watch(isOpen, (open) => (open ? leave.stop() : leave.start()))
  onScopeDispose(search.end)

  const found = ({ cluster: id, state, message, objects }: Findings): FoundElsewhere => {
    const all = rank(objects, sought.value, ({ view, key }) => `${key} ${view.kind}`)
    const name = others.value.find((one) => one.id === id)?.name ?? id
    return { cluster: id, state, message, name, objects: all.slice(0, most), count: all.length }
  }
  return {
    groups: computed(() => (sought.value ? search.findings.value.map(found) : [])),
    unopened: computed(() =>
      sought.value
        ? others.value.filter((one) => !one.own && one.state !== 'failed' && !mayBeAsked(one)).map(({ name }) => name)
        : [],
    ),
  }
}
