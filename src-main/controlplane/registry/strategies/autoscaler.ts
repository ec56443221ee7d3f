import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec } from '#types/autoscaling/v2'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { Strategy } from '../strategy.ts'
import { oneOf } from './checks.ts'
import { validateCounts } from './status-counts.ts'

const sources: Record<string, 'containerResource' | 'external' | 'object' | 'pods' | 'resource' | undefined> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

/** kubernetes.io, "Horizontal Pod Autoscaling". */
export const autoscalerStrategy: Strategy<HorizontalPodAutoscaler> = {
  validateStatusUpdate: (_context, object, old) => validateCounts(object, old),
  prepareForCreate(_context, object) {
    delete object['status']
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validate(_context, object) {
    const spec: Partial<HorizontalPodAutoscaler['spec']> = object.spec
    const path = fieldPath('spec')
    const { minReplicas = 1, maxReplicas = 0, scaleTargetRef, metrics = [], behavior } = spec
    const errors: FieldError[] = []
    if (minReplicas < 1)
      errors.push(path.child('minReplicas').invalid(minReplicas, 'must be greater than or equal to 1'))
    if (maxReplicas < 1) errors.push(path.child('maxReplicas').invalid(maxReplicas, 'must be greater than 0'))
    if (maxReplicas < minReplicas)
      errors.push(path.child('maxReplicas').invalid(maxReplicas, 'must be greater than or equal to `minReplicas`'))
    for (const field of ['kind', 'name'] as const)
      if (!scaleTargetRef?.[field]) errors.push(path.child('scaleTargetRef', field).required())
    for (const [i, metric] of metrics.entries()) errors.push(...validateMetric(metric, path.child('metrics').index(i)))
    errors.push(
      ...validateRules(behavior?.scaleUp, path.child('behavior', 'scaleUp')),
      ...validateRules(behavior?.scaleDown, path.child('behavior', 'scaleDown')),
    )
    return errors
  },
}

function validateMetric(metric: MetricSpec, at: FieldPath): FieldError[] {
  if (!metric.type) return [at.child('type').required('must specify a metric source type')]
  const field = sources[metric.type]
  if (!field) return [at.child('type').notSupported(metric.type, Object.keys(sources))]
  const source = metric[field]
  const errors: FieldError[] = []
  if (!source) errors.push(at.child(field).required('must populate information for the given metric source'))
  for (const other of Object.values(sources))
    if (other && other !== field && metric[other])
      errors.push(at.child(other).forbidden('must populate the given metric source only'))
  if (!source) return errors
  const { type, value, averageValue, averageUtilization } = source.target ?? {}
  const target = at.child(field, 'target')
  if (!type) errors.push(target.child('type').required('must specify a metric target type'))
  else if (!['AverageValue', 'Utilization', 'Value'].includes(type))
    errors.push(target.child('type').invalid(type, 'must be either Utilization, Value, or AverageValue'))
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(target.child('averageUtilization').invalid(averageUtilization, 'must be greater than 0'))
  if (
    (field === 'resource' || field === 'containerResource') &&
    averageUtilization === undefined &&
    averageValue === undefined
  )
    errors.push(
      target.child('averageUtilization').required('must set either a target raw value or a target utilization'),
    )
  if (field === 'pods' && averageValue === undefined)
    errors.push(target.child('averageValue').required('must specify a positive target averageValue'))
  if ((field === 'object' || field === 'external') && value === undefined && averageValue === undefined)
    errors.push(target.child('averageValue').required('must set either a target value or averageValue'))
  return errors
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
