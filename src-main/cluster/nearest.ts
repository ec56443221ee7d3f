/** Of `words` the one that was probably meant by `typed`; undefined when none is close. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  // A third of the letters may be wrong, one at least: more is another word.
  const most = Math.max(1, Math.floor(typed.length / 3))
  const ranked = words
    .map((word) => ({ word, distance: distance(typed.toLowerCase(), word.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  if (best && best.distance <= most) return best.word
  return words.find((word) => typed.length >= 3 && word.startsWith(typed))
}

/** Edits that make one word of the other: letters put in, taken out, exchanged, or two neighbours swapped. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (same ? 0 : 1),
        swapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      )
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
