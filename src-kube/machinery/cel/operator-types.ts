import { agree, bool, dyn, isNumber, listOf, simple, typeName, type CelType } from './types.ts'

/** Operators as cel-go names them in its words. */
const names: Record<string, string> = { '!': '!_', neg: '-_', in: '@in', '?:': '_?_:_', '[]': '_[_]' }
const nameOf = (operator: string): string => names[operator] ?? `_${operator}_`

const ordered = new Set(['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'])
const added = new Set(['int', 'uint', 'double', 'string', 'bytes', 'duration'])

/** Words for operands that an operator does not take. */
export const noOverload = (operator: string, types: readonly CelType[]): string =>
  `found no matching overload for '${nameOf(operator)}' applied to '(${types.map(typeName).join(', ')})'`

/** What an operator makes of operands of these types; undefined when it does not take them (cel-spec, "List of Standard Definitions"). */
export function operatorType(operator: string, types: readonly CelType[]): CelType | undefined {
  const [a = dyn, b = dyn] = types
  switch (operator) {
    case '!':
      return agree(a, bool) ? bool : undefined
    case 'neg':
      return a.kind === 'dyn' || a.kind === 'int' || a.kind === 'double' || a.kind === 'duration' ? a : undefined
    case '&&':
    case '||':
      return agree(a, bool) && agree(b, bool) ? bool : undefined
    case '==':
    case '!=':
      return agree(a, b) ? bool : undefined
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isOrdered(a, b) ? bool : undefined
    case 'in':
      return isContained(a, b) ? bool : undefined
    case '+':
    case '-':
      return sum(operator, a, b)
    case '*':
    case '/':
      return arithmetic(a, b, isNumber)
    case '%':
      return arithmetic(a, b, ({ kind }) => kind === 'int' || kind === 'uint')
    default:
      return dyn
  }
}

const isDyn = ({ kind }: CelType): boolean => kind === 'dyn'

function isOrdered(a: CelType, b: CelType): boolean {
  if (!ordered.has(a.kind) && !isDyn(a)) return false
  if (!ordered.has(b.kind) && !isDyn(b)) return false
  return agree(a, b) || (isNumber(a) && isNumber(b))
}

function isContained(a: CelType, b: CelType): boolean {
  if (b.kind === 'list') return agree(a, b.of)
  if (b.kind === 'map') return agree(a, b.key)
  return isDyn(b)
}

function arithmetic(a: CelType, b: CelType, takes: (type: CelType) => boolean): CelType | undefined {
  if (isDyn(a) && isDyn(b)) return dyn
  if (isDyn(a)) return takes(b) ? b : undefined
  if (isDyn(b)) return takes(a) ? a : undefined
  return takes(a) && a.kind === b.kind ? a : undefined
}

function sum(operator: '+' | '-', a: CelType, b: CelType): CelType | undefined {
  const kinds = `${a.kind}${operator}${b.kind}`
  if (kinds === 'timestamp-timestamp') return simple('duration')
  if (kinds === 'timestamp+duration' || kinds === 'duration+timestamp' || kinds === 'timestamp-duration')
    return simple('timestamp')
  if (a.kind === 'list' && b.kind === 'list')
    return operator === '+' && agree(a.of, b.of) ? listOf(isDyn(a.of) ? b.of : a.of) : undefined
  if (isDyn(a) || isDyn(b)) return dyn
  if (operator === '-') return arithmetic(a, b, (type) => isNumber(type) || type.kind === 'duration')
  return arithmetic(a, b, ({ kind }) => added.has(kind))
}
