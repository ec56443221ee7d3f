import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, oneOf } from './checks.ts'

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
