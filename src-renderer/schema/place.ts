/** Where a cursor stands in a YAML text, found by indentation alone: the text is being typed and need not parse. */
export interface Place {
  /** Fields and list items (`0`) from the root of the document to the field being written, without it. */
  path: Array<string | number>
  /** A field's name, or the value of the field at the end of `path`. */
  kind: 'key' | 'value'
  /** What is already typed of it. */
  prefix: string
  /** Column it begins at, from 1. */
  column: number
  /** Fields that stand beside it already. */
  siblings: string[]
  /** `apiVersion` and `kind` of the document, as far as written. */
  apiVersion: string
  objectKind: string
  /** What the fields beside it hold, where that stands on their line. */
  values: Readonly<Record<string, string>>
  /** `metadata.namespace` of the document, as far as written. */
  namespace: string
}

interface Line {
  /** Columns of the dashes that open list items, from 0. */
  dashes: number[]
  /** Column of what comes after them. */
  column: number
  key: string | undefined
  /** What stands after `key:`, or the whole content of a line without a key. */
  rest: string
}

const blank = /^\s*(#.*)?$/

function read(line: string): Line {
  const dashes: number[] = []
  let column = line.length - line.trimStart().length
  while (/^-(\s|$)/.test(line.slice(column))) {
    dashes.push(column)
    const after = line.slice(column + 1)
    column += 1 + (after.length - after.trimStart().length || 1)
  }
  const content = line.slice(column)
  const match = /^(?:"([^"]+)"|'([^']+)'|([^\s:#'"{[][^:#]*?))\s*:(?:\s+(.*))?$/.exec(content)
  const key = match?.[1] ?? match?.[2] ?? match?.[3]
  return { dashes, column, key, rest: match ? (match[4] ?? '').replace(/\s+#.*$/, '') : content }
}

/** The place of a cursor; `line` and `column` from 1. Undefined in comments, block texts, `{…}` and `[…]`. */
export function placeAt(text: string, line: number, column: number): Place | undefined {
  const all = text.split('\n').map((one) => one.replace(/\r$/, ''))
  const index = line - 1
  const before = (all[index] ?? '').slice(0, column - 1)
  if (/(^|\s)#/.test(before)) return undefined
  const [first, end] = documentAround(all, index)
  const current = read(before)
  const isValue = current.key !== undefined && /:\s/.test(before.slice(current.column))
  if (current.key !== undefined && !isValue) return undefined
  const prefix = current.rest
  if (/^[{[|>&*!]/.test(prefix)) return undefined
  const climbed = climb(all, index, first, current)
  if (!climbed) return undefined
  const { path } = climbed
  const beside = [...climbed.siblings, ...below(all, index, end, current.column)]
  const root = (field: string): string =>
    all.slice(first, end).reduce((found, one) => {
      const { key, column: at, rest } = read(one)
      return found || (key === field && at === 0 ? unquoted(rest) : '')
    }, '')
  return {
    path: isValue ? [...path, current.key!] : path,
    kind: isValue ? 'value' : 'key',
    prefix,
    column: column - prefix.length,
    siblings: isValue ? [] : beside.map((line) => line.key!),
    values: Object.fromEntries(beside.map((line) => [line.key!, unquoted(line.rest)])),
    namespace: namespaceIn(all.slice(first, end)),
    apiVersion: root('apiVersion'),
    objectKind: root('kind'),
  }
}

const unquoted = (text: string): string => text.replaceAll(/["']/g, '')

/** `namespace` in the block of a document's own `metadata`, or in its `{…}`. */
function namespaceIn(lines: readonly string[]): string {
  const from = lines.findIndex((one) => one.startsWith('metadata:'))
  if (from < 0) return ''
  const inline = /[{,]\s*namespace:\s*([^,}\s]+)/.exec(lines[from]!)
  if (inline) return unquoted(inline[1]!)
  for (const text of lines.slice(from + 1)) {
    if (blank.test(text)) continue
    const line = read(text)
    if (line.column === 0) break
    if (line.key === 'namespace') return unquoted(line.rest)
  }
  return ''
}

function documentAround(all: readonly string[], index: number): [first: number, end: number] {
  const isEdge = (line: string): boolean => line.startsWith('---')
  const first = all.findLastIndex((line, at) => at < index && isEdge(line)) + 1
  const end = all.findIndex((line, at) => at > index && isEdge(line))
  return [first, end < 0 ? all.length : end]
}

/** From a line up to the root of its document, what encloses it; undefined in the text of a block scalar, which is nobody's YAML. */
function climb(all: readonly string[], index: number, first: number, current: Line) {
  const path: Array<string | number> = []
  const siblings: Line[] = []
  let column = current.column
  let isInItem = false
  const enter = (dash: number): void => {
    path.unshift(0)
    column = dash
    isInItem = true
  }
  for (const dash of current.dashes.toReversed()) enter(dash)
  const encloses = (line: Line): boolean =>
    line.column < column || (isInItem && line.column === column && line.rest === '')
  for (let at = index - 1; at >= first; at--) {
    if (blank.test(all[at]!)) continue
    const line = read(all[at]!)
    if (line.key !== undefined && encloses(line)) {
      if (/^[|>]/.test(line.rest)) return undefined
      path.unshift(line.key)
      column = line.column
      isInItem = false
    } else if (line.key !== undefined && line.column === column && path.length === 0) siblings.push(line)
    for (const dash of line.dashes.toReversed()) if (dash < column) enter(dash)
  }
  return { path, siblings }
}

/** Fields of the same object that stand below. */
function below(all: readonly string[], index: number, end: number, column: number): Line[] {
  const found: Line[] = []
  for (const text of all.slice(index + 1, end)) {
    if (blank.test(text)) continue
    const line = read(text)
    if ((line.dashes[0] ?? line.column) < column) break
    if (line.column === column && line.dashes.length === 0 && line.key !== undefined) found.push(line)
  }
  return found
}
