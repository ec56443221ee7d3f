import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type Tags,
} from 'yaml'
import { closest } from './closest.ts'
import {
  childOf,
  isOpen,
  resolve,
  schemaOfKind,
  typeName,
  typesOf,
  type Definitions,
  type FieldSchema,
  type ValueType,
} from './json-schema.ts'

/** Something wrong in a text; lines and columns from 1, the end exclusive. */
export interface Problem {
  line: number
  column: number
  endLine: number
  endColumn: number
  /** Picks the words `problems.<code>`, which `values` fill. */
  code: 'syntax' | 'unknown' | 'unknownNear' | 'type' | 'required' | 'enum' | 'missing' | 'kind'
  values: Record<string, string>
}

/** Schemas by `apiVersion`; undefined ones are not loaded (yet), so nothing is said of their objects. `null`: not served. */
export type SchemasByVersion = ReadonlyMap<string, Definitions | null | undefined>

/** Scalars as Kubernetes reads YAML: neither times nor numbers of base 60 are anything but text. */
const kubernetesTags = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME'))

/** The `apiVersion`s that a text names: the schemas it needs. */
export function versionsIn(text: string): string[] {
  const found = [...text.matchAll(/^apiVersion:[ \t]+["']?([\w./-]+)/gm)].map((match) => match[1]!)
  return [...new Set(found)]
}

interface Run {
  document: Document
  problems: Problem[]
  add(node: Node | undefined, code: Problem['code'], values: Record<string, string>): void
}

/** What the API server would refuse in a text, as far as schemas tell, in the order of the text; and what is no YAML. */
export function validate(text: string, schemas: SchemasByVersion): Problem[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
    customTags: kubernetesTags,
  })
  const problems: Problem[] = []
  if (!Array.isArray(documents)) return problems
  const place = (start: number, end: number): Omit<Problem, 'code' | 'values'> => {
    const [from, to] = [lines.linePos(start), lines.linePos(Math.max(start + 1, end))]
    return { line: from.line, column: from.col, endLine: to.line, endColumn: to.col }
  }
  for (const document of documents) {
    for (const { pos, message } of document.errors)
      problems.push({ ...place(pos[0], pos[1]), code: 'syntax', values: { message } })
    if (document.errors.length > 0 || !document.contents) continue
    const run: Run = {
      document,
      problems,
      add(node, code, values) {
        const [start = 0, end = 1] = node?.range ?? []
        const first = text.indexOf('\n', start)
        problems.push({ ...place(start, first < 0 ? end : Math.min(end, first)), code, values })
      },
    }
    checkObject(run, document.contents, schemas)
  }
  return problems
}

function checkObject(run: Run, node: Node, schemas: SchemasByVersion): void {
  if (!isMap(node)) return run.add(node, 'type', { path: '.', expected: 'object', found: typeOf(node) ?? 'null' })
  const text = (field: string): string => {
    const value = node.get(field)
    return typeof value === 'string' ? value : ''
  }
  for (const field of ['apiVersion', 'kind']) if (!text(field)) run.add(node, 'missing', { path: field })
  const [apiVersion, kind] = [text('apiVersion'), text('kind')]
  if (!apiVersion || !kind) return
  if (kind === 'List' && apiVersion === 'v1') {
    const items = node.get('items', true)
    if (isSeq(items)) for (const item of items.items) checkObject(run, item as Node, schemas)
    return
  }
  const definitions = schemas.get(apiVersion)
  if (definitions === undefined) return
  const schema = definitions && schemaOfKind(definitions, kind)
  if (!schema) return run.add(node.get('kind', true), 'kind', { kind, apiVersion })
  check(run, node, schema, '')
}

/** Checks a value against its schema; `path` is how messages name it (`spec.containers[0].image`). */
function check(run: Run, given: Node | null | undefined, schema: FieldSchema, path: string): void {
  const node = isAlias(given) ? given.resolve(run.document) : given
  if (isAlias(given) && !node) run.add(given, 'syntax', { message: `There is no anchor &${given.source} above.` })
  // Null is as good as absent everywhere (API conventions, "Optional vs. required").
  if (!node || (isScalar(node) && node.value === null)) return
  const field = resolve(schema)
  const types = typesOf(field)
  const found = typeOf(node)!
  if (types.length > 0 && !fits(found, types))
    return run.add(given!, 'type', { path, expected: typeName(field), found: found === 'integer' ? 'number' : found })
  if (isScalar(node)) {
    const allowed = field.schema.enum
    if (allowed && node.value !== '' && !allowed.includes(node.value))
      run.add(node, 'enum', { path, value: String(node.value), allowed: allowed.filter(Boolean).join(', ') })
  } else if (isSeq(node)) {
    const item = childOf(field, 0)
    if (item) node.items.forEach((child, at) => check(run, child as Node, item, `${path}[${at}]`))
  } else if (isMap(node)) checkFields(run, node, field, path)
}

function checkFields(run: Run, node: Node & { items: unknown[] }, field: FieldSchema, path: string): void {
  if (!isMap(node)) return
  const { properties = {}, required = [] } = field.schema
  const names = new Set<string>()
  let merges = false
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : ''
    // The merge key of YAML 1.1, which the parser makes a symbol.
    const isMerge = name === '<<' || (isScalar(key) && typeof key.value === 'symbol')
    merges ||= isMerge
    if (isMerge) continue
    if (!isScalar(value) || value.value !== null) names.add(name)
    const at = path ? `${path}.${name}` : name
    // The status is the server's; what people send of it is ignored.
    if (at === 'status') continue
    const child = childOf(field, name)
    if (child) check(run, value as Node | null, child, at)
    else if (!isOpen(field)) {
      const near = closest(name, Object.keys(properties))
      run.add(key as Node, near ? 'unknownNear' : 'unknown', { path: at, near: near ?? '' })
    }
  }
  if (merges) return
  const missing = required.filter((name) => !names.has(name) && properties[name]?.default === undefined)
  for (const name of missing.filter((one) => path !== '' || one !== 'status'))
    run.add(firstKey(node), 'required', { path: path ? `${path}.${name}` : name })
}

const firstKey = (node: Node & { items: Array<{ key: unknown }> }): Node =>
  (node.items[0]?.key as Node | undefined) ?? node

function typeOf(node: Node): ValueType | undefined {
  if (isMap(node)) return 'object'
  if (isSeq(node)) return 'array'
  if (!isScalar(node) || node.value === null) return undefined
  if (typeof node.value === 'boolean') return 'boolean'
  if (typeof node.value === 'number' || typeof node.value === 'bigint')
    return Number.isInteger(Number(node.value)) ? 'integer' : 'number'
  return 'string'
}

const fits = (found: ValueType, types: readonly ValueType[]): boolean => types.includes(found)
