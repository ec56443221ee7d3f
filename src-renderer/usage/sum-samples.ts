import type { Sample } from './history.ts'

/**
 * What several objects used together, round by round of figures. A round that an object missed between two of its own counts with what it
 * used before: one late answer of a node is no fall. Pure.
 */
export function sumSamples(each: ReadonlyArray<readonly Sample[]>): Sample[] {
  const rounds = [...new Set(each.flatMap((samples) => samples.map(({ at }) => at)))].sort((a, b) => a - b)
  const sums = new Map(rounds.map((at) => [at, { at, cpu: 0, memory: 0 }]))
  for (const samples of each) {
    let next = 0
    for (const at of rounds) {
      while (next < samples.length && samples[next]!.at <= at) next++
      const latest = samples[next - 1]
      const isOver = next === samples.length && latest?.at !== at
      if (!latest || isOver) continue
      const sum = sums.get(at)!
      sum.cpu += latest.cpu
      sum.memory += latest.memory
    }
  }
  return [...sums.values()]
}
