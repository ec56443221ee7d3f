// Writes .generated/ from the tables of API facts in resources/facts: the tables as one TypeScript module
// (so that bundles and tests read them without a file system), the TypeScript types of the wire, one module
// per group and version, and the words of fields (compressed: they are read only when someone asks for them). Runs on Node 20 without node_modules; does nothing when its inputs have not changed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { fieldDocs, fieldDocsVersion } from './lib/field-docs.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const facts = (name) => readFileSync(join(root, 'resources/facts', name), 'utf8')
const tables = [
  'types.tsv',
  'enums.tsv',
  'kinds.tsv',
  'columns.tsv',
  'discovery.tsv',
  'groups.tsv',
  'default-rbac.json',
]

const SCALARS = new Map([
  ['string', 'string'],
  ['bool', 'boolean'],
  ['int', 'number'],
  ['int32', 'number'],
  ['int64', 'number'],
  ['uint32', 'number'],
  ['uint64', 'number'],
  ['float32', 'number'],
  ['float64', 'number'],
  ['[]byte', 'string'],
  ['interface{}', 'unknown'],
  ['any', 'unknown'],
])
/** Types that JSON carries in another shape than their Go declaration. */
const SPECIAL = new Map([
  ['Time', 'string'],
  ['MicroTime', 'string'],
  ['Duration', 'string'],
  ['Quantity', 'string'],
  ['IntOrString', 'number | string'],
  ['RawExtension', 'Record<string, unknown>'],
  ['Object', 'Record<string, unknown>'],
  ['FieldsV1', 'Record<string, unknown>'],
  ['UID', 'string'],
  ['JSON', 'unknown'],
  ['ResourceList', 'Record<string, string>'],
  ['ExtraValue', 'string[]'],
  ['Verbs', 'string[]'],
])
const CORE = 'v1'
const META = 'meta/v1'

export const moduleOf = (groupVersion) => (groupVersion === CORE ? 'core/v1' : groupVersion)

function readTypes() {
  const modules = new Map()
  for (const line of facts('types.tsv').split('\n')) {
    if (!line || line.startsWith('#')) continue
    const [gv, type, json, go, , , presence] = line.split('\t')
    if (!modules.has(gv)) modules.set(gv, new Map())
    const types = modules.get(gv)
    if (!types.has(type)) types.set(type, [])
    types.get(type).push({ json, go, presence })
  }
  return modules
}

function readEnums() {
  const enums = new Map()
  for (const line of facts('enums.tsv').split('\n')) {
    if (!line || line.startsWith('#')) continue
    const [gv, type, closed, values] = line.split('\t')
    // Values with spaces in them (certificates' KeyUsage) cannot be told apart here: such a set is left open.
    const words = values.split(' ').map((value) => (value === '""' ? '' : value))
    if (type !== 'string') enums.set(`${gv} ${type}`, closed === 'yes' && type !== 'KeyUsage' ? words : [])
  }
  return enums
}

function writeTypes(directory) {
  const modules = readTypes()
  const enums = readEnums()
  const kinds = new Set(
    facts('kinds.tsv')
      .split('\n')
      .map((l) => l.split('\t').slice(0, 2).join(' ')),
  )

  for (const [gv, types] of modules) {
    const imports = new Set()
    const named = (go) => {
      const dot = go.lastIndexOf('.')
      const qualifier = dot < 0 ? '' : go.slice(0, dot)
      const name = go.slice(dot + 1)
      if (SPECIAL.has(name)) return SPECIAL.get(name)
      const homes =
        qualifier === 'metav1'
          ? [META]
          : qualifier === ''
            ? [gv, META]
            : [qualifier === 'v1' && gv !== CORE ? CORE : gv, CORE, ...guess(qualifier)]
      for (const home of homes) {
        if (modules.get(home)?.has(name)) {
          if (home === gv) return name
          imports.add(home)
          return `${alias(home)}.${name}`
        }
        const values = enums.get(`${home} ${name}`)
        if (values) return values.length > 0 ? values.map((v) => `'${v}'`).join(' | ') : 'string'
      }
      return 'string'
    }
    const typeOf = (go) => {
      if (SCALARS.has(go)) return SCALARS.get(go)
      if (go.startsWith('*')) return typeOf(go.slice(1))
      if (go.startsWith('[]')) return `Array<${typeOf(go.slice(2))}>`
      const map = /^map\[([^\]]+)\](.+)$/.exec(go)
      if (map) return `Record<string, ${typeOf(map[2])}>`
      return named(go)
    }
    const guess = (qualifier) => {
      const match = /^([a-z]+?)(v\d.*)$/.exec(qualifier)
      return match
        ? [...modules.keys()].filter((k) => k.split('/')[0].split('.')[0] === match[1] && k.endsWith('/' + match[2]))
        : []
    }

    const body = []
    for (const [type, fields] of types) {
      const top = kinds.has(`${gv} ${type}`)
      const bases = []
      const lines = []
      for (const { json, go, presence } of fields) {
        if (json.startsWith('(')) {
          if (go === 'metav1.TypeMeta' || go === 'TypeMeta') {
            lines.push(
              top
                ? `  apiVersion: string\n  kind: string`
                : `  apiVersion?: string | undefined\n  kind?: string | undefined`,
            )
          } else bases.push(typeOf(go.replace(/^\*/, '')))
          continue
        }
        const objectMeta = go === 'metav1.ObjectMeta' || go === 'ObjectMeta'
        let ts = typeOf(go)
        if (objectMeta && !top) ts = `Partial<${ts}>`
        const always =
          (top && (json === 'metadata' || json === 'spec')) ||
          (type === 'ObjectMeta' && gv === META && ['name', 'uid', 'resourceVersion'].includes(json)) ||
          presence === 'required'
        const key = /^[A-Za-z_$][\w$]*$/.test(json) ? json : `'${json}'`
        lines.push(always ? `  ${key}: ${ts}` : `  ${key}?: ${ts} | undefined`)
      }
      const head = bases.length > 0 ? `export type ${type} = ${bases.join(' & ')} & {` : `export interface ${type} {`
      body.push(`${head}\n${lines.join('\n')}\n}`)
    }
    const file = join(directory, `${moduleOf(gv)}.ts`)
    mkdirSync(dirname(file), { recursive: true })
    const header = [...imports].map((home) => `import type * as ${alias(home)} from '#types/${moduleOf(home)}'`)
    writeFileSync(file, [...header, ...body].join('\n') + '\n')
  }
}

const alias = (home) => moduleOf(home).replace(/[^A-Za-z0-9]/g, '_')

function main() {
  const target = join(root, '.generated')
  const inputs = [
    fileURLToPath(import.meta.url),
    join(root, 'scripts/lib/field-docs.mjs'),
    ...tables.map((t) => join(root, 'resources/facts', t)),
  ]
  const hash = createHash('sha256').update(fieldDocsVersion(root))
  for (const input of inputs) hash.update(readFileSync(input))
  const digest = hash.digest('hex')
  const stamp = join(target, 'stamp')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const camel = (name) => name.replace(/\.\w+$/, '').replace(/-(\w)/g, (_, c) => c.toUpperCase())
  const lines = tables.map((name) =>
    name.endsWith('.json')
      ? `export const ${camel(name)}: unknown = ${facts(name)}`
      : `export const ${camel(name)}: string = ${JSON.stringify(facts(name))}`,
  )
  writeFileSync(join(target, 'facts.ts'), lines.join('\n') + '\n')
  writeTypes(join(target, 'types'))
  const docs = brotliCompressSync(fieldDocs(root)).toString('base64')
  writeFileSync(join(target, 'field-docs.ts'), `export const fieldDocs: string = '${docs}'\n`)
  writeFileSync(stamp, digest)
}

main()
