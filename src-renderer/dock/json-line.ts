import { plainText } from './terminal-sequences.ts'

/** A part of a line in words: what it is says how it looks. */
export interface JsonPart {
  text: string
  as: 'time' | 'failed' | 'warning' | 'info' | 'debug' | 'message' | 'key' | 'value'
}

/** What loggers call the same thing, the likeliest first: zap, logrus, slog, zerolog, pino, bunyan, hclog, structlog, Serilog, logstash, the clouds. */
const aliases = {
  time: ['time', 'ts', 'timestamp', '@timestamp', '@t', 't', 'datetime', 'eventTime'],
  level: ['level', 'lvl', 'severity', 'log.level', 'levelname', 'loglevel', 'logLevel', '@level', '@l'],
  message: ['msg', 'message', '@message', '@m', '@mt', 'event'],
}

/**
 * A line that is one JSON object, as people read it: time, level and message, then its other fields as `key=value` in their order. Undefined for
 * every other line.
 */
export function jsonParts(line: string): JsonPart[] | undefined {
  const fields = fieldsOf(line)
  if (!fields) return undefined
  const take = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = fields.get(name)
      if (!isWord(value)) continue
      fields.delete(name)
      return String(value)
    }
    return undefined
  }
  const [time, level, message] = [take(aliases.time), take(aliases.level), take(aliases.message)]
  const parts: JsonPart[] = []
  const add = (text: string, as: JsonPart['as']): void => {
    if (parts.length > 0) parts.push({ text: ' ', as: 'value' })
    parts.push({ text, as })
  }
  if (time !== undefined) add(clockOf(plainText(time)), 'time')
  if (level !== undefined) add(...levelOf(level))
  if (message !== undefined) add(plainText(message), 'message')
  for (const [key, value] of fields) {
    add(`${key}=`, 'key')
    parts.push({ text: written(value), as: 'value' })
  }
  return parts
}

const isWord = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'

function fieldsOf(line: string): Map<string, unknown> | undefined {
  const text = line.trim()
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined
  try {
    const fields = Object.entries(JSON.parse(text, exactly) as Record<string, unknown>)
    return fields.length > 0 ? new Map(fields) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A number that is not kept as it was written (a long id, `1.0`) stays text. */
const exactly = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
    ? context.source
    : value

/** A value with white space, quotes or an equals sign in it is quoted, so that it is seen where it ends. */
function written(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const text = plainText(value)
  return text === '' || /[\s"=]/.test(text) ? JSON.stringify(text) : text
}

/** The time of day (UTC) of a moment as text, or of seconds, milli-, micro- or nanoseconds since 1970; other words as they are. */
function clockOf(text: string): string {
  const number = /^\d+(\.\d+)?(e\+?\d+)?$/i.test(text) ? Number(text) : undefined
  if (number === undefined && !/^\d{4}-\d\d-\d\d[T ]/.test(text)) return text
  const moment = new Date(number === undefined ? text : millisecondsOf(number))
  return Number.isNaN(moment.getTime()) ? text : moment.toISOString().slice(11, 23)
}

/** Now is about 1.8e9 seconds: each finer unit is a thousand times as much. */
function millisecondsOf(number: number): number {
  if (number < 1e11) return number * 1000
  if (number < 1e14) return number
  return number < 1e17 ? number / 1e3 : number / 1e6
}

const words: ReadonlyArray<[RegExp, JsonPart['as']]> = [
  [/^(err|fatal|crit|panic|dpanic|alert|emerg)/i, 'failed'],
  [/^warn/i, 'warning'],
  [/^(debug|trace|verbose|fine|silly)/i, 'debug'],
]

/** Numbers of pino and bunyan: 10 trace, 20 debug, 30 info, 40 warning, 50 error, 60 fatal. Other numbers stay numbers. */
const numbered: Readonly<Record<string, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}

function levelOf(level: string): [name: string, as: JsonPart['as']] {
  const text = plainText(level)
  const name = numbered[text] ?? text.toUpperCase()
  return [name.padEnd(5), words.find(([pattern]) => pattern.test(name))?.[1] ?? 'info']
}
