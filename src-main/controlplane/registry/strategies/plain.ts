import type { LeaseSpec } from '#types/coordination.k8s.io/v1'
import type { PersistentVolumeClaimSpec } from '#types/core/v1'
import type { LabelSelector } from '#types/meta/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject, ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import { isPathSegment } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { validateLabelSelector } from './checks.ts'
import { atMost100Percent, intOrPercent } from './rollout.ts'
import { shareDataSource, validateAccessModes, validateClaimSpec, validateVolumeOptions } from './storage-options.ts'
import { validateClaimChange, validateClaimStatus, validateVolumeChange, validateVolumeSource } from './storage.ts'
import { validateCounts } from './status-counts.ts'

const words = (object: KubeObject, field: string) => (object[field] ?? {}) as Record<string, unknown>

/** Status starts empty (or as given) and changes only through its subresource. */
export function withStatus<T extends ObjectLike & { status?: unknown } = KubeObject>(
  initial: () => Record<string, unknown> | undefined,
  more: Strategy<T> = {},
): Strategy<T> {
  return {
    ...more,
    prepareForCreate(_context, object: { status?: unknown }) {
      const status = initial()
      if (status) object.status = status
      else delete object.status
    },
    prepareForUpdate(context, object: { status?: unknown }, old) {
      if (context.subresource === '') object.status = old.status
    },
  }
}

function shareSource(claim: KubeObject): void {
  const spec = claim['spec'] as PersistentVolumeClaimSpec | undefined
  if (spec) claim['spec'] = shareDataSource(spec)
}

const claims = withStatus(() => ({ phase: 'Pending' }))

export const claimStrategy: Strategy = {
  ...claims,
  prepareForCreate(context, object) {
    void claims.prepareForCreate?.(context, object)
    shareSource(object)
  },
  prepareForUpdate(context, object, old) {
    void claims.prepareForUpdate?.(context, object, old)
    if (context.subresource === '') shareSource(object)
  },
  validate(_context, object) {
    return validateClaimSpec(words(object, 'spec'), fieldPath('spec'))
  },
  validateUpdate: (context, object, old) => (context.subresource === '' ? validateClaimChange(object, old) : []),
  validateStatusUpdate: (_context, object) => validateClaimStatus(object),
}

export const volumeStrategy: Strategy = withStatus(() => ({ phase: 'Pending' }), {
  validate(_context, object) {
    const { accessModes = [], capacity } = words(object, 'spec') as {
      accessModes?: string[]
      capacity?: Record<string, string>
    }
    const path = fieldPath('spec')
    const errors = validateAccessModes(accessModes, path.child('accessModes'))
    if (accessModes.length === 0) errors.push(path.child('accessModes').required())
    const at = path.child('capacity')
    const resources = Object.keys(capacity ?? {})
    if (resources.length === 0) errors.push(at.required())
    if (resources.join() !== 'storage') errors.push(at.notSupported(capacity ?? {}, ['storage']))
    return [...errors, ...validateVolumeOptions(words(object, 'spec'), path), ...validateVolumeSource(object)]
  },
  validateUpdate: (context, object, old) => (context.subresource === '' ? validateVolumeChange(object, old) : []),
})

/** What a budget's status always counts. */
const uncounted = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }

export const budgetStrategy: Strategy = withStatus(() => ({ ...uncounted }), {
  validateName: isPathSegment,
  // The old version never looked at them.
  validateStatusUpdate: ({ version }, object, old) => (version === 'v1beta1' ? [] : validateCounts(object, old)),
  validate(_context, object) {
    const spec = words(object, 'spec')
    const path = fieldPath('spec')
    const errors: FieldError[] = []
    if (spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined)
      errors.push(path.invalid(spec, 'minAvailable and maxUnavailable cannot be both set'))
    for (const field of ['minAvailable', 'maxUnavailable'] as const) {
      const value = spec[field] as number | string | undefined
      errors.push(...intOrPercent(value, path.child(field)), ...atMost100Percent(value, path.child(field)))
    }
    const policy = spec['unhealthyPodEvictionPolicy'] as string | undefined
    const policies = ['AlwaysAllow', 'IfHealthyBudget']
    if (policy !== undefined && !policies.includes(policy))
      errors.push(path.child('unhealthyPodEvictionPolicy').notSupported(policy, policies))
    return [...errors, ...validateLabelSelector(spec['selector'] as LabelSelector | undefined, path.child('selector'))]
  },
})

export const leaseStrategy: Strategy = {
  allowCreateOnUpdate: true,
  validate(_context, object) {
    const { leaseDurationSeconds: duration, leaseTransitions } = words(object, 'spec') as LeaseSpec
    const path = fieldPath('spec')
    const errors: FieldError[] = []
    if (duration !== undefined && duration <= 0)
      errors.push(path.child('leaseDurationSeconds').invalid(duration, 'must be greater than 0'))
    if (leaseTransitions !== undefined && leaseTransitions < 0)
      errors.push(path.child('leaseTransitions').invalid(leaseTransitions, 'must be greater than or equal to 0'))
    // The holder may be empty: so it is left behind by one who gives the lease up (client-go, `ReleaseOnCancel`).
    return errors
  },
}
