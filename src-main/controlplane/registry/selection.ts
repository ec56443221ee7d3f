import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import { badRequest } from '../../../src-kube/machinery/errors.ts'
import type { FieldMatcher } from '../../../src-kube/machinery/fields.ts'
import type { LabelMatcher } from '../../../src-kube/machinery/labels.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'

/** Undefined selects everything, which costs nothing. */
export type Selection = ((object: KubeObject) => boolean) | undefined

/** One predicate of both selectors; undefined selects everything. Throws 400 for fields that the kind does not offer. */
export function selection(
  descriptor: KindDescriptor,
  labels: LabelMatcher | undefined,
  fields: FieldMatcher | undefined,
): Selection {
  const byLabels = labels && labels.requirements.length > 0 ? labels : undefined
  const byFields = fields && fields.requirements.length > 0 ? fields : undefined
  if (!byLabels && !byFields) return undefined
  for (const { field } of byFields?.requirements ?? []) {
    if (isSelectable(descriptor, field)) continue
    throw badRequest(refusal(descriptor, field))
  }
  return (object) => {
    if (byLabels && !byLabels.matches(object.metadata.labels)) return false
    return byFields ? byFields.matches((path) => fieldValue(descriptor, object, path)) : true
  }
}

/** Upstream says it of every kind that has fields of its own in words of its own. */
function refusal(descriptor: KindDescriptor, field: string): string {
  const quoted = JSON.stringify(field)
  if (isPlain(descriptor)) return `${quoted} is not a known field selector: only "metadata.name", "metadata.namespace"`
  return descriptor.kind === 'Job'
    ? `field label ${quoted} not supported for batchv1.Job`
    : `field label not supported: ${field}`
}

/** Kinds without fields of their own know the two of metadata, wherever they are. */
function isPlain(descriptor: KindDescriptor): boolean {
  return !descriptor.selectableFields && !descriptor.served[0]?.custom
}

function isSelectable(descriptor: KindDescriptor, field: string): boolean {
  if (field === 'metadata.name') return true
  if (field === 'metadata.namespace') return descriptor.scope === 'Namespaced' || isPlain(descriptor)
  return descriptor.selectableFields !== undefined && Object.hasOwn(descriptor.selectableFields, field)
}

function fieldValue(descriptor: KindDescriptor, object: KubeObject, path: string): string | undefined {
  if (path === 'metadata.name') return object.metadata.name
  if (path === 'metadata.namespace') return object.metadata.namespace ?? ''
  return descriptor.selectableFields?.[path]?.(object)
}
