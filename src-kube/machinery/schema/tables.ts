import { enums, types } from '#generated/facts'
import type { Field, FieldType, StructSchema } from './types.ts'

/** One line of types.tsv. */
interface Row {
  json: string
  go: string
  number: string
  wire: string
  presence: string
  default: string
  strategy: string
  mergeKey: string
  listType: string
  listKeys: string
}

const CORE = 'v1'
const META = 'meta/v1'

/** group/version → type → its rows; parsed at the first question (about 4,400 lines, some milliseconds, once). */
let tables: Map<string, Map<string, Row[]>> | undefined

function rowsByType(): Map<string, Map<string, Row[]>> {
  if (tables) return tables
  tables = new Map()
  for (const line of types.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const cells = line.split('\t')
    const [gv, type, json, go, number, wire, presence, fallback, strategy, mergeKey, listType, listKeys] =
      cells as string[]
    let module = tables.get(gv!)
    if (!module) tables.set(gv!, (module = new Map()))
    let rows = module.get(type!)
    if (!rows) module.set(type!, (rows = []))
    rows.push({
      json: json!,
      go: go!,
      number: number ?? '-',
      wire: wire ?? '-',
      presence: presence ?? '-',
      default: fallback ?? '-',
      strategy: strategy ?? '-',
      mergeKey: mergeKey ?? '-',
      listType: listType ?? '-',
      listKeys: listKeys ?? '-',
    })
  }
  return tables
}

const scalars: Record<string, Exclude<FieldType['kind'], 'struct' | 'list' | 'map'>> = {
  string: 'string',
  bool: 'boolean',
  int: 'int',
  int32: 'int',
  int64: 'int',
  uint32: 'int',
  uint64: 'int',
  float32: 'float',
  float64: 'float',
  '[]byte': 'bytes',
  Time: 'time',
  MicroTime: 'time',
  Duration: 'any',
  Quantity: 'quantity',
  IntOrString: 'intOrString',
  RawExtension: 'object',
  Object: 'object',
  FieldsV1: 'object',
  UID: 'string',
  JSON: 'any',
  'interface{}': 'any',
  JSONSchemaPropsOrArray: 'any',
  JSONSchemaPropsOrBool: 'any',
  JSONSchemaDependencies: 'any',
  // Declared without fields, or outside the API's own packages.
  CustomResourceSubresourceStatus: 'object',
  BasicSchedulingPolicy: 'object',
  GroupResource: 'object',
  GroupVersionKind: 'object',
  GroupVersionResource: 'object',
}
/** Named map and list types of the declarations. */
const aliases: Record<string, string> = {
  ResourceList: 'map[string]resource.Quantity',
  ExtraValue: '[]string',
  Verbs: '[]string',
  JSONSchemaDefinitions: 'map[string]JSONSchemaProps',
  ValidationRules: '[]ValidationRule',
}

/**
 * Optional fields that are kept whatever their value: in Go they lack `omitempty`; no managers at all are a request to forget them, and no policies at all no
 * policies, in place of the usual ones.
 */
const alwaysWritten: Record<string, readonly string[]> = {
  ClusterRole: ['rules'],
  ContainerImage: ['names'],
  CSINodeDriver: ['topologyKeys'],
  CustomResourceDefinitionStatus: ['conditions', 'storedVersions'],
  EndpointSlice: ['endpoints', 'ports'],
  Event: ['reportingComponent', 'reportingInstance'],
  EventSeries: ['count'],
  FlowSchemaSpec: ['matchingPrecedence'],
  HPAScalingRules: ['policies'],
  HorizontalPodAutoscalerStatus: ['currentMetrics'],
  LimitedPriorityLevelConfiguration: ['assuredConcurrencyShares'],
  ObjectMeta: ['managedFields'],
  PodDisruptionBudgetStatus: ['currentHealthy', 'desiredHealthy', 'disruptionsAllowed', 'expectedPods'],
  PriorityClass: ['value'],
  ProjectedVolumeSource: ['sources'],
  QueuingConfiguration: ['handSize', 'queueLengthLimit', 'queues'],
  ResourcePolicyRule: ['namespaces'],
  Role: ['rules'],
  RoleRef: ['apiGroup'],
  StatefulSetSpec: ['serviceName'],
  StatefulSetStatus: ['availableReplicas'],
  TokenRequestSpec: ['audiences'],
}

const structs = new Map<string, StructSchema>()

/** A class, as that of fields is one: every object that is decoded asks them, and V8 knows at once what it finds where objects have one form. */
class TableSchema implements StructSchema {
  readonly groupVersion: string
  readonly type: string
  #fields: ReadonlyMap<string, Field> | undefined
  #embedded: StructSchema['embedded'] | undefined

  constructor(groupVersion: string, type: string) {
    this.groupVersion = groupVersion
    this.type = type
  }

  get fields(): ReadonlyMap<string, Field> {
    return (this.#fields ??= fieldsOf(this.groupVersion, this.type))
  }

  get embedded(): StructSchema['embedded'] {
    return (this.#embedded ??= embeddedOf(this.groupVersion, this.type))
  }
}

/** The schema of a type, or undefined when the tables do not know it. */
export function findSchema(groupVersion: string, type: string): StructSchema | undefined {
  const key = `${groupVersion} ${type}`
  const known = structs.get(key)
  if (known) return known
  if (!rowsByType().get(groupVersion)?.has(type)) return undefined
  const schema = new TableSchema(groupVersion, type)
  structs.set(key, schema)
  return schema
}

/** Every group/version of the tables, and the types of one. */
export const knownGroupVersions = (): string[] => [...rowsByType().keys()]
export const knownTypes = (groupVersion: string): string[] => [...(rowsByType().get(groupVersion)?.keys() ?? [])]

function fieldsOf(groupVersion: string, type: string): Map<string, Field> {
  const fields = new Map<string, Field>()
  for (const row of rowsByType().get(groupVersion)!.get(type)!) {
    if (row.json.startsWith('(')) for (const [name, field] of sharedFields(row, groupVersion)) fields.set(name, field)
    else fields.set(row.json, new TableField(row, type, groupVersion))
  }
  return fields
}

/** Fields of a type that stands within another without a name of its own: JSON shows them among the other's. */
function sharedFields(row: Row, groupVersion: string): Iterable<[string, Field]> {
  if (row.json === '(TypeMeta)') return ['kind', 'apiVersion'].map((name) => [name, plainField(name)])
  const embedded = typeOf(row.go, groupVersion)
  return embedded.kind === 'struct' ? embedded.struct.fields : []
}

function embeddedOf(groupVersion: string, type: string): StructSchema['embedded'] {
  return rowsByType()
    .get(groupVersion)!
    .get(type)!
    .filter((row) => row.json.startsWith('(') && given(row.number) !== undefined)
    .flatMap((row) => {
      const found = typeOf(row.go, groupVersion)
      return found.kind === 'struct' ? [{ number: Number(row.number), struct: found.struct }] : []
    })
}

/** A field of `TypeMeta`. */
const plainField = (name: string): Field =>
  new TableField(
    {
      json: name,
      go: 'string',
      number: '-',
      wire: '-',
      presence: 'optional',
      default: '-',
      strategy: '-',
      mergeKey: '-',
      listType: '-',
      listKeys: '-',
    },
    'TypeMeta',
    CORE,
  )

const given = (cell: string): string | undefined => (cell === '-' || cell === '' ? undefined : cell)

class TableField implements Field {
  readonly name: string
  readonly presence: Field['presence']
  readonly number: number | undefined
  readonly wire: string
  readonly default: unknown
  readonly patchStrategy: readonly string[]
  readonly patchMergeKey: string | undefined
  readonly listType: string | undefined
  readonly listKeys: readonly string[]
  readonly pointer: boolean
  readonly omitempty: boolean
  readonly #go: string
  readonly #groupVersion: string
  #type: FieldType | undefined

  constructor(row: Row, owner: string, groupVersion: string) {
    this.name = row.json
    this.presence = row.presence as Field['presence']
    this.number = given(row.number) === undefined ? undefined : Number(row.number)
    this.wire = row.wire
    this.default = defaultOf(row.default)
    this.patchStrategy = given(row.strategy)?.split(',') ?? []
    this.patchMergeKey = given(row.mergeKey)
    this.listType = given(row.listType)
    this.listKeys = given(row.listKeys)?.split(',') ?? []
    this.pointer = row.go.startsWith('*')
    this.omitempty = row.presence === 'optional' && !this.pointer && !alwaysWritten[owner]?.includes(row.json)
    this.#go = row.go
    this.#groupVersion = groupVersion
  }

  get type(): FieldType {
    return (this.#type ??= typeOf(this.#go, this.#groupVersion))
  }
}

/** Defaults stand as JSON; `ref(X)` names a constant of that name's own value and concerns vanished volume types only. */
function defaultOf(cell: string): unknown {
  const text = given(cell)
  return text === undefined || text.startsWith('ref(') ? undefined : (JSON.parse(text) as unknown)
}

function typeOf(go: string, groupVersion: string): FieldType {
  const scalar = scalars[go]
  if (scalar) return { kind: scalar, go, struct: undefined, element: undefined }
  if (go.startsWith('*')) return typeOf(go.slice(1), groupVersion)
  if (go.startsWith('[]')) return { kind: 'list', go, struct: undefined, element: typeOf(go.slice(2), groupVersion) }
  const map = /^map\[[^\]]+\](.+)$/.exec(go)
  if (map) return { kind: 'map', go, struct: undefined, element: typeOf(map[1]!, groupVersion) }
  return named(go, groupVersion)
}

function named(go: string, groupVersion: string): FieldType {
  const dot = go.lastIndexOf('.')
  const qualifier = dot < 0 ? '' : go.slice(0, dot)
  const name = go.slice(dot + 1)
  const alias = aliases[name]
  // In protobuf the list of a resource's verbs is a message of its own.
  if (alias) return { ...typeOf(alias, groupVersion), ...(name === 'Verbs' ? { go: name } : {}) }
  const scalar = scalars[name]
  if (scalar) return { kind: scalar, go: name, struct: undefined, element: undefined }
  for (const home of homes(qualifier, groupVersion)) {
    const struct = findSchema(home, name)
    if (struct) return { kind: 'struct', go: name, struct, element: undefined }
  }
  // A string with a name of its own: it may have a closed set of values.
  return { kind: 'string', go: name, struct: undefined, element: undefined }
}

/** Where a Go name may be declared, likeliest first. */
function homes(qualifier: string, groupVersion: string): string[] {
  if (qualifier === 'metav1') return [META]
  // A version may take types of its group's v1: `RuleWithOperations`.
  const stable = groupVersion.includes('/') ? [`${groupVersion.split('/')[0]}/v1`] : []
  if (qualifier === '') return [groupVersion, META, ...stable]
  if (qualifier === 'v1') return [CORE, META, ...stable]
  const split = /^([a-z]+?)(v\d.*)$/.exec(qualifier)
  const guessed = split
    ? knownGroupVersions().filter((gv) => gv.split('/')[0]!.split('.')[0] === split[1] && gv.endsWith(`/${split[2]}`))
    : []
  return [...guessed, groupVersion, CORE]
}

let closed: Map<string, readonly string[]> | undefined

/** The values of a closed set of a group/version, such as `v1 RestartPolicy`; undefined for open sets and other types. */
export function closedValues(groupVersion: string, type: string): readonly string[] | undefined {
  if (!closed) {
    closed = new Map()
    for (const line of enums.split('\n')) {
      const [gv, name, isClosed, values] = line.split('\t')
      if (isClosed === 'yes') closed.set(`${gv} ${name}`, values!.split(' '))
    }
  }
  return closed.get(`${groupVersion} ${type}`)
}
