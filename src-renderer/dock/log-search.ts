/** What is sought in a log. */
export interface LogQuery {
  text: string
  /** `text` is a regular expression, in JavaScript's words. */
  regex: boolean
  matchCase: boolean
}

/** A search that can be made, none, or why it cannot. */
export interface LogPattern {
  /** Global; undefined when nothing is sought or {@link problem} says why it cannot be. */
  pattern?: RegExp
  problem?: string
}

/** Turns what was typed into a pattern; words that are no regular expression yet are told of, not thrown. */
export function patternOf({ text, regex, matchCase }: LogQuery): LogPattern {
  if (text === '') return {}
  const flags = matchCase ? 'g' : 'gi'
  if (!regex) return { pattern: new RegExp(text.replaceAll(signs, String.raw`\$&`), `${flags}u`) }
  try {
    return { pattern: new RegExp(text, `${flags}u`) }
  } catch {
    return withoutUnicode(text, flags)
  }
}

const signs = /[\\^$.*+?()[\]{}|/]/g

/** Many a pattern escapes more than it must (`\-`): what reads Unicode refuses that. */
function withoutUnicode(text: string, flags: string): LogPattern {
  try {
    return { pattern: new RegExp(text, flags) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** Whether a pattern finds something in a line; an empty find (`a*`) is none. */
export function isHit(text: string, pattern: RegExp): boolean {
  pattern.lastIndex = 0
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    if (found[0] !== '') return true
    pattern.lastIndex++
  }
  return false
}

/** A line cut where a pattern finds something, so that it can be marked. */
export function cutAt(text: string, pattern: RegExp | undefined): Array<{ text: string; hit: boolean }> {
  if (!pattern) return [{ text, hit: false }]
  pattern.lastIndex = 0
  const parts: Array<{ text: string; hit: boolean }> = []
  let from = 0
  for (const { 0: hit, index } of text.matchAll(pattern)) {
    if (hit === '') continue
    if (index > from) parts.push({ text: text.slice(from, index), hit: false })
    parts.push({ text: hit, hit: true })
    from = index + hit.length
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false })
  return parts
}
