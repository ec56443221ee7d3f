import { onClickOutside, useEventListener } from '@vueuse/core'
import { ref, type Ref } from 'vue'

/** A popup below its button. */
export interface Popup {
  open: Ref<boolean>
  /** Closes it, and the button has the focus. */
  close(): void
}

/**
 * A popup that is open until somebody clicks or goes by Tab elsewhere, or presses Escape, which then means nothing else. `root` holds the popup and its
 * button, the first in it. Must be called in setup.
 */
export function usePopup(root: Ref<HTMLElement | undefined>): Popup {
  const open = ref(false)
  function close(): void {
    open.value = false
    root.value?.querySelector('button')?.focus()
  }
  onClickOutside(root, () => (open.value = false))
  useEventListener(root, 'focusout', ({ relatedTarget }: FocusEvent) => {
    // What takes no focus, as another window, leaves it open.
    if (relatedTarget instanceof Node && !root.value?.contains(relatedTarget)) open.value = false
  })
  useEventListener(root, 'keydown', (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open.value) return
    event.stopPropagation()
    close()
  })
  return { open, close }
}
