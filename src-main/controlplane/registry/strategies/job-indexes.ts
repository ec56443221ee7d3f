/** Indexes of a job, as ranges with both their ends. */
export interface JobIndexes {
  total: number
  ranges: ReadonlyArray<readonly [from: number, to: number]>
}

/** The indexes that `0,2-4` names, each below `completions` and in order; or why that cannot be told. */
export function readIndexes(text: string, completions: number): JobIndexes | { fault: string } {
  const ranges: Array<[number, number]> = []
  let total = 0
  let previous: number | undefined
  for (const part of text === '' ? [] : text.split(',')) {
    const ends = part.split('-')
    if (ends.length > 2)
      return {
        fault: `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      }
    const [from = Number.NaN, to = from] = ends.map((end) => (/^\d+$/.test(end) ? Number(end) : Number.NaN))
    const odd = ends.find((end) => !/^\d+$/.test(end))
    if (odd !== undefined) return { fault: `cannot convert string to integer for index: ${JSON.stringify(odd)}` }
    const large = ends.find((end) => Number(end) >= completions)
    if (large !== undefined) return { fault: `too large index: ${JSON.stringify(large)}` }
    if (previous !== undefined && previous >= from)
      return { fault: `non-increasing order, previous: ${previous}, current: ${from}` }
    if (ends.length > 1 && from >= to) return { fault: `non-increasing order, previous: ${from}, current: ${to}` }
    total += to - from + 1
    ranges.push([from, to])
    previous = to
  }
  return { total, ranges }
}
