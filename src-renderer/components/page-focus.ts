import { onBeforeUnmount, type Ref } from 'vue'

/** What of a page takes the focus when a key leads to it: its list, else the first thing that can have it. */
export const pageFocus = (): HTMLElement | null =>
  document.querySelector<HTMLElement>('[role=grid]') ??
  document.querySelector('main [tabindex="0"], main a, main button')

/** Whoever works with the keyboard goes on where they were: what goes while it has the focus gives it to `to`. Must be called in setup. */
export function useFocusReturn(root: Ref<HTMLElement | undefined>, to: () => HTMLElement | null): void {
  onBeforeUnmount(() => {
    if (root.value?.contains(document.activeElement)) to()?.focus({ preventScroll: true })
  })
}
