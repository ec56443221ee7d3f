import { badRequest } from './errors.ts'

/** One term of a field selector: `=` or `!=`. */
export interface FieldRequirement {
  field: string
  operator: '=' | '!='
  value: string
}

/** A parsed field selector (kubernetes.io, "Field Selectors"). */
export interface FieldMatcher {
  /** `get` answers the value of a path of the object at hand. */
  matches(get: (path: string) => string | undefined): boolean
  readonly requirements: readonly FieldRequirement[]
}

/** Parses `metadata.name=a,status.phase!=Running`; `\,`, `\=` and `\\` stand for themselves. Throws `StatusError` 400. */
export function parseFieldSelector(selector: string): FieldMatcher {
  const requirements = split(selector, ',')
    .filter((term) => term.trim() !== '')
    .map((term) => requirement(term, selector))
  return {
    requirements,
    matches(get) {
      for (const { field, operator, value } of requirements) {
        if (((get(field) ?? '') === value) !== (operator === '=')) return false
      }
      return true
    },
  }
}

function requirement(term: string, selector: string): FieldRequirement {
  const match = /^((?:[^\\=!]|\\.)*?)(!=|==|=)(.*)$/s.exec(term)
  if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`)
  const [, field = '', sign, value = ''] = match
  return { field: field.trim(), operator: sign === '!=' ? '!=' : '=', value: unescaped(value) }
}

/** A value without the backslashes that stand before what would mean something else. */
function unescaped(value: string): string {
  return value.replace(/\\.?|=/gs, (part) => {
    if (part === '=') throw badRequest('invalid field selector: unescaped character in value: 61')
    if (!/^\\[\\,=]$/.test(part)) throw badRequest(`invalid field selector: invalid escape sequence: ${part}`)
    return part[1]!
  })
}

/** Splits at a character that no backslash stands before. */
function split(text: string, at: string): string[] {
  const parts: string[] = []
  let part = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '\\' && i + 1 < text.length) part += c + text[++i]!
    else if (c === at) {
      parts.push(part)
      part = ''
    } else part += c
  }
  parts.push(part)
  return parts
}
