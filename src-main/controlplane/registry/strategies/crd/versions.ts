import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '#types/apiextensions.k8s.io/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1035Label } from '../../../../../src-kube/machinery/names.ts'
import { checkRules } from '../../../../../src-kube/machinery/structural/cel-check.ts'
import { checkStructural } from '../../../../../src-kube/machinery/structural/check.ts'
import { parseJsonPath } from '../../../../../src-kube/machinery/structural/json-path.ts'
import { checkSchema } from '../../../../../src-kube/machinery/structural/rules.ts'
import type { JsonSchema } from '../../../../../src-kube/machinery/structural/types.ts'
import { validateSelectableFields } from './selectable-fields.ts'

const path = fieldPath('spec', 'versions')
const MOST_WARNING = 256

/** The versions of a definition: names, one to store, schemas, subresources and columns. */
export function validateVersions({ spec }: CustomResourceDefinition): FieldError[] {
  const { versions, preserveUnknownFields = false } = spec
  const errors = versions.flatMap((version, i) => validateVersion(version, path.index(i), preserveUnknownFields))
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    errors.push(path.invalid(versions, 'must contain unique version names'))
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(path.invalid(versions, 'must have exactly one version marked as storage version'))
  return errors
}

function validateVersion(version: CustomResourceDefinitionVersion, at: FieldPath, preserves: boolean): FieldError[] {
  const { deprecated, deprecationWarning, schema, subresources } = version
  const { name = '' } = version as Partial<typeof version>
  const errors: FieldError[] = []
  const wrong = isDns1035Label(name)
  if (wrong.length > 0) errors.push(at.child('name').invalid(name, wrong.join(',')))
  if (deprecationWarning !== undefined) errors.push(...validateWarning(deprecationWarning, deprecated, at))
  errors.push(...validateSchemaOf(schema?.openAPIV3Schema as JsonSchema | undefined, at, preserves))
  if (subresources?.scale) errors.push(...validateScale(subresources.scale, at.child('subresources', 'scale')))
  for (const [i, column] of (version.additionalPrinterColumns ?? []).entries())
    errors.push(...validateColumn(column, at.child('additionalPrinterColumns').index(i)))
  const known = schema?.openAPIV3Schema as JsonSchema | undefined
  errors.push(...validateSelectableFields(version.selectableFields ?? [], known, at.child('selectableFields')))
  return errors
}

function validateWarning(warning: string, deprecated: boolean | undefined, at: FieldPath): FieldError[] {
  const where = at.child('deprecationWarning')
  if (!deprecated) return [where.invalid(warning, 'can only be set for deprecated versions')]
  if (warning === '') return [where.invalid(warning, 'must not be empty')]
  if (warning.length > MOST_WARNING) return [where.invalid(warning, `must be ${MOST_WARNING} characters or fewer`)]
  return []
}

function validateSchemaOf(schema: JsonSchema | undefined, at: FieldPath, preserves: boolean): FieldError[] {
  const where = at.child('schema', 'openAPIV3Schema')
  if (!schema) return preserves ? [] : [where.required('schemas are required')]
  const errors = checkSchema(schema, where, { allowDefaults: !preserves })
  return preserves ? errors : [...errors, ...checkStructural(schema, where), ...checkRules(schema, where)]
}

type Scale = NonNullable<NonNullable<CustomResourceDefinitionVersion['subresources']>['scale']>

function validateScale(scale: Scale, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const under = (field: keyof Scale, roots: string[], words: string, optional = false): void => {
    const value = scale[field] ?? ''
    const where = at.child(field)
    if (value === '') {
      if (!optional) errors.push(where.required())
      return
    }
    const simple = simplePath(value, where)
    if (simple.length > 0) errors.push(...simple)
    else if (!roots.some((root) => value.startsWith(`.${root}.`))) errors.push(where.invalid(value, words))
  }
  under('specReplicasPath', ['spec'], 'should be a json path under .spec')
  under('statusReplicasPath', ['status'], 'should be a json path under .status')
  under('labelSelectorPath', ['status', 'spec'], 'should be a json path under either .status or .spec', true)
  return errors
}

/** Names apart by dots, without lists. */
function simplePath(text: string | undefined, at: FieldPath): FieldError[] {
  if (!text) return [at.invalid('', 'must not be empty')]
  if (!text.startsWith('.')) return [at.invalid(text, 'must be a simple json path starting with .')]
  return /[[\]\\]|\.\./.test(text) ? [at.invalid(text, 'must be a json path in the dot notation')] : []
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

type Column = NonNullable<CustomResourceDefinitionVersion['additionalPrinterColumns']>[number]

function validateColumn({ name, type, format, jsonPath }: Column, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!name) errors.push(at.child('name').required())
  if (!type) errors.push(at.child('type').required(`must be one of ${COLUMN_TYPES.join(',')}`))
  else if (!COLUMN_TYPES.includes(type))
    errors.push(at.child('type').invalid(type, `must be one of ${COLUMN_TYPES.join(',')}`))
  if (format && !COLUMN_FORMATS.includes(format))
    errors.push(at.child('format').invalid(format, `must be one of ${COLUMN_FORMATS.join(',')}`))
  if (!jsonPath) return [...errors, at.child('jsonPath').required()]
  try {
    parseJsonPath(jsonPath)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    errors.push(at.child('jsonPath').invalid(jsonPath, error.message))
  }
  return errors
}
