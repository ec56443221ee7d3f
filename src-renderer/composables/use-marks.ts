import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { WatchList } from '../api/watch-list.ts'

interface Marks {
  /** Keys. */
  marked: ShallowRef<ReadonlySet<string>>
  /** Those that are marked, in the order in which they were. */
  objects: ComputedRef<KubeObject[]>
  /** What an action on a row is for: all that are marked when the row is, else the row alone. */
  objectsAt(key: string): KubeObject[]
  toggle(key: string): void
  /** Marks all of these and no others, or none when they are marked already. */
  toggleAll(keys: readonly string[]): void
  /** Marks all of these besides. */
  markAll(keys: readonly string[]): void
  /** Marks all of these from the one that was marked last, or else from `from`, to `key`. */
  markTo(key: string, keys: readonly string[], from: string): void
  /** Marks none. */
  unmark(): void
}

/** Whether there is something, and all of it is marked: others that are, out of sight, do not count. */
export const isMarked = (keys: readonly string[], marked: ReadonlySet<string>): boolean =>
  keys.length > 0 && keys.every((key) => marked.has(key))

/** Which rows of a list are marked; an object that goes is so no more, nor one that was `settled` while others are to be tried again. Must be called in setup. */
export function useMarks(
  { objects: all }: Pick<WatchList, 'objects'>,
  settled: () => readonly KubeObject[] = () => [],
): Marks {
  const marked = shallowRef<ReadonlySet<string>>(new Set())
  /** Where a range begins: the row that was marked, or given up, last. */
  let anchor = ''
  const objects = computed(() => [...marked.value].flatMap((key) => all.value.get(key) ?? []))
  watch(
    () => all.value.size,
    () => {
      const left = [...marked.value].filter((key) => all.value.has(key))
      if (left.length < marked.value.size) marked.value = new Set(left)
    },
  )
  watch(settled, (done) => {
    const uids = new Set(done.map(({ metadata }) => metadata.uid))
    const left = [...marked.value].filter((key) => !uids.has(all.value.get(key)?.metadata.uid ?? ''))
    if (left.length < marked.value.size) marked.value = new Set(left)
  })
  return {
    marked,
    objects,
    objectsAt(key) {
      const one = all.value.get(key)
      return marked.value.has(key) ? objects.value : one ? [one] : []
    },
    toggle(key) {
      const next = new Set(marked.value)
      if (!next.delete(key)) next.add(key)
      marked.value = next
      anchor = key
    },
    markAll(keys) {
      marked.value = new Set([...marked.value, ...keys])
    },
    markTo(key, keys, from) {
      const begin = [anchor, from, key].map((one) => keys.indexOf(one)).find((at) => at >= 0) ?? 0
      const [first, last] = [begin, keys.indexOf(key)].sort((a, b) => a - b)
      marked.value = new Set([...marked.value, ...keys.slice(first, last! + 1)])
      anchor = keys[begin] ?? key
    },
    toggleAll(keys) {
      marked.value = isMarked(keys, marked.value) ? new Set() : new Set(keys)
    },
    unmark() {
      marked.value = new Set()
    },
  }
}
