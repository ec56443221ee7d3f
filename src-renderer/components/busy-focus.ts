import { onScopeDispose } from 'vue'

/**
 * Whoever works with the keyboard goes on where they were: a button that is switched off while what it began goes on loses the focus, which browsers
 * do not give back (HTML, "Focus fixup"). Here it has it again once it can be pressed, unless the focus has gone elsewhere. For the whole document,
 * until the scope ends.
 */
export function useBusyFocus(): void {
  let lost: Element | undefined
  const observer = new MutationObserver((records) => {
    for (const { target } of records) {
      if (!(target instanceof HTMLElement)) continue
      // Told before the browser takes the focus away, which it does when it draws.
      if (target.matches(':disabled')) {
        if (document.activeElement === target) lost = target
      } else if (target === lost) {
        lost = undefined
        const isFree = document.activeElement === null || document.activeElement === document.body
        if (isFree) target.focus({ preventScroll: true })
      }
    }
  })
  observer.observe(document, { subtree: true, attributeFilter: ['disabled'] })
  onScopeDispose(() => observer.disconnect())
}
