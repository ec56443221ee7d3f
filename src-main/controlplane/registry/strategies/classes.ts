import type { RuntimeClass } from '#types/node.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { isDns1123Label, isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, oneOf } from './checks.ts'
import { validateLabels } from './metadata.ts'
import { validateList } from './pod/resources.ts'
import { same } from './same.ts'

const mostUserPriority = 1_000_000_000

/** kubernetes.io, "Pod Priority and Preemption": what a class stands for never changes; high values are the system's. */
export const priorityClassStrategy: Strategy = {
  validate(_context, object) {
    const value = (object['value'] as number | undefined) ?? 0
    const errors: FieldError[] =
      value > mostUserPriority && !object.metadata.name.startsWith('system-')
        ? [fieldPath('value').forbidden(`maximum allowed value of a user defined priority is ${mostUserPriority}`)]
        : []
    const policy = object['preemptionPolicy'] as string | undefined
    return [...errors, ...oneOf(policy, ['Never', 'PreemptLowerPriority'], fieldPath('preemptionPolicy'))]
  },
  validateUpdate(_context, object, old) {
    const errors =
      object['value'] === old['value'] ? [] : [fieldPath('value').forbidden('may not be changed in an update.')]
    const policy = fieldPath('preemptionPolicy')
    return [...errors, ...immutable(object['preemptionPolicy'], old['preemptionPolicy'], policy)]
  },
}

/** kubernetes.io, "Storage Classes": how volumes of a class are made never changes. */
export const storageClassStrategy: Strategy = {
  validate(_context, object) {
    const { provisioner, reclaimPolicy, volumeBindingMode } = object as unknown as Record<string, string | undefined>
    const at = fieldPath('provisioner')
    const errors = provisioner
      ? isQualifiedName(provisioner.toLowerCase()).map((words) => at.invalid(provisioner, words))
      : [at.required()]
    if (reclaimPolicy) errors.push(...oneOf(reclaimPolicy, ['Delete', 'Retain'], fieldPath('reclaimPolicy')))
    return [
      ...errors,
      ...oneOf(volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], fieldPath('volumeBindingMode')),
    ]
  },
  validateUpdate: (_context, object, old) => [
    ...forbiddenChanges(object, old, ['parameters', 'provisioner', 'reclaimPolicy']),
    ...immutable(object['volumeBindingMode'], old['volumeBindingMode'], fieldPath('volumeBindingMode')),
  ],
}

/** kubernetes.io, "Volume Attributes Classes". */
export const volumeAttributesClassStrategy: Strategy = {
  validate: (_context, object) => (object['driverName'] ? [] : [fieldPath('driverName').required()]),
  validateUpdate: (_context, object, old) => forbiddenChanges(object, old, ['driverName', 'parameters']),
}

function forbiddenChanges(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  return fields
    .filter((field) => !same(object[field], old[field]))
    .map((field) => fieldPath(field).forbidden(`updates to ${field} are forbidden.`))
}

/** kubernetes.io, "Runtime Class". */
export const runtimeClassStrategy: Strategy = {
  validate(_context, object) {
    const { handler = '', overhead, scheduling } = object as unknown as Partial<RuntimeClass>
    const errors = isDns1123Label(handler).map((words) => fieldPath('handler').invalid(handler, words))
    validateList(overhead?.podFixed ?? {}, fieldPath('overhead'), 'podFixed', errors)
    return [...errors, ...validateLabels(scheduling?.nodeSelector, fieldPath('scheduling', 'nodeSelector'))]
  },
  validateUpdate: (_context, object, old) => immutable(object['handler'], old['handler'], fieldPath('handler')),
}
