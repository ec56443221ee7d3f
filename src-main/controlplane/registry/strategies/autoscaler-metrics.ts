import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec, MetricTarget } from '#types/autoscaling/v2'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isPathSegment } from '../../../../src-kube/machinery/names.ts'
import { ownValue } from '../../../../src-kube/machinery/own-value.ts'
import { compareQuantities } from '../../../../src-kube/machinery/quantity.ts'
import { validateResourceName } from './pod/resources.ts'

/** In the order in which they are looked at. */
const sources = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const
type Source = (typeof sources)[keyof typeof sources]

/** What is wrong with one metric of an autoscaler: it says of one source what is measured, and how much of it there should be. */
export function validateMetric(metric: MetricSpec, at: FieldPath, described: WantedVersion = 'valid'): FieldError[] {
  const errors: FieldError[] = []
  const { type } = metric
  const field: Source | undefined = ownValue(sources as Record<string, Source>, type ?? '')
  if (!type) errors.push(at.child('type').required('must specify a metric source type'))
  if (!field) errors.push(at.child('type').notSupported(type ?? '', Object.keys(sources).toSorted()))
  const present = Object.values(sources).filter((source) => metric[source])
  const [first] = present
  if (first) errors.push(...judges[first](metric, at.child(first), described))
  if (field && !metric[field])
    errors.push(at.child(field).required('must populate information for the given metric source'))
  if (present.length > 1)
    for (const other of present)
      if (other !== field) errors.push(at.child(other).forbidden('must populate the given metric source only'))
  return errors
}

const judges: Record<Source, (metric: MetricSpec, at: FieldPath, described: WantedVersion) => FieldError[]> = {
  containerResource: ({ containerResource: source }, at) =>
    source ? [...known(source, at), ...contained(source, at), ...ofResource(source.target, at.child('target'))] : [],
  resource: ({ resource: source }, at) =>
    source ? [...named(source, at), ...ofResource(source.target, at.child('target'))] : [],
  object: ({ object: source }, at, described) =>
    source
      ? [
          ...validateReference(source.describedObject, at.child('describedObject'), described),
          ...identified(source.metric, at.child('metric')),
          ...ofOthers(source.target, at.child('target'), 'must set either a target value or averageValue'),
        ]
      : [],
  external: ({ external: source }, at) =>
    source ? [...identified(source.metric, at.child('metric')), ...ofExternal(source.target, at.child('target'))] : [],
  pods: ({ pods: source }, at) =>
    source ? [...identified(source.metric, at.child('metric')), ...ofPods(source.target, at.child('target'))] : [],
}

/** What an apiVersion has to be: of a group that it names, of any group, or whatever was stored before it was looked at. */
export type WantedVersion = 'grouped' | 'valid' | 'any'

/** Whether a reference's apiVersion can be read: it may be left out. */
export const isVersion = ({ apiVersion = '' }: CrossVersionObjectReference): boolean => apiVersion.split('/').length < 3

/** Of what is scaled, and of what a metric describes. */
export function validateReference(
  given: CrossVersionObjectReference | undefined,
  at: FieldPath,
  wanted: WantedVersion,
): FieldError[] {
  const errors = (['kind', 'name'] as const).flatMap((field) => {
    const value = given?.[field]
    return value
      ? isPathSegment(value).map((words) => at.child(field).invalid(value, words))
      : [at.child(field).required()]
  })
  const { apiVersion = '' } = given ?? {}
  const versionAt = at.child('apiVersion')
  if (wanted === 'any') return errors
  if (given && !isVersion(given))
    errors.push(versionAt.invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  else if (wanted === 'grouped' && apiVersion.indexOf('/') < 1)
    errors.push(versionAt.invalid(apiVersion, 'apiVersion must specify API group'))
  return errors
}

const named = ({ name }: { name?: string }, at: FieldPath): FieldError[] =>
  name ? [] : [at.child('name').required('must specify a resource name')]

/** Of a container: a resource that containers have. */
function known(source: { name: string }, at: FieldPath): FieldError[] {
  const errors = named(source, at)
  const { name } = source
  if (name && name !== 'cpu' && name !== 'memory') validateResourceName(name, at.child('name'), errors)
  return errors
}

const contained = ({ container }: { container?: string }, at: FieldPath): FieldError[] =>
  container
    ? isDns1123Label(container).map((words) => at.child('container').invalid(container, words))
    : [at.child('container').required('must specify a container')]

function identified(metric: MetricIdentifier | undefined, at: FieldPath): FieldError[] {
  const name = metric?.name
  if (!name) return [at.child('name').required('must specify a metric name')]
  return isPathSegment(name).map((words) => at.child('name').invalid(name, words))
}

const isPositive = (value: string): boolean => compareQuantities(value, '0') > 0

function aimed({ type, value, averageValue, averageUtilization }: Partial<MetricTarget>, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!type) errors.push(at.child('type').required('must specify a metric target type'))
  if (!['AverageValue', 'Utilization', 'Value'].includes(type ?? ''))
    errors.push(at.child('type').invalid(type ?? '', 'must be either Utilization, Value, or AverageValue'))
  if (value !== undefined && !isPositive(value)) errors.push(at.child('value').invalid(value, 'must be positive'))
  if (averageValue !== undefined && !isPositive(averageValue))
    errors.push(at.child('averageValue').invalid(averageValue, 'must be positive'))
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(at.child('averageUtilization').invalid(averageUtilization, 'must be greater than 0'))
  return errors
}

function ofResource(target: Partial<MetricTarget> = {}, at: FieldPath): FieldError[] {
  const { averageUtilization, averageValue } = target
  const errors = aimed(target, at)
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(at.child('averageUtilization').required('must set either a target raw value or a target utilization'))
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(at.child('averageValue').forbidden('may not set both a target raw value and a target utilization'))
  return errors
}

function ofOthers(target: Partial<MetricTarget> = {}, at: FieldPath, words: string): FieldError[] {
  const errors = aimed(target, at)
  if (target.value === undefined && target.averageValue === undefined)
    errors.push(at.child('averageValue').required(words))
  return errors
}

function ofExternal(target: Partial<MetricTarget> = {}, at: FieldPath): FieldError[] {
  const errors = ofOthers(target, at, 'must set either a target value for metric or a per-pod target')
  if (target.value !== undefined && target.averageValue !== undefined)
    errors.push(at.child('value').forbidden('may not set both a target value for metric and a per-pod target'))
  return errors
}

function ofPods(target: Partial<MetricTarget> = {}, at: FieldPath): FieldError[] {
  const errors = aimed(target, at)
  if (target.averageValue === undefined)
    errors.push(at.child('averageValue').required('must specify a positive target averageValue'))
  return errors
}
