import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '#types/apiextensions.k8s.io/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1035Label } from '../../../../../src-kube/machinery/names.ts'
import { checkDefaults, checkRules } from '../../../../../src-kube/machinery/structural/cel-check.ts'
import { checkStructural } from '../../../../../src-kube/machinery/structural/check.ts'
import { checkRoot } from '../../../../../src-kube/machinery/structural/root.ts'
import { checkSchema } from '../../../../../src-kube/machinery/structural/rules.ts'
import type { JsonSchema } from '../../../../../src-kube/machinery/structural/types.ts'
import { same } from '../same.ts'
import { validateSelectableFields } from './selectable-fields.ts'

const path = fieldPath('spec', 'versions')
/** Bytes. */
const MOST_WARNING = 256
/** Everything without a shape but the plain space. */
const NOT_PRINTED = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u

/** What versions may have in common. Upstream keeps it on the definition itself, and tells there what is wrong with it, also if there is one version. */
const parts = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const
type Part = (typeof parts)[number]

/**
 * The versions of a definition: names, one to store, and where they differ schemas, subresources, columns and selectable fields.
 *
 * @param old the definition before an update
 */
export function validateVersions({ spec }: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const { versions, preserveUnknownFields: preserves = false } = spec
  const shared = sharedParts(versions)
  const errors = versions.flatMap((version, i) =>
    validateVersion(version, path.index(i), shared, { preserves, isStored: isStored(version, old) }),
  )
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    errors.push(path.invalid(versions, 'must contain unique version names'))
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(path.invalid(versions, 'must have exactly one version marked as storage version'))
  return errors
}

/** Schemas, subresources, columns and selectable fields that all versions have alike, told once. */
export function validateShared({ spec }: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const { versions, preserveUnknownFields: preserves = false } = spec
  const shared = sharedParts(versions)
  const at = (part: Part): FieldPath => fieldPath('spec', part === 'schema' ? 'validation' : part)
  const [version] = versions
  if (!version) return []
  const setting = { preserves, hasStatus: versions.some(hasStatus), isStored: isStored(version, old) }
  return [...shared].flatMap((part) => validatePart[part](version, at(part), setting))
}

/** Whether a version has the schema that it had before. */
const isStored = (
  { name, schema }: CustomResourceDefinitionVersion,
  old: CustomResourceDefinition | undefined,
): boolean => old?.spec.versions.some((before) => before.name === name && same(before.schema, schema)) ?? false

function sharedParts([first, ...others]: readonly CustomResourceDefinitionVersion[]): Set<Part> {
  const alike = parts.filter((part) => first && others.every((other) => same(other[part], first[part])))
  return new Set(alike.includes('schema') ? alike : alike.filter((part) => part !== 'selectableFields'))
}

function validateVersion(
  version: CustomResourceDefinitionVersion,
  at: FieldPath,
  shared: ReadonlySet<Part>,
  { preserves, isStored: stored }: Omit<Setting, 'hasStatus'>,
): FieldError[] {
  const { deprecated, deprecationWarning, schema } = version
  const { name = '' } = version as Partial<typeof version>
  const errors: FieldError[] = []
  const wrong = isDns1035Label(name)
  if (wrong.length > 0) errors.push(at.child('name').invalid(name, wrong.join(',')))
  if (deprecationWarning !== undefined) errors.push(...validateWarning(deprecationWarning, deprecated, at))
  if (!schema?.openAPIV3Schema && !preserves)
    errors.push(at.child('schema', 'openAPIV3Schema').required('schemas are required'))
  for (const part of parts)
    if (!shared.has(part))
      errors.push(
        ...validatePart[part](version, at.child(part), { preserves, hasStatus: hasStatus(version), isStored: stored }),
      )
  return errors
}

/** What the parts of a version depend on besides themselves. */
interface Setting {
  /** Whether unknown fields are kept altogether. */
  preserves: boolean
  hasStatus: boolean
  /** Whether the version has the schema that it had before an update. */
  isStored: boolean
}

const hasStatus = ({ subresources }: CustomResourceDefinitionVersion): boolean => subresources?.status !== undefined

/** By part: what is wrong with it in a version, told below its own path. */
const validatePart: Record<
  Part,
  (version: CustomResourceDefinitionVersion, at: FieldPath, setting: Setting) => FieldError[]
> = {
  schema: ({ schema }, at, setting) => validateSchema(schemaOf(schema), at.child('openAPIV3Schema'), setting),
  subresources: ({ subresources }, at) =>
    subresources?.scale ? validateScale(subresources.scale, at.child('scale')) : [],
  additionalPrinterColumns: ({ additionalPrinterColumns = [] }, at) =>
    additionalPrinterColumns.flatMap((column, i) => validateColumn(column, at.index(i))),
  selectableFields: ({ schema, selectableFields = [] }, at) =>
    validateSelectableFields(selectableFields, schemaOf(schema), at),
}

const schemaOf = (schema: CustomResourceDefinitionVersion['schema']): JsonSchema | undefined =>
  schema?.openAPIV3Schema as JsonSchema | undefined

function validateWarning(warning: string, deprecated: boolean | undefined, at: FieldPath): FieldError[] {
  const where = at.child('deprecationWarning')
  if (!deprecated) return [where.invalid(warning, 'can only be set for deprecated versions')]
  const faults: string[] = []
  if (Buffer.byteLength(warning) > MOST_WARNING) faults.push(`must be <= ${MOST_WARNING} characters long`)
  if (warning === '') faults.push('must not be an empty string')
  const hidden = warning.search(NOT_PRINTED)
  if (hidden >= 0)
    faults.push(
      `must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(warning.slice(0, hidden))}`,
    )
  return faults.map((words) => where.invalid(warning, words))
}

/** Rules speak of what the schema describes: they are looked at once that is in order. */
function validateSchema(
  schema: JsonSchema | undefined,
  where: FieldPath,
  { preserves, hasStatus: apart, isStored: stored }: Setting,
): FieldError[] {
  if (!schema) return []
  const errors = checkRoot(schema, where, { hasStatus: apart })
  if (!preserves) errors.push(...checkStructural(schema, where))
  errors.push(...checkSchema(schema, where, { allowDefaults: !preserves }))
  if (preserves || errors.length > 0) return errors
  const broken = checkRules(schema, where, { isStored: stored })
  return broken.length > 0 ? broken : checkDefaults(schema, where)
}

type Scale = NonNullable<NonNullable<CustomResourceDefinitionVersion['subresources']>['scale']>

function validateScale(scale: Scale, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const under = (field: keyof Scale, roots: string[], words: string): void => {
    const value = scale[field] ?? ''
    const where = at.child(field)
    if (value === '') return void errors.push(where.required())
    const simple = simplePath(value, where)
    if (simple.length > 0) errors.push(...simple)
    else if (!roots.some((root) => value.startsWith(`.${root}.`))) errors.push(where.invalid(value, words))
  }
  under('specReplicasPath', ['spec'], 'should be a json path under .spec')
  under('statusReplicasPath', ['status'], 'should be a json path under .status')
  if (scale.labelSelectorPath)
    under('labelSelectorPath', ['status', 'spec'], 'should be a json path under either .spec or .status')
  return errors
}

/** Of a path upstream only looks at the beginning. */
function simplePath(text: string, at: FieldPath): FieldError[] {
  return text.startsWith('.') ? [] : [at.invalid(text, 'must be a simple json path starting with .')]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

type Column = NonNullable<CustomResourceDefinitionVersion['additionalPrinterColumns']>[number]

function validateColumn({ name, type, format, jsonPath }: Column, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!name) errors.push(at.child('name').required())
  if (!type) errors.push(at.child('type').required(`must be one of ${columnTypes.join(',')}`))
  else if (!columnTypes.includes(type))
    errors.push(at.child('type').invalid(type, `must be one of ${columnTypes.join(',')}`))
  if (format && !columnFormats.includes(format))
    errors.push(at.child('format').invalid(format, `must be one of ${columnFormats.join(',')}`))
  const path = at.child('JSONPath')
  return [...errors, ...(jsonPath ? simplePath(jsonPath, path) : [path.required()])]
}
