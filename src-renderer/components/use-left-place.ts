import { useEventListener } from '@vueuse/core'
import { nextTick, onBeforeUnmount, onMounted, watch, type Ref } from 'vue'
import { scrollMemory } from '../composables/scroll-memory.ts'

/** The list whose place is remembered when it is left and found again when one comes back. */
export interface LeftPlaceOptions {
  viewport: Ref<HTMLElement | undefined>
  /** Names the list; none for one that is not remembered. */
  key: () => string | undefined
  /** How many rows there are so far. */
  count: () => number
  /** Index of the row whose detail is open; -1 while it is not there. */
  selected: () => number
  scrollTo(top: number): void
  reveal(index: number): void
}

/**
 * Scrolls a list to where it was left, else to the row whose detail is open. A long list comes in parts, so it goes on until it is there, or
 * until a person scrolls or moves otherwise. Must be called in setup.
 */
export function useLeftPlace({ viewport, key, count, selected, scrollTo, reveal }: LeftPlaceOptions): void {
  /** Tells whether it is there. */
  let pending: (() => boolean) | undefined
  const attempt = (): void => {
    if (pending?.()) pending = undefined
  }
  function toTop(top: number): boolean {
    scrollTo(top)
    // Fractions of a pixel are lost on some screens.
    return (viewport.value?.scrollTop ?? top) >= top - 1
  }
  function toSelected(): boolean {
    const index = selected()
    if (index >= 0) reveal(index)
    return index >= 0
  }
  onMounted(async () => {
    await nextTick()
    const name = key()
    const top = name ? scrollMemory.of(name) : 0
    pending = top > 0 ? () => toTop(top) : toSelected
    attempt()
  })
  watch(count, attempt, { flush: 'post' })
  useEventListener(viewport, ['wheel', 'pointerdown', 'keydown'], () => (pending = undefined), { passive: true })
  onBeforeUnmount(() => {
    const name = key()
    if (name && viewport.value) scrollMemory.keep(name, viewport.value.scrollTop)
  })
}
