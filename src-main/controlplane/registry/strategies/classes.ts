import type { RuntimeClass } from '#types/node.k8s.io/v1'
import type { StorageClass } from '#types/storage.k8s.io/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { isDns1123Label, isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, oneOf } from './checks.ts'
import { validateLabels } from './metadata.ts'
import { validateList } from './pod/resources.ts'
import { validateToleration } from './pod/scheduling.ts'
import { same } from './same.ts'

const MOST_USER_PRIORITY = 1_000_000_000
const systemPriorities = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
])

/** kubernetes.io, "Pod Priority and Preemption": what a class stands for never changes; high values are the system's. */
export const priorityClassStrategy: Strategy = {
  validate(_context, object) {
    const value = (object['value'] as number | undefined) ?? 0
    const { name } = object.metadata
    const errors: FieldError[] = []
    if (name.startsWith('system-')) {
      const at = fieldPath('metadata', 'name')
      const words = "priority class names with 'system-' prefix are reserved for system use only. error:"
      const known = systemPriorities.get(name)
      if (known === undefined) errors.push(at.forbidden(`${words} ${name} is not a known system priority class`))
      else if (known !== value) errors.push(at.forbidden(`${words} value of ${name} PriorityClass must be ${known}`))
    } else if (value > MOST_USER_PRIORITY)
      errors.push(
        fieldPath('value').forbidden(`maximum allowed value of a user defined priority is ${MOST_USER_PRIORITY}`),
      )
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
export const storageClassStrategy: Strategy<StorageClass> = {
  validate(_context, object) {
    const { provisioner, reclaimPolicy, volumeBindingMode, parameters, allowedTopologies } = object
    const at = fieldPath('provisioner')
    const errors = provisioner
      ? isQualifiedName(provisioner.toLowerCase()).map((words) => at.invalid(provisioner, words))
      : [at.required()]
    if (reclaimPolicy) errors.push(...oneOf(reclaimPolicy, ['Delete', 'Retain'], fieldPath('reclaimPolicy')))
    if (parameters && '' in parameters) errors.push(fieldPath('parameters').invalid('', 'field can not be empty.'))
    errors.push(...validateTopologies(allowedTopologies ?? []))
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

/** Where volumes of a class may be: keys once a term, each with values. */
function validateTopologies(terms: NonNullable<StorageClass['allowedTopologies']>): FieldError[] {
  const before = new Set<string>()
  return terms.flatMap(({ matchLabelExpressions = [] }, i) => {
    const list = fieldPath('allowedTopologies').index(i).child('matchLabelExpressions')
    const seen = new Set<string>()
    const said = sayingOf(matchLabelExpressions)
    if (before.has(said)) return [list.duplicate('')]
    before.add(said)
    return matchLabelExpressions.flatMap(({ key = '', values }: { key?: string; values?: string[] }, j) => {
      const at = list.index(j)
      const errors = values?.length ? [] : [at.child('values').required()]
      for (const [k, value] of (values ?? []).entries())
        if (values!.indexOf(value) < k) errors.push(at.child('values').index(k).duplicate(value))
      errors.push(...isQualifiedName(key).map((w) => at.child('key').invalid(key, w)))
      if (seen.has(key)) errors.push(at.child('key').duplicate(key))
      seen.add(key)
      return errors
    })
  })
}

/** What a term asks for, in whatever order it says so. */
const sayingOf = (expressions: ReadonlyArray<{ key?: string; values?: readonly string[] }>): string =>
  JSON.stringify(expressions.map(({ key, values }) => JSON.stringify([key, values?.toSorted()])).toSorted())

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
export const runtimeClassStrategy: Strategy<RuntimeClass> = {
  validate(_context, object) {
    const { handler = '', overhead, scheduling } = object as Partial<RuntimeClass>
    const errors = isDns1123Label(handler).map((words) => fieldPath('handler').invalid(handler, words))
    // Upstream judges it as the limits of a container, and says so.
    validateList(overhead?.podFixed ?? {}, fieldPath('overhead'), 'limits', errors)
    errors.push(...validateLabels(scheduling?.nodeSelector, fieldPath('scheduling', 'nodeSelector')))
    const at = fieldPath('scheduling', 'tolerations')
    const tolerations = scheduling?.tolerations ?? []
    for (const [i, toleration] of tolerations.entries()) {
      validateToleration(toleration, at, i, errors)
      if (tolerations.slice(0, i).some((other) => same(other, toleration)))
        errors.push(at.index(i).duplicate(toleration))
    }
    return errors
  },
  validateUpdate: (_context, object, old) => immutable(object['handler'], old['handler'], fieldPath('handler')),
}
