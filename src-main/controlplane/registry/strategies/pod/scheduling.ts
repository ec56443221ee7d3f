import type { PodSpec, Toleration, TopologySpreadConstraint } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isLabelValue, isQualifiedName } from '../../../../../src-kube/machinery/names.ts'
import { validateLabelSelector } from '../checks.ts'
import { validateAffinity } from './affinity.ts'
import { validateLabelKeys } from './label-keys.ts'

/** What of a pod's spec speaks to the scheduler; nothing is made for what a pod leaves out. */
export function validateScheduling(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (spec.affinity) errors.push(...validateAffinity(spec.affinity, path.child('affinity')))
  if (spec.tolerations) {
    const at = path.child('tolerations')
    for (let i = 0; i < spec.tolerations.length; i++) validateToleration(spec.tolerations[i]!, at, i, errors)
  }
  if (spec.topologySpreadConstraints?.length)
    errors.push(...validateSpread(spec.topologySpreadConstraints, path.child('topologySpreadConstraints')))
  if (spec.schedulingGates?.length) {
    const seen = new Set<string>()
    for (const [i, { name }] of spec.schedulingGates.entries()) {
      const at = path.child('schedulingGates').index(i)
      errors.push(...isQualifiedName(name ?? '').map((w) => at.child('name').invalid(name ?? '', w)))
      if (seen.has(name)) errors.push(at.duplicate(name))
      seen.add(name)
    }
  }
  for (const [i, { conditionType = '' }] of (spec.readinessGates ?? []).entries())
    for (const word of isQualifiedName(conditionType))
      errors.push(path.child('readinessGates').index(i).child('conditionType').invalid(conditionType, word))
  if (spec.preemptionPolicy && !['Never', 'PreemptLowerPriority'].includes(spec.preemptionPolicy))
    errors.push(path.child('preemptionPolicy').notSupported(spec.preemptionPolicy, ['Never', 'PreemptLowerPriority']))
  return errors
}

const effects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Every pod has two tolerations by admission, so the right ones cost no allocation but their key's check. */
export function validateToleration(toleration: Toleration, list: FieldPath, i: number, errors: FieldError[]): void {
  const { key, operator, value = '', effect, tolerationSeconds } = toleration
  const path = () => list.index(i)
  if (key) for (const word of isQualifiedName(key)) errors.push(path().child('key').invalid(key, word))
  else if (operator !== 'Exists')
    errors.push(
      path()
        .child('operator')
        .invalid(
          operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
    )
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    errors.push(
      path()
        .child('effect')
        .invalid(effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    )
  if (operator === undefined || operator === 'Equal' || (operator as string) === '') {
    const words = value === '' ? [] : isLabelValue(value)
    if (words.length > 0) errors.push(path().child('operator').invalid(value, words.join(';')))
  } else if (operator === 'Exists') {
    if (value)
      errors.push(path().child('operator').invalid(toleration, "value must be empty when `operator` is 'Exists'"))
  } else errors.push(path().child('operator').notSupported(operator, ['Equal', 'Exists']))
  if (effect && !effects.includes(effect)) errors.push(path().child('effect').notSupported(effect, effects))
}

/** kubernetes.io, "Pod Topology Spread Constraints". */
function validateSpread(constraints: readonly TopologySpreadConstraint[], path: FieldPath): FieldError[] {
  return constraints.flatMap((constraint, i) => {
    const at = path.index(i)
    const { whenUnsatisfiable } = constraint
    const maxSkew = constraint.maxSkew ?? 0
    const topologyKey = constraint.topologyKey ?? ''
    const errors: FieldError[] = []
    if (maxSkew <= 0) errors.push(at.child('maxSkew').invalid(maxSkew, 'must be greater than zero'))
    if (!topologyKey) errors.push(at.child('topologyKey').required('can not be empty'))
    else errors.push(...isQualifiedName(topologyKey).map((w) => at.child('topologyKey').invalid(topologyKey, w)))
    if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway')
      errors.push(
        at.child('whenUnsatisfiable').notSupported(whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway']),
      )
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
    // Told of the first of the two.
    const again = constraints
      .slice(i + 1)
      .some((other) => other.topologyKey === constraint.topologyKey && other.whenUnsatisfiable === whenUnsatisfiable)
    if (again) errors.push(at.child('{topologyKey, whenUnsatisfiable}').duplicate(pair))
    return [...errors, ...validateSpreadOptions(constraint, at)]
  })
}

function validateSpreadOptions(constraint: TopologySpreadConstraint, path: FieldPath): FieldError[] {
  const { minDomains, whenUnsatisfiable, labelSelector } = constraint
  const errors: FieldError[] = []
  if (minDomains !== undefined) {
    const at = path.child('minDomains')
    if (minDomains <= 0) errors.push(at.invalid(minDomains, 'must be greater than zero'))
    if (whenUnsatisfiable !== 'DoNotSchedule')
      errors.push(
        at.invalid(minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`),
      )
  }
  for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[field]
    if (policy && policy !== 'Honor' && policy !== 'Ignore')
      errors.push(path.child(field).notSupported(policy, ['Honor', 'Ignore']))
  }
  errors.push(...validateLabelKeys(constraint, path))
  return [...errors, ...validateLabelSelector(labelSelector, path.child('labelSelector'))]
}
