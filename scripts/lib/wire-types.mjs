// The TypeScript types of the wire, one module per group and version, from the tables of API facts.
//
// They are type aliases and no interfaces: only an alias has an implicit index signature, so that a `Pod` is a `KubeObject` (machinery/meta.ts)
// to the compiler and code that handles any kind takes a typed object as it is.

const CORE = 'v1'
const META = 'meta/v1'

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
  // Declared without fields.
  ['CustomResourceSubresourceStatus', 'Record<string, unknown>'],
  ['BasicSchedulingPolicy', 'Record<string, unknown>'],
])

/** What every stored object has, whatever the table says of its presence in what a client sends. */
const ALWAYS_IN_METADATA = ['name', 'uid', 'resourceVersion']

/**
 * Modules by their path below `#types`, each with its source text.
 *
 * @param {{ types: string, enums: string, kinds: string }} tables the text of `types.tsv`, `enums.tsv` and `kinds.tsv`
 */
export function wireTypes(tables) {
  const facts = {
    modules: readTypes(tables.types),
    enums: readEnums(tables.enums),
    kinds: new Set(rowsOf(tables.kinds).map(([groupVersion, kind]) => `${groupVersion} ${kind}`)),
  }
  return new Map([...facts.modules.keys()].map((home) => [pathOf(home), moduleText(home, facts)]))
}

const rowsOf = (table) =>
  table
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split('\t'))

/** Fields by group and version, and by type. */
function readTypes(table) {
  const modules = new Map()
  for (const [groupVersion, type, json, go, , , presence] of rowsOf(table)) {
    if (!modules.has(groupVersion)) modules.set(groupVersion, new Map())
    const types = modules.get(groupVersion)
    if (!types.has(type)) types.set(type, [])
    types.get(type).push({ json, go, presence })
  }
  return modules
}

/** Values by `groupVersion type`; none where the set is open. */
function readEnums(table) {
  const enums = new Map()
  for (const [groupVersion, type, closed, values] of rowsOf(table)) {
    if (type === 'string') continue
    // Values with spaces in them (certificates' KeyUsage) cannot be told apart here: such a set is left open.
    const isClosed = closed === 'yes' && type !== 'KeyUsage'
    enums.set(`${groupVersion} ${type}`, isClosed ? values.split(' ').map((v) => (v === '""' ? '' : v)) : [])
  }
  return enums
}

function moduleText(home, facts) {
  const names = new TypeNames(home, facts)
  const declared = [...facts.modules.get(home)].map(([type, fields]) =>
    declaration(type, fields, { home, names, isKind: facts.kinds.has(`${home} ${type}`) }),
  )
  const imports = [...names.imports].map((other) => `import type * as ${alias(other)} from '#types/${pathOf(other)}'`)
  return [...imports, ...declared].join('\n') + '\n'
}

/** `where`: the module, its names, and whether the type is a kind of its own: then it has apiVersion, kind and full metadata. */
function declaration(type, fields, where) {
  const embedded = fields.filter(({ json }) => json.startsWith('('))
  const bases = embedded
    .filter(({ go }) => !isTypeMeta(go))
    .map(({ go }) => `${where.names.typeOf(go.replace(/^\*/, ''))} & `)
  const lines = fields.map((field) => fieldLine(type, field, where)).filter((line) => line !== undefined)
  return `export type ${type} = ${bases.join('')}{\n${lines.join('\n')}\n}`
}

const isTypeMeta = (go) => go === 'metav1.TypeMeta' || go === 'TypeMeta'
const isObjectMeta = (go) => go === 'metav1.ObjectMeta' || go === 'ObjectMeta'

function fieldLine(type, { json, go, presence }, { home, names, isKind }) {
  if (json.startsWith('(')) {
    if (!isTypeMeta(go)) return undefined
    return isKind
      ? '  apiVersion: string\n  kind: string'
      : '  apiVersion?: string | undefined\n  kind?: string | undefined'
  }
  const named = names.typeOf(go)
  const written = isObjectMeta(go) && !isKind ? `Partial<${named}>` : named
  const isAlways =
    presence === 'required' ||
    (isKind && (json === 'metadata' || json === 'spec')) ||
    (type === 'ObjectMeta' && home === META && ALWAYS_IN_METADATA.includes(json))
  const key = /^[A-Za-z_$][\w$]*$/.test(json) ? json : `'${json}'`
  return isAlways ? `  ${key}: ${written}` : `  ${key}?: ${written} | undefined`
}

/** What Go's types are called in one module, and which others it must import for them. */
class TypeNames {
  /** Groups and versions of the names told so far that are not the module's own. */
  imports = new Set()
  #home
  #facts

  constructor(home, facts) {
    this.#home = home
    this.#facts = facts
  }

  typeOf(go) {
    if (SCALARS.has(go)) return SCALARS.get(go)
    if (go.startsWith('*')) return this.typeOf(go.slice(1))
    if (go.startsWith('[]')) return `Array<${this.typeOf(go.slice(2))}>`
    const map = /^map\[([^\]]+)\](.+)$/.exec(go)
    return map ? `Record<string, ${this.typeOf(map[2])}>` : this.#named(go)
  }

  /** `string` for what no table knows: Go's named strings. */
  #named(go) {
    const dot = go.lastIndexOf('.')
    const name = go.slice(dot + 1)
    if (SPECIAL.has(name)) return SPECIAL.get(name)
    for (const home of this.#homesOf(dot < 0 ? '' : go.slice(0, dot))) {
      if (this.#facts.modules.get(home)?.has(name)) return this.#declaredIn(home, name)
      const values = this.#facts.enums.get(`${home} ${name}`)
      if (values) return values.length > 0 ? values.map((v) => `'${v}'`).join(' | ') : 'string'
    }
    return 'string'
  }

  #declaredIn(home, name) {
    if (home === this.#home) return name
    this.imports.add(home)
    return `${alias(home)}.${name}`
  }

  /** Where a type of this Go package may be declared, likeliest first. */
  #homesOf(qualifier) {
    if (qualifier === 'metav1') return [META]
    if (qualifier === '') return [this.#home, META]
    const own = qualifier === 'v1' && this.#home !== CORE ? CORE : this.#home
    return [own, CORE, ...this.#aliased(qualifier)]
  }

  /** Go's import aliases join group and version: `autoscalingv1`. */
  #aliased(qualifier) {
    const match = /^([a-z]+?)(v\d.*)$/.exec(qualifier)
    if (!match) return []
    const [, group, version] = match
    return [...this.#facts.modules.keys()].filter(
      (home) => home.split('/')[0].split('.')[0] === group && home.endsWith('/' + version),
    )
  }
}

const pathOf = (groupVersion) => (groupVersion === CORE ? 'core/v1' : groupVersion)
const alias = (home) => pathOf(home).replace(/[^A-Za-z0-9]/g, '_')
