import type { CrossVersionObjectReference, HorizontalPodAutoscaler, HPAScalingRules } from '#types/autoscaling/v2'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { Strategy } from '../strategy.ts'
import { isVersion, validateMetric, validateReference, type WantedVersion } from './autoscaler-metrics.ts'
import { oneOf } from './checks.ts'
import { validateCounts } from './status-counts.ts'

/** What pods themselves report ends with the last of them. */
const NO_SIGNAL = 'must specify at least one Object or External metric to support scaling to zero replicas'

/** kubernetes.io, "Horizontal Pod Autoscaling". */
export const autoscalerStrategy: Strategy<HorizontalPodAutoscaler> = {
  validateStatusUpdate: (_context, object, old) => validateCounts(object, old),
  prepareForCreate(_context, object) {
    delete object['status']
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validateCreate: (_context, object) => validateAutoscaler(object),
  validateUpdate: (_context, object, old) => validateAutoscaler(object, old),
}

function validateAutoscaler(object: HorizontalPodAutoscaler, old?: HorizontalPodAutoscaler): FieldError[] {
  const spec: Partial<HorizontalPodAutoscaler['spec']> = object.spec
  const path = fieldPath('spec')
  const { minReplicas = 1, maxReplicas = 0, scaleTargetRef, metrics = [], behavior } = spec
  const errors: FieldError[] = []
  if (minReplicas < 1) errors.push(path.child('minReplicas').invalid(minReplicas, 'must be greater than or equal to 1'))
  if (maxReplicas < 1) errors.push(path.child('maxReplicas').invalid(maxReplicas, 'must be greater than 0'))
  if (maxReplicas < minReplicas)
    errors.push(path.child('maxReplicas').invalid(maxReplicas, 'must be greater than or equal to `minReplicas`'))
  const target = path.child('scaleTargetRef')
  errors.push(...validateReference(scaleTargetRef, target, targetVersion(scaleTargetRef, old?.spec.scaleTargetRef)))
  const described = old?.spec.metrics?.some(({ object: one }) => one && !isVersion(one.describedObject))
    ? 'any'
    : 'valid'
  for (const [i, metric] of metrics.entries())
    errors.push(...validateMetric(metric, path.child('metrics').index(i), described))
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(path.child('metrics').forbidden(NO_SIGNAL))
  return [
    ...errors,
    ...validateRules(behavior?.scaleUp, path.child('behavior', 'scaleUp')),
    ...validateRules(behavior?.scaleDown, path.child('behavior', 'scaleDown')),
  ]
}

/** Of the core API nothing but ReplicationControllers can be scaled; what was stored before may stay as it is. */
function targetVersion(
  target: CrossVersionObjectReference | undefined,
  old: CrossVersionObjectReference | undefined,
): WantedVersion {
  if (old && old.apiVersion === target?.apiVersion && old.kind === target?.kind) return 'any'
  return target?.kind === 'ReplicationController' ? 'valid' : 'grouped'
}

function validateRules(rules: HPAScalingRules | undefined, at: FieldPath): FieldError[] {
  if (!rules) return []
  const errors: FieldError[] = []
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules
  if (window !== undefined && window < 0)
    errors.push(at.child('stabilizationWindowSeconds').invalid(window, 'must be greater than or equal to zero'))
  if (window !== undefined && window > 3600)
    errors.push(at.child('stabilizationWindowSeconds').invalid(window, 'must be less than or equal to 3600'))
  if (selectPolicy) errors.push(...oneOf(selectPolicy, ['Disabled', 'Max', 'Min'], at.child('selectPolicy')))
  if (tolerance !== undefined && milliValue(tolerance) < 0)
    errors.push(at.child('tolerance').invalid(tolerance, 'must be greater than or equal to 0'))
  if (policies.length === 0) errors.push(at.child('policies').required('must specify at least one Policy'))
  for (const [i, { type, value, periodSeconds }] of policies.entries()) {
    const here = at.child('policies').index(i)
    errors.push(...oneOf(type, ['Percent', 'Pods'], here.child('type')))
    if (value <= 0) errors.push(here.child('value').invalid(value, 'must be greater than zero'))
    if (periodSeconds <= 0) errors.push(here.child('periodSeconds').invalid(periodSeconds, 'must be greater than zero'))
    if (periodSeconds > 1800)
      errors.push(here.child('periodSeconds').invalid(periodSeconds, 'must be less than or equal to 1800'))
  }
  return errors
}
