import { readonly, ref, watch, type Ref } from 'vue'

/** Milliseconds after which waiting is told of; what is quicker would only flicker. */
const patience = 1000

/** True once `isWaiting` has held for a second, until it holds no more. Must be called in setup. */
export function useLate(isWaiting: () => boolean): Readonly<Ref<boolean>> {
  const isLate = ref(false)
  watch(
    isWaiting,
    (waits, _before, onCleanup) => {
      isLate.value = false
      if (!waits) return
      const timer = setTimeout(() => (isLate.value = true), patience)
      onCleanup(() => clearTimeout(timer))
    },
    { immediate: true, flush: 'sync' },
  )
  return readonly(isLate)
}
