import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import { StatusError, type FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { hasRules, validateRules } from '../../../../src-kube/machinery/structural/cel-rules.ts'
import { validateExtensions } from '../../../../src-kube/machinery/structural/lists.ts'
import type { JsonSchema } from '../../../../src-kube/machinery/structural/types.ts'
import { validateSchema } from '../../../../src-kube/machinery/structural/validate.ts'
import { valueAt } from '../subresources/scale.ts'
import type { Strategy, StrategyContext } from '../strategy.ts'

const MOST_REPLICAS = 2 ** 31 - 1

/** What is special about the instances of one version of a CustomResourceDefinition: they must be as its schema says. */
export function customResourceStrategy(descriptor: KindDescriptor): Strategy {
  const terminating = !descriptor.verbs.includes('create')
  return {
    anyFinalizer: true,
    allowUnconditionalUpdate: false,
    prepareForCreate() {
      if (!terminating) return
      const words = 'create not allowed while custom resource definition is terminating'
      throw new StatusError(405, 'MethodNotAllowed', words)
    },
    validateCreate: (_context, object) => validate(descriptor, object),
    validateUpdate: (context, object, old) => validate(descriptor, object, old, context),
    validateStatusUpdate: (context, object, old) => validate(descriptor, object, old, context),
  }
}

function validate(
  { served, scale }: KindDescriptor,
  object: KubeObject,
  old?: KubeObject,
  context?: Pick<StrategyContext, 'warn'>,
): FieldError[] {
  const schema = served[0]?.custom?.schema
  const errors = scale ? checkReplicas(object, [scale.spec, scale.status]) : []
  if (!schema) return errors
  errors.unshift(...validateSchema(object, schema, old))
  errors.push(...newExtensionErrors(object, schema, old))
  if (!hasRules(schema)) return errors
  if (errors.some(isBlocking)) return [...errors, unchecked]
  return [...errors, ...validateRules(object, schema, old, context && ((words) => context.warn(words)))]
}

/** Items that are there twice stay as long as nobody clears them all up: their list may have become a set since (KEP-4008). */
function newExtensionErrors(object: KubeObject, schema: JsonSchema, old: KubeObject | undefined): FieldError[] {
  const errors = validateExtensions(object, schema)
  if (!old || !errors.some(isDuplicate) || !validateExtensions(old, schema).some(isDuplicate)) return errors
  return errors.filter((error) => !isDuplicate(error))
}

const isDuplicate = ({ type }: FieldError): boolean => type === 'FieldValueDuplicate'

/** Rules are asked only of objects that have the form which they speak of. */
const isBlocking = ({ type }: FieldError): boolean =>
  type === 'FieldValueRequired' ||
  type === 'FieldValueTooLong' ||
  type === 'FieldValueTooMany' ||
  type === 'FieldValueTypeInvalid'

const unchecked = fieldPath('<nil>').invalid(
  'null',
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)

function checkReplicas(object: KubeObject, paths: readonly string[]): FieldError[] {
  return paths.flatMap((path) => {
    const replicas = valueAt(object, path)
    if (typeof replicas !== 'number') return []
    const at = fieldPath(`.${path}`)
    if (replicas < 0) return [at.invalid(replicas, 'should be a non-negative integer')]
    return replicas > MOST_REPLICAS ? [at.invalid(replicas, `should be less than or equal to ${MOST_REPLICAS}`)] : []
  })
}
