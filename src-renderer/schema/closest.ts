/** Edits that turn one word into another: letters added, left out, replaced, or swapped with their neighbour. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length]!
}

/** The name that was probably meant: other case, or a third of its letters mistyped at most; undefined when none is near. */
export function closest(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase()
  let best: string | undefined
  let least = Math.floor(word.length / 3) + 1
  for (const name of names) {
    const found = distance(lower, name.toLowerCase())
    if (found < least) [best, least] = [name, found]
  }
  return best
}
