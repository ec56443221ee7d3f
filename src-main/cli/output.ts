import type { StepProgress } from '../cluster/steps/recipe.ts'

/** Where a verb writes. With `--json` stdout carries exactly one JSON document, progress goes to stderr. */
export interface Output {
  json: boolean
  /** The verb's result: as JSON, or as the lines for a person. */
  result(value: unknown, lines: string[]): void
  note(line: string): void
  step(progress: StepProgress): void
}

/** Results on the standard output, notes on the standard error, so that a result can be piped. */
export function terminalOutput(json: boolean): Output {
  return {
    json,
    result(value, lines) {
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${line}\n`).join(''))
    },
    note(line) {
      process.stderr.write(`  ${line}\n`)
    },
    step({ title, state, elapsed }) {
      if (state === 'running') return
      process.stderr.write(`${state === 'done' ? '✓' : '✗'} ${title} ${(elapsed / 1000).toFixed(1)} s\n`)
    },
  }
}

/** Columns padded to their widest cell, as kubectl prints tables. */
export function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]! + 3))).join(''))
}
