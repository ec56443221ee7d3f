import { ownValue } from '../own-value.ts'

/** Compiled patterns: a schema's are asked at every write. */
const compiled = new Map<string, RegExp | undefined>()
const MOST = 1000

/**
 * A pattern in Go's syntax (RE2) as JavaScript's: flags at the start, `\A` and `\z`, POSIX classes, named groups. Undefined for what is no pattern.
 * RE2 has no look-around and no back references, so neither may be in it.
 */
export function compilePattern(pattern: string): RegExp | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern)
  if (compiled.size >= MOST) compiled.clear()
  const made = compile(pattern)
  compiled.set(pattern, made)
  return made
}

/** Whether any part of a text matches; a pattern that is none matches nothing. */
export const matchesPattern = (text: string, pattern: string): boolean => compilePattern(pattern)?.test(text) ?? false

const posix: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

function compile(pattern: string): RegExp | undefined {
  if (/\(\?(<?[=!]|#)|\\[1-9]/.test(pattern.replaceAll('\\\\', ''))) return undefined
  const [, flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? []
  const source = pattern
    .slice(flags ? flags.length + 3 : 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\[:(\w+):\]/g, (all, name: string) => ownValue(posix, name) ?? all)
    .replaceAll(/(^|[^\\])\\A/g, '$1^')
    .replaceAll(/(^|[^\\])\\[zZ]/g, '$1$$')
  for (const mode of [`${flags}u`, flags]) {
    try {
      return new RegExp(source, mode)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  return undefined
}
