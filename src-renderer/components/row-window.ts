/** Which rows of a list of equally high rows are drawn. */

/** Pixels of a row; `--row` in the tokens. */
export const rowHeight = 28

/** Rows drawn above and below what is in sight, so that a scroll finds them done. */
const overscan = 8
/** The window moves by as many rows at a time: scrolling slowly draws nothing for most frames. */
const step = 4

/** Which rows of a long list have elements. */
export interface RowWindow {
  /** Index of the first row drawn; a multiple of the step. */
  first: number
  /** Index behind the last. */
  end: number
  /** How many elements the rows share: row `i` is drawn by element `i % pool`, so a scroll fills those anew that left. */
  pool: number
}

/** The rows to draw in a viewport `height` pixels high that is scrolled by `top` pixels. */
export function rowWindow(top: number, height: number, count: number): RowWindow {
  const inSight = Math.ceil(Math.max(0, height) / rowHeight) + 1
  const pool = upTo(inSight + 2 * overscan) + step
  const wanted = Math.floor(Math.max(0, top) / rowHeight) - overscan
  // A list that became shorter is scrolled back by the browser only after it was drawn.
  const first = Math.max(0, downTo(Math.min(wanted, count - inSight - overscan)))
  return { first, end: Math.min(count, first + pool), pool }
}

/** Where to scroll to so that the row at `index` is wholly in sight under a header as high as a row; `top` if it is already. */
export function revealing(index: number, top: number, height: number): number {
  const begin = index * rowHeight
  const least = begin + 2 * rowHeight - height
  return begin < top ? begin : top < least ? least : top
}

/**
 * By how many rows what is in sight, from `first` to before `end`, has moved in a list. The rows are asked as a whole (their median): one that
 * changed itself may have gone to the other end of the order.
 */
export function shiftOf(
  before: readonly string[],
  after: readonly string[],
  { first, end }: Pick<RowWindow, 'first' | 'end'>,
): number {
  const seen = before.slice(first, end)
  if (seen.every((key, at) => key === after[first + at])) return 0
  const shifts = seen
    .map((key, at) => ({ to: after.indexOf(key), from: first + at }))
    .filter(({ to }) => to >= 0)
    .map(({ to, from }) => to - from)
    .sort((a, b) => a - b)
  return shifts[shifts.length >> 1] ?? 0
}

const downTo = (rows: number): number => Math.floor(rows / step) * step
const upTo = (rows: number): number => Math.ceil(rows / step) * step
