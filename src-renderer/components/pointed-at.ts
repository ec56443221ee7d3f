/** What the cell of a grid says that something in it belongs to; empty for the name, which is copied by itself, and outside of cells. */
export function pointedAt(target: EventTarget | null): string {
  const cell = target instanceof Element ? target.closest('[role=gridcell]') : null
  if (!cell || cell.matches('.name, .check')) return ''
  const words = cell.cloneNode(true) as Element
  for (const drawn of words.querySelectorAll('svg, [role=img], [aria-hidden=true]')) drawn.remove()
  return words.textContent.trim()
}
