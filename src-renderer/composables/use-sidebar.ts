import { useWindowSize } from '@vueuse/core'
import { computed, type ComputedRef } from 'vue'
import { useSettings } from '../stores/settings.ts'

/** Pixels of the window below which kinds make room for the page unless asked for. */
const narrow = 1000

/** Whether the kinds stand beside the page, and how that is changed. */
export function useSidebar(): { isOpen: ComputedRef<boolean>; toggle(): void } {
  const settings = useSettings()
  const { width } = useWindowSize()
  const isNarrow = computed(() => width.value < narrow)
  const isOpen = computed(() => (settings.sidebar === 'auto' ? !isNarrow.value : settings.sidebar === 'open'))
  return {
    isOpen,
    /** Asked for what the window's width would give anyway, the width decides again. */
    toggle() {
      const wanted = !isOpen.value
      settings.sidebar = wanted === !isNarrow.value ? 'auto' : wanted ? 'open' : 'closed'
    },
  }
}
