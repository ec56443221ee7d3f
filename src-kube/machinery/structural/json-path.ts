/** Selects values of an object, in document order. */
export type JsonPath = (object: unknown) => unknown[]

type Step = (value: unknown) => unknown[]

/**
 * The JSONPath of printer columns and selectable fields (kubernetes.io, "JSONPath Support", without the braces): fields, escaped dots, indexes,
 * slices, wildcards, unions, recursive descent, filters that compare with a literal. Throws `SyntaxError` for anything else.
 */
export function parseJsonPath(text: string): JsonPath {
  const steps: Step[] = []
  let rest = text.startsWith('$') ? text.slice(1) : text
  while (rest !== '') {
    const { step, length } = nextStep(rest, text)
    steps.push(step)
    rest = rest.slice(length)
  }
  return (object) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [object])
}

function nextStep(rest: string, whole: string): { step: Step; length: number } {
  const field = /^(\.\.?)((?:\\.|[^.[\]\\])+)/.exec(rest)
  if (field) {
    const name = unescape(field[2]!)
    const one = name === '*' ? everything : member(name)
    return { step: field[1] === '..' ? (value) => descendants(value).flatMap(one) : one, length: field[0].length }
  }
  if (rest.startsWith('[')) {
    const end = closing(rest)
    if (end > 0) return { step: bracket(rest.slice(1, end), whole), length: end + 1 }
  }
  if (/^\.(\[|$)/.test(rest)) return { step: (value) => [value], length: 1 }
  throw new SyntaxError(`unrecognized part ${JSON.stringify(rest)} of the path ${JSON.stringify(whole)}`)
}

/** Where the bracket that opens the text closes, quotes and inner brackets passed over; 0 when it does not. */
function closing(text: string): number {
  let depth = 0
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quote) {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '[') depth++
    else if (c === ']' && --depth === 0) return i
  }
  return 0
}

function bracket(inside: string, whole: string): Step {
  const filter = /^\?\((.*)\)$/s.exec(inside.trim())
  if (filter) return filtering(filter[1]!, whole)
  const parts = inside.match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^,]+/g) ?? []
  const steps = parts.map((part) => selector(part.trim(), whole))
  return (value) => steps.flatMap((step) => step(value))
}

function selector(part: string, whole: string): Step {
  if (part === '*') return everything
  if (/^(['"]).*\1$/s.test(part)) return member(unescape(part.slice(1, -1)))
  if (/^-?\d+$/.test(part))
    return (value) => (Array.isArray(value) ? defined((value as unknown[]).at(Number(part))) : [])
  const slice = /^(-?\d*):(-?\d*)(?::(\d+))?$/.exec(part)
  if (!slice) throw new SyntaxError(`invalid array index ${part} in the path ${JSON.stringify(whole)}`)
  const [, from, to, step = '1'] = slice
  return (value) =>
    Array.isArray(value)
      ? (value as unknown[])
          .slice(from ? Number(from) : 0, to ? Number(to) : undefined)
          .filter((_, i) => i % Number(step) === 0)
      : []
}

const unescape = (text: string): string => text.replace(/\\(.)/g, '$1')
const defined = (value: unknown): unknown[] => (value === undefined ? [] : [value])

const member =
  (name: string): Step =>
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
      ? defined((value as Record<string, unknown>)[name])
      : []

const everything: Step = (value) => (typeof value === 'object' && value !== null ? Object.values(value) : [])

const descendants = (value: unknown): unknown[] => [value, ...everything(value).flatMap(descendants)]

const comparisons: Record<string, (a: never, b: never) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/** `@.type=="Ready"`, or `@.name` for items that have it. */
function filtering(text: string, whole: string): Step {
  const filter = text.trim()
  if (!filter.startsWith('@'))
    throw new SyntaxError(`unrecognized filter ${JSON.stringify(text)} in the path ${JSON.stringify(whole)}`)
  const { 0: operator, index } = /==|!=|<=|>=|<|>/.exec(filter) ?? { 0: undefined, index: filter.length }
  const path = parseJsonPath(filter.slice(1, index).trim())
  if (!operator) return (value) => items(value).filter((item) => path(item).length > 0)
  const wanted = literal(filter.slice(index + operator.length).trim(), whole)
  const compare = comparisons[operator]!
  return (value) =>
    items(value).filter((item) => {
      const [found] = path(item)
      return found !== undefined && compare(found as never, wanted as never)
    })
}

const items = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

function literal(text: string, whole: string): unknown {
  if (/^(['"]).*\1$/s.test(text)) return unescape(text.slice(1, -1))
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  throw new SyntaxError(`unrecognized value ${text} in the path ${JSON.stringify(whole)}`)
}
