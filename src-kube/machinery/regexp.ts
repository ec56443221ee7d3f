import { RE2JS, RE2JSSyntaxException } from 're2js'

/**
 * Regular expressions that users write: Go's syntax and meaning (pkg.go.dev/regexp/syntax) on re2js, whose time grows with the length of the text and
 * of the pattern, whatever the pattern. JavaScript's own engine tries every way to match one after another, so that `^(a+)+$` on thirty letters would hold
 * up the whole API server for seconds; and it reads many patterns otherwise (`\s`, `.`, `(?i)`, `\z`, `[[:alpha:]]`, `\pN`). Even of harmless patterns none
 * runs on it: most cost less than a microsecond here.
 */

/** A pattern that is none, in the words of Go. */
export class RegexpError extends Error {
  override readonly name = 'RegexpError'
}

/** As many patterns as each of the two generations holds, and instructions of their programs: one pattern has some dozens in 10 to 50 KB, but may have a million. */
const MOST_PATTERNS = 500
const MOST_INSTRUCTIONS = 50_000

/**
 * Compiled patterns: those of a schema are asked at every write. What is asked while a generation fills moves on into the next, what is not is
 * forgotten with its own.
 */
let recent = new Map<string, RE2JS>()
let older = new Map<string, RE2JS>()
/** Of the recent ones. */
let instructions = 0

function compiled(pattern: string): RE2JS {
  const known = recent.get(pattern)
  if (known) return known
  const made = older.get(pattern) ?? compile(pattern)
  if (recent.size >= MOST_PATTERNS || instructions > MOST_INSTRUCTIONS) {
    older = recent
    recent = new Map<string, RE2JS>()
    instructions = 0
  }
  recent.set(pattern, made)
  instructions += made.programSize()
  return made
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    throw new RegexpError(wordsOf(error, pattern), { cause: error })
  }
}

/** Go names what is wrong and where; of a pattern that is too large or too deep, all of it; of a lone backslash at the end, nothing. */
function wordsOf(error: RE2JSSyntaxException, pattern: string): string {
  const what = error.getDescription()
  const where = error.getPattern() ?? (what.startsWith('expression ') ? pattern : '')
  return `error parsing regexp: ${what}: \`${where}\``
}

/** What is wrong with a pattern, in Go's words; undefined when nothing is. Keeps nothing: whether the pattern will be asked, nobody knows yet. */
export function flawOfPattern(pattern: string): string | undefined {
  try {
    compile(pattern)
    return undefined
  } catch (error) {
    if (error instanceof RegexpError) return error.message
    throw error
  }
}

/** Whether any part of a text matches. Throws {@link RegexpError}. */
export const matchesPattern = (text: string, pattern: string): boolean => compiled(pattern).test(text)

/** The first part of a text that matches. Throws {@link RegexpError}. */
export function findPattern(text: string, pattern: string): string | undefined {
  const [found] = findAllPattern(text, pattern, 1)
  return found
}

/**
 * The parts of a text that match, one after another, `most` of them at most. Nothing directly behind a match is no match, as in Go. Throws {@link RegexpError}.
 */
export function findAllPattern(text: string, pattern: string, most = Infinity): string[] {
  const matcher = compiled(pattern).matcher(text)
  const found: string[] = []
  let last = -1
  while (found.length < most && matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()]
    if (end > start || start !== last) found.push(text.slice(start, end))
    last = end
  }
  return found
}
