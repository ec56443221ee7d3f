import type { JobSpec } from '#types/batch/v1'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, nonNegative, oneOf } from './checks.ts'
import { validatePodTemplate } from './pod/spec.ts'

const path = fieldPath('spec')
const specOf = (object: KubeObject) => object['spec'] as JobSpec

/** Jobs (reference: registry/batch/job): a job that brings no selector gets one by its own uid. */
export const jobStrategy: Strategy = {
  prepareForCreate(_context, object) {
    object['status'] = {}
    const spec = specOf(object)
    if (spec.manualSelector) return
    const unique = { 'batch.kubernetes.io/controller-uid': object.metadata.uid }
    const labels = {
      ...unique,
      'batch.kubernetes.io/job-name': object.metadata.name,
      'controller-uid': object.metadata.uid,
      'job-name': object.metadata.name,
    }
    spec.template.metadata = Object.assign(spec.template.metadata ?? {}, {
      labels: { ...spec.template.metadata?.labels, ...labels },
    }) as NonNullable<typeof spec.template.metadata>
    spec.selector ??= { matchLabels: unique }
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validate: (_context, object) => validateJob(specOf(object)),
  validateUpdate(context, object, old) {
    if (context.subresource === 'status') return []
    const spec = specOf(object)
    const before = specOf(old)
    const errors = validateJob(spec)
    for (const field of ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex'] as const)
      errors.push(...immutable(spec[field], before[field], path.child(field)))
    if (spec.completionMode !== 'Indexed')
      errors.push(...immutable(spec.completions, before.completions, path.child('completions')))
    if (!before.suspend) errors.push(...immutable(spec.template, before.template, path.child('template')))
    return errors
  },
}

function validateJob(spec: JobSpec) {
  const errors = [
    ...nonNegative(spec.parallelism, path.child('parallelism')),
    ...nonNegative(spec.completions, path.child('completions')),
    ...nonNegative(spec.activeDeadlineSeconds, path.child('activeDeadlineSeconds')),
    ...nonNegative(spec.backoffLimit, path.child('backoffLimit')),
    ...nonNegative(spec.ttlSecondsAfterFinished, path.child('ttlSecondsAfterFinished')),
    ...validatePodTemplate(spec.template, path.child('template')),
  ]
  const policy = spec.template?.spec?.restartPolicy
  const at = path.child('template', 'spec', 'restartPolicy')
  if (policy === 'Always') errors.push(at.required('valid values: "OnFailure", "Never"'))
  else errors.push(...oneOf(policy, ['OnFailure', 'Never'], at))
  return errors
}
