import { ownValue } from './own-value.ts'

/** Milliseconds of Go's units of time. */
const units: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
}

/**
 * A length of time as Go writes it (`1m30s`, `-1.5h`, `0`), in milliseconds. Throws RangeError in the words of Go's `time.ParseDuration`.
 */
export function parseGoDuration(text: string): number {
  const quoted = JSON.stringify(text)
  const sign = text.startsWith('-') ? -1 : 1
  let rest = /^[+-]/.test(text) ? text.slice(1) : text
  if (rest === '0') return 0
  if (rest === '') throw new RangeError(`time: invalid duration ${quoted}`)
  let sum = 0
  while (rest !== '') {
    const [part, number, unit] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest) ?? []
    if (part === undefined) throw new RangeError(`time: invalid duration ${quoted}`)
    if (unit === '') throw new RangeError(`time: missing unit in duration ${quoted}`)
    const length = ownValue(units, unit!)
    if (length === undefined) throw new RangeError(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`)
    sum += Number(number) * length
    rest = rest.slice(part.length)
  }
  return sign * sum
}
