import type { LabelSelector } from '#types/meta/v1'
import { badRequest } from './errors.ts'
import { isLabelValue, isQualifiedName } from './names.ts'

/** Operators of label selectors, as `kubectl -l` writes them; `exists` is written without one, `gt` and `lt` as `>` and `<`. */
export type LabelOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

/** One term of a label selector; all terms must be met. */
export interface LabelRequirement {
  key: string
  operator: LabelOperator
  /** One value for `=` and `!=`, a set for `in` and `notin`, none for `exists` and `!`. */
  values: readonly string[]
}

/** A parsed selector (kubernetes.io, "Labels and Selectors"). */
export interface LabelMatcher {
  matches(labels: Readonly<Record<string, string>> | undefined): boolean
  readonly requirements: readonly LabelRequirement[]
  /** The canonical text: equal selectors have equal texts. */
  toString(): string
}

type Labels = Readonly<Record<string, string>>

function meets(requirement: LabelRequirement, labels: Labels): boolean {
  const { key, operator, values } = requirement
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '=':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'gt':
      return value !== undefined && /^-?\d+$/.test(value) && BigInt(value) > BigInt(values[0]!)
    case 'lt':
      return value !== undefined && /^-?\d+$/.test(value) && BigInt(value) < BigInt(values[0]!)
  }
}

function text({ key, operator, values }: LabelRequirement): string {
  if (operator === 'exists') return key
  if (operator === '!') return `!${key}`
  if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${[...values].sort().join(',')})`
  const sign = { '=': '=', '!=': '!=', gt: '>', lt: '<' }[operator]
  return `${key}${sign}${values[0] ?? ''}`
}

function matcher(requirements: readonly LabelRequirement[]): LabelMatcher {
  const canonical = requirements.map(text).sort().join(',')
  return {
    requirements,
    matches(labels) {
      const present = labels ?? {}
      for (const requirement of requirements) if (!meets(requirement, present)) return false
      return true
    },
    toString: () => canonical,
  }
}

/** Matches any labels, also none. */
export const everything: LabelMatcher = matcher([])
const nothing: LabelMatcher = { requirements: [], matches: () => false, toString: () => '<none>' }

const TOKEN = /\s*(==|!=|=|!|>|<|\(|\)|,|[^\s=!<>(),]+)\s*/y
const symbols = new Set(['==', '!=', '=', '!', '>', '<', '(', ')', ','])

/** Parses `a=b,c!=d,e in (f,g),h,!i`. Throws `StatusError` 400 in the words of the API server. */
export function parseLabelSelector(selector: string): LabelMatcher {
  const tokens = tokenize(selector)
  const requirements: LabelRequirement[] = []
  let at = 0
  const fail = (what: string): never => {
    throw badRequest(`unable to parse requirement: ${what}`)
  }
  while (at < tokens.length) {
    const negated = tokens[at] === '!'
    if (negated) at++
    const key = tokens[at++]
    if (key === undefined || symbols.has(key)) {
      const found = `found '${key ?? ''}', expected: `
      return negated ? fail(`${found}identifier`) : misplaced(`${found}!, identifier, or 'end of string'`)
    }
    checkKey(key)
    if (negated) requirements.push({ key, operator: '!', values: [] })
    else at = parseOperator(tokens, at, key, requirements, fail)
    if (at < tokens.length && tokens[at++] !== ',')
      return misplaced(`found '${tokens[at - 1]}', expected: ',' or 'end of string'`)
    const next = tokens[at]
    if (tokens[at - 1] === ',' && (next === undefined || (symbols.has(next) && next !== '!')))
      return misplaced(`found '${next ?? ''}', expected: identifier after ','`)
  }
  return requirements.length === 0 ? everything : matcher(requirements)
}

function tokenize(selector: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const trimmed = selector.trim()
  while (TOKEN.lastIndex < trimmed.length) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(trimmed)
    if (!match) throw badRequest(`unable to parse requirement: found '${trimmed.slice(from)}'`)
    tokens.push(match[1]!)
  }
  return tokens
}

/** What is between requirements is told of without saying so. */
function misplaced(what: string): never {
  throw badRequest(what)
}

type Fail = (what: string) => never

function parseOperator(tokens: string[], start: number, key: string, into: LabelRequirement[], fail: Fail): number {
  let at = start
  const operator = tokens[at]
  if (operator === undefined || operator === ',') {
    into.push({ key, operator: 'exists', values: [] })
    return at
  }
  at++
  if (operator === 'in' || operator === 'notin') {
    const [values, next] = parseSet(tokens, at, fail)
    into.push({ key, operator, values: values.map((value) => checkValue(key, value)) })
    return next
  }
  const kind = ({ '=': '=', '==': '=', '!=': '!=', '>': 'gt', '<': 'lt' } as const)[operator]
  if (!kind) return fail(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`)
  const next = tokens[at]
  const value = next === undefined || next === ',' ? '' : next
  if (symbols.has(value)) return fail(`found '${value}', expected: identifier`)
  if ((kind === 'gt' || kind === 'lt') && !/^-?\d+$/.test(value))
    return fail(`for 'Gt', 'Lt' operators, the value must be an integer`)
  into.push({ key, operator: kind, values: [checkValue(key, value)] })
  return value === '' ? at : at + 1
}

function parseSet(tokens: string[], start: number, fail: Fail): [string[], number] {
  let at = start
  if (tokens[at] !== '(') return fail(`found '${tokens[at] ?? ''}' expected: '('`)
  at++
  const values: string[] = []
  let isValueNext = true
  for (;;) {
    const token = tokens[at++]
    if (token === undefined && at === start + 2) return fail("found '', expected: ',', ')' or identifier")
    if (token === undefined && isValueNext) return fail("found '', expected: ',', or identifier")
    if (token === ')') {
      if (isValueNext) values.push('')
      return [values, at]
    }
    if (token === ',') {
      if (isValueNext) values.push('')
      isValueNext = true
    } else if (token === undefined || !isValueNext) return fail(`found '${token ?? ''}', expected: ',' or ')'`)
    else {
      values.push(token)
      isValueNext = false
    }
  }
}

function checkKey(key: string): void {
  const problems = isQualifiedName(key)
  if (problems.length > 0)
    throw badRequest(
      `unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`,
    )
}

function checkValue(key: string, value: string): string {
  const problems = isLabelValue(value)
  if (problems.length === 0) return value
  throw badRequest(
    `unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${problems.join('; ')}`,
  )
}

const operators: Record<string, LabelOperator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

/** A `LabelSelector` object: absent selects nothing, an empty one everything. Throws `StatusError` 400 for unknown operators. */
export function labelSelectorMatcher(selector: LabelSelector | undefined | null): LabelMatcher {
  if (!selector) return nothing
  const requirements: LabelRequirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=',
    values: [value],
  }))
  for (const expression of selector.matchExpressions ?? []) {
    const operator = operators[expression.operator]
    if (!operator) throw badRequest(`"${expression.operator}" is not a valid label selector operator`)
    requirements.push({ key: expression.key, operator, values: expression.values ?? [] })
  }
  return requirements.length === 0 ? everything : matcher(requirements)
}
