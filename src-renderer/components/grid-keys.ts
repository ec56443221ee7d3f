/** Where the cursor of a grid goes by a key; undefined when the key is not one of its movements. */
export function moveCursor(key: string, cursor: number, count: number, page: number): number | undefined {
  if (count === 0) return undefined
  const to = (index: number): number => Math.min(count - 1, Math.max(0, index))
  switch (key) {
    case 'ArrowDown':
      return to(cursor + 1)
    case 'ArrowUp':
      return cursor < 0 ? 0 : to(cursor - 1)
    case 'PageDown':
      return to(cursor + page)
    case 'PageUp':
      return to(cursor - page)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

/** Where the cursor goes from one of the headers, of which the last is `last`: -1 into the rows; undefined when the key is none of its movements. */
export function moveHead(key: string, head: number, last: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, head - 1)
    case 'ArrowRight':
      return Math.min(last, head + 1)
    case 'Home':
      return 0
    case 'End':
      return last
    case 'ArrowUp':
      return head
    case 'ArrowDown':
    case 'Escape':
      return -1
    default:
      return undefined
  }
}
