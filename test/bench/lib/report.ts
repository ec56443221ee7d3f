import { cpus, totalmem } from 'node:os'

/** One line of ARCHITECTURE.md's budgets, or a figure without one. */
export interface Row {
  what: string
  unit: string
  budget?: number
  /** The budget is the most, not the least. */
  most?: boolean
}

/** The machine's facts, without which no figure means anything. */
export function machine(): string {
  const [cpu] = cpus()
  return `${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** The median of the runs beside the row's budget. */
export function printRow({ what, unit, budget, most }: Row, runs: readonly number[]): void {
  const value = median(runs)
  const figure = `${value.toFixed(value < 100 ? 2 : 0)} ${unit}`.padStart(16)
  console.log(`${what.padEnd(40)} ${figure}   ${beside(value, unit, budget, most)}`.trimEnd())
}

function beside(value: number, unit: string, budget: number | undefined, most = false): string {
  if (budget === undefined) return ''
  const holds = most ? value <= budget : value >= budget
  return `${most ? '≤' : '≥'} ${budget} ${unit} ${holds ? '' : '  misses'}`
}
