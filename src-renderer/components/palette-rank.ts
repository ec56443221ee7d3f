/** Entries whose text holds the letters of the query in order, the best first: at the start, then at a word, then anywhere. */
export function rank<T>(entries: readonly T[], query: string, textOf: (entry: T) => string): T[] {
  const wanted = query.trim().toLowerCase()
  if (wanted === '') return [...entries]
  const scored = entries.flatMap((entry) => {
    const score = scoreOf(textOf(entry).toLowerCase(), wanted)
    return score === undefined ? [] : [{ entry, score }]
  })
  return scored.sort((a, b) => a.score - b.score).map(({ entry }) => entry)
}

/** Lower is better; undefined when the letters are not all there. */
function scoreOf(text: string, wanted: string): number | undefined {
  const at = text.indexOf(wanted)
  if (at === 0) return text.length / 1000
  if (at > 0) return (/[a-z0-9]/.test(text[at - 1]!) ? 20 : 10) + text.length / 1000
  let from = 0
  let gaps = 0
  for (const letter of wanted) {
    const found = text.indexOf(letter, from)
    if (found < 0) return undefined
    gaps += found - from
    from = found + 1
  }
  return 40 + gaps
}
