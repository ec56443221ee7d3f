import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { checkStructural } from '../../../../src-kube/machinery/structural/check.ts'
import type { JsonSchema } from '../../../../src-kube/machinery/structural/types.ts'
import type { Condition } from './conditions.ts'

/** Said of definitions of v1beta1 whose schemas are not structural (kubernetes.io, "Specifying a structural schema"). */
export function structureCondition({
  spec,
}: CustomResourceDefinition): Pick<Condition, 'status' | 'reason' | 'message'> | undefined {
  const errors = spec.versions.flatMap(({ schema }, i) => {
    const path = fieldPath('spec', 'versions').index(i).child('schema', 'openAPIV3Schema')
    return schema?.openAPIV3Schema ? checkStructural(schema.openAPIV3Schema as JsonSchema, path) : []
  })
  if (spec.preserveUnknownFields)
    errors.unshift(fieldPath('spec', 'preserveUnknownFields').invalid(true, 'must be false'))
  if (errors.length === 0) return undefined
  const words = errors.map(({ field, message }) => `${field}: ${message}`)
  return { status: 'True', reason: 'Violations', message: words.length === 1 ? words[0]! : `[${words.join(', ')}]` }
}
