/** One field of a schedule: its bounds, and the names that stand for numbers. */
interface Bounds {
  min: number
  max: number
  names?: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
]
const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])

/**
 * What is wrong with a schedule (kubernetes.io, "CronJob", "Schedule syntax": five fields, or a macro), `undefined` when
 * nothing is.
 */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) {
    if (descriptors.has(schedule)) return undefined
    if (!schedule.startsWith('@every ')) return `unrecognized descriptor: ${schedule}`
    const duration = schedule.slice('@every '.length)
    return /^([0-9.]+(ns|us|µs|ms|s|m|h))+$/.test(duration)
      ? undefined
      : `failed to parse duration ${schedule}: time: invalid duration ${JSON.stringify(duration)}`
  }
  const parts = schedule.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== fields.length) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [i, part] of parts.entries())
    for (const range of part.split(',').filter((text) => text !== '')) {
      const problem = rangeProblem(range, fields[i]!)
      if (problem) return problem
    }
  return undefined
}

/** `*`, `?`, `n`, `n-m`, each with `/step`. */
function rangeProblem(text: string, bounds: Bounds): string | undefined {
  const [range = '', step, ...more] = text.split('/')
  const [low = '', high, ...hyphens] = range.split('-')
  if (more.length > 0) return `too many slashes: ${text}`
  let start = bounds.min
  let end = bounds.max
  if (low !== '*' && low !== '?') {
    if (hyphens.length > 0) return `too many hyphens: ${text}`
    for (const value of high === undefined ? [low] : [low, high])
      if (numberOf(value, bounds) === undefined) return `failed to parse int from ${value}: ${notANumber(value)}`
    start = numberOf(low, bounds) ?? 0
    end = high === undefined ? (step === undefined ? start : bounds.max) : (numberOf(high, bounds) ?? 0)
  }
  if (step !== undefined && !/^\d+$/.test(step)) return `failed to parse int from ${step}: ${notANumber(step)}`
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${text}`
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${text}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`
  return step !== undefined && Number(step) === 0 ? `step of range should be a positive number: ${text}` : undefined
}

function numberOf(text: string, { names, min }: Bounds): number | undefined {
  const name = names?.indexOf(text.toLowerCase()) ?? -1
  if (name >= 0) return name + min
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function notANumber(text: string): string {
  return `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
}
