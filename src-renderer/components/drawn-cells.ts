/** What a row's element shows, and which of its cells glow because they just changed. */

export interface DrawnCells {
  /** Of the object shown. */
  key: string
  columns: readonly unknown[]
  texts: readonly (string | number)[]
  /** How often each cell has glowed; 0 for not at all. One more makes it glow again. */
  turns: readonly number[]
}

/** Milliseconds that a cell glows. */
export const glowTime = 1200

/**
 * What is shown next. Cells of the same object whose text differs glow; another object in the same element glows nowhere, or
 * everywhere when it is `recent`: it has just come. Cells that are not `lasting` change without their object and never glow.
 */
export function nextCells(
  before: DrawnCells | undefined,
  next: Pick<DrawnCells, 'key' | 'columns' | 'texts'>,
  { recent, lasting }: { recent: boolean; lasting: (at: number) => boolean },
): DrawnCells {
  const isSame = before?.key === next.key && before.columns === next.columns
  const turnOf = (text: string | number, at: number): number => {
    const turn = before?.turns[at] ?? 0
    if (!isSame) return recent ? turn + 1 : 0
    return text !== before.texts[at] && lasting(at) ? turn + 1 : turn
  }
  return { ...next, turns: next.texts.map(turnOf) }
}
