import type { ReplicationController } from '#types/core/v1'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { Strategy } from '../strategy.ts'
import { nonNegative } from './checks.ts'
import { validatePodTemplate } from './pod/spec.ts'

const path = fieldPath('spec')

/** kubernetes.io, "ReplicationController": its selector is a plain map, and what it was made from may change. */
export const replicationControllerStrategy: Strategy<ReplicationController> = {
  prepareForCreate(_context, object) {
    object['status'] = { replicas: 0 }
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validate(_context, object) {
    const { selector = {}, template, replicas, minReadySeconds } = object.spec ?? {}
    const errors = [
      ...nonNegative(minReadySeconds, path.child('minReadySeconds')),
      ...nonNegative(replicas, path.child('replicas')),
    ]
    if (Object.keys(selector).length === 0) errors.push(path.child('selector').required())
    const at = path.child('template')
    if (!template) return [...errors, at.required()]
    const labels = template.metadata?.labels ?? {}
    if (Object.entries(selector).some(([key, value]) => labels[key] !== value))
      errors.push(at.child('metadata', 'labels').invalid(labels, '`selector` does not match template `labels`'))
    errors.push(...validatePodTemplate(template, at))
    const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {}
    if (restartPolicy && restartPolicy !== 'Always')
      errors.push(at.child('spec', 'restartPolicy').notSupported(restartPolicy, ['Always']))
    if (activeDeadlineSeconds !== undefined)
      errors.push(
        at
          .child('spec', 'activeDeadlineSeconds')
          .forbidden('activeDeadlineSeconds in ReplicationController is not Supported'),
      )
    return errors
  },
  validateStatusUpdate(_context, object) {
    const status = object.status
    const at = fieldPath('status')
    const errors = (
      ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const
    ).flatMap((field) => nonNegative(status?.[field], at.child(field)))
    for (const field of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const)
      if ((status?.[field] ?? 0) > (status?.replicas ?? 0))
        errors.push(at.child(field).invalid(status?.[field], 'cannot be greater than status.replicas'))
    const { readyReplicas = 0, availableReplicas = 0 } = status ?? {}
    if (availableReplicas > readyReplicas)
      errors.push(at.child('availableReplicas').invalid(availableReplicas, 'cannot be greater than readyReplicas'))
    return errors
  },
}
