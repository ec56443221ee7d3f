import { agree, bool, dyn, int, listOf, mapOf, opaque, simple, string, typeName, type CelType } from './types.ts'

/** One way to call a function: what it takes, the target of a method first, and what it answers. */
interface Signature {
  takes: readonly CelType[]
  gives: CelType
}

/** Whatever the items of a list are. */
const item: CelType = { kind: 'dyn' }

/** What the tables below call types. */
const types: Readonly<Record<string, CelType>> = {
  any: dyn,
  bool,
  bytes: simple('bytes'),
  double: simple('double'),
  duration: simple('duration'),
  int,
  string,
  timestamp: simple('timestamp'),
  uint: simple('uint'),
  item,
  items: listOf(item),
  map: { kind: 'map', key: dyn, value: dyn },
  strings: listOf(string),
  values: mapOf(listOf(string)),
  cidr: opaque('net.CIDR'),
  ip: opaque('net.IP'),
  format: opaque('kubernetes.NamedFormat'),
  quantity: opaque('kubernetes.Quantity'),
  semver: opaque('kubernetes.Semver'),
  url: opaque('kubernetes.URL'),
}

type Row = readonly [names: string, takes: string, gives: string]

/** Methods, each with all its overloads (kubernetes.io, "Common Expression Language in Kubernetes: CEL options, language features and libraries"). */
const methods = signatures([
  ['contains endsWith matches startsWith', 'string string', 'bool'],
  ['lowerAscii trim upperAscii', 'string', 'string'],
  ['charAt', 'string int', 'string'],
  ['indexOf lastIndexOf', 'string string', 'int'],
  ['indexOf lastIndexOf', 'string string int', 'int'],
  ['indexOf lastIndexOf', 'items item', 'int'],
  ['replace', 'string string string', 'string'],
  ['replace', 'string string string int', 'string'],
  ['split findAll', 'string string', 'strings'],
  ['split findAll', 'string string int', 'strings'],
  ['find', 'string string', 'string'],
  ['substring', 'string int', 'string'],
  ['substring', 'string int int', 'string'],
  ['format', 'string items', 'string'],
  ['join', 'strings', 'string'],
  ['join', 'strings string', 'string'],
  ...['string', 'bytes', 'items', 'map'].map((one): Row => ['size', one, 'int']),
  ['isSorted', 'items', 'bool'],
  ['max min sum', 'items', 'item'],
  ...['timestamp', 'timestamp string'].map((takes): Row => [
    'getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getMonth',
    takes,
    'int',
  ]),
  ...['timestamp', 'timestamp string', 'duration'].map((takes): Row => [
    'getHours getMilliseconds getMinutes getSeconds',
    takes,
    'int',
  ]),
  ['isInteger', 'quantity', 'bool'],
  ['asInteger sign', 'quantity', 'int'],
  ['asApproximateFloat', 'quantity', 'double'],
  ['add sub', 'quantity quantity', 'quantity'],
  ['add sub', 'quantity int', 'quantity'],
  ...['quantity quantity', 'semver semver'].flatMap((pair): Row[] => [
    ['isGreaterThan isLessThan', pair, 'bool'],
    ['compareTo', pair, 'int'],
  ]),
  ['major minor patch', 'semver', 'int'],
  ['getEscapedPath getHost getHostname getPort getScheme', 'url', 'string'],
  ['getQuery', 'url', 'values'],
  ['family', 'ip', 'int'],
  ['isGlobalUnicast isLinkLocalMulticast isLinkLocalUnicast isLoopback isUnspecified', 'ip', 'bool'],
  ['containsIP', 'cidr ip', 'bool'],
  ['containsCIDR', 'cidr cidr', 'bool'],
  ['containsIP containsCIDR', 'cidr string', 'bool'],
  ['ip', 'cidr', 'ip'],
  ['masked', 'cidr', 'cidr'],
  ['prefixLength', 'cidr', 'int'],
  ['validate', 'format string', 'any'],
  ['check fieldSelector group labelSelector path resource subresource', 'any string', 'any'],
  ['serviceAccount', 'any string string', 'any'],
  ['allowed errored', 'any', 'bool'],
])

/** Functions, each with all its overloads. */
const functions = signatures([
  ...['string', 'bytes', 'items', 'map'].map((one): Row => ['size', one, 'int']),
  ...conversion('bool', 'bool string'),
  ...conversion('bytes', 'bytes string'),
  ...conversion('double', 'double int string uint'),
  ...conversion('duration', 'duration int string'),
  ...conversion('int', 'double duration int string timestamp uint'),
  ...conversion('string', 'bool bytes cidr double duration int ip string timestamp uint'),
  ...conversion('timestamp', 'int string timestamp'),
  ...conversion('uint', 'double int string uint'),
  ...conversion('cidr', 'string'),
  ...conversion('ip', 'string'),
  ...conversion('quantity', 'string'),
  ...conversion('url', 'string'),
  ['semver', 'string', 'semver'],
  ['semver', 'string bool', 'semver'],
  ['ip.isCanonical isCIDR isIP isQuantity isSemver isURL', 'string', 'bool'],
  ['isSemver', 'string bool', 'bool'],
  ['matches', 'string string', 'bool'],
  ['sets.contains sets.equivalent sets.intersects', 'items items', 'bool'],
  ['format.named', 'string', 'any'],
  ['jsonpatch.escapeKey', 'string', 'string'],
])

function conversion(to: string, from: string): Row[] {
  return from.split(' ').map((one): Row => [to, one, to])
}

function signatures(rows: readonly Row[]): ReadonlyMap<string, readonly Signature[]> {
  const table = new Map<string, Signature[]>()
  const typeOf = (name: string): CelType => types[name] ?? dyn
  for (const [names, takes, gives] of rows)
    for (const name of names.split(' '))
      table.set(name, [...(table.get(name) ?? []), { takes: takes.split(' ').map(typeOf), gives: typeOf(gives) }])
  return table
}

/**
 * What a function or a method answers to arguments of these types (`target` is a method's): a type, or words for what it does not take. What
 * is not in the tables takes and answers anything.
 */
export function callResult(name: string, target: CelType | undefined, args: readonly CelType[]): CelType | string {
  const known = (target ? methods : functions).get(name)
  if (!known) return dyn
  const given = target ? [target, ...args] : args
  const results = known.flatMap((one) => resultOf(one, given) ?? [])
  const [first, ...others] = results
  if (first === undefined) {
    const taken = `(${args.map(typeName).join(', ')})`
    const applied = target ? `${typeName(target)}.${taken}` : taken
    return `found no matching overload for '${name}' applied to '${applied}'`
  }
  return others.every((one) => typeName(one) === typeName(first)) ? first : dyn
}

function resultOf({ takes, gives }: Signature, given: readonly CelType[]): CelType | undefined {
  if (takes.length !== given.length) return undefined
  const bound: { item: CelType } = { item: dyn }
  return takes.every((type, i) => fits(type, given[i] ?? dyn, bound))
    ? gives === item
      ? bound.item
      : gives
    : undefined
}

/** Whether a value of a type may stand where another is taken; the items of lists of any type must agree with each other. */
function fits(taken: CelType, given: CelType, bound: { item: CelType }): boolean {
  if (taken === item) {
    if (!agree(bound.item, given)) return false
    if (bound.item.kind === 'dyn') bound.item = given
    return true
  }
  if (taken.kind === 'list' && taken.of === item)
    return given.kind === 'list' ? fits(item, given.of, bound) : agree(taken, given)
  return agree(taken, given)
}
