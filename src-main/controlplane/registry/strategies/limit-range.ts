import type { LimitRange, LimitRangeItem } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import { compareQuantities, milliValue } from '../../../../src-kube/machinery/quantity.ts'
import type { Strategy } from '../strategy.ts'
import { isStandard } from './quota.ts'

/** kubernetes.io, "Limit Ranges": bounds that do not contradict each other. */
export const limitRangeStrategy: Strategy<LimitRange> = {
  allowCreateOnUpdate: true,
  /** An entry without a name gets one. */
  prepareForCreate(_context, object) {
    object.metadata.name ||= crypto.randomUUID()
  },
  validate(_context, object) {
    const seen = new Set<string>()
    return (object.spec?.limits ?? []).flatMap((item, i) => {
      const at = fieldPath('spec', 'limits').index(i)
      const errors = isQualifiedType(item.type ?? '').map((words) => at.child('type').invalid(item.type, words))
      if (seen.has(item.type)) errors.push(at.child('type').duplicate(item.type))
      seen.add(item.type)
      return [...errors, ...validateItem(item, at)]
    })
  },
}

const ofContainers = new Set(['cpu', 'ephemeral-storage', 'memory'])
const known = ['Container', 'PersistentVolumeClaim', 'Pod']

const isQualifiedType = (type: string): string[] =>
  known.includes(type) || type.includes('/') || type === ''
    ? isQualifiedName(type)
    : ['must be a standard limit type or fully qualified']

function validateItem(item: LimitRangeItem, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (item.type === 'Pod')
    for (const field of ['default', 'defaultRequest'] as const)
      if (Object.keys(item[field] ?? {}).length > 0)
        errors.push(at.child(field).forbidden("may not be specified when `type` is 'Pod'"))
  if (
    item.type === 'PersistentVolumeClaim' &&
    item.min?.['storage'] === undefined &&
    item.max?.['storage'] === undefined
  )
    errors.push(
      at.child('limits').required('either minimum or maximum storage value is required, but neither was provided'),
    )
  const { max, min, default: usual, defaultRequest, maxLimitRequestRatio } = item
  const maps = [max, min, usual, defaultRequest, maxLimitRequestRatio]
  const names = new Set(maps.flatMap((map) => Object.keys(map ?? {})))
  for (const [field, amounts] of Object.entries({ max, min, default: usual, defaultRequest, maxLimitRequestRatio }))
    for (const name of Object.keys(amounts ?? {})) errors.push(...validateResource(name, item.type, at.child(field)))
  for (const name of [...names].sort()) errors.push(...validateBounds(item, name, at))
  return errors
}

/** Resources without a domain are those that Kubernetes knows; a pod or container is limited in what containers use. */
function validateResource(name: string, type: string, path: FieldPath): FieldError[] {
  const at = path.key(name)
  const errors = isQualifiedName(name).map((words) => at.invalid(name, words))
  if (name.includes('/')) return errors
  const huge = name.startsWith('hugepages-')
  if (!isStandard(name) && name !== 'storage' && !huge && !name.startsWith('requests.hugepages-'))
    errors.push(at.invalid(name, 'must be a standard resource type or fully qualified'))
  if ((type === 'Pod' || type === 'Container') && !ofContainers.has(name) && !huge)
    errors.push(at.invalid(name, 'must be a standard resource for containers'))
  return errors
}

/** Which of two bounds may not exceed the other: the field that is told, its words, and the greater one. */
const order = [
  ['min', 'min', 'max', 'max'],
  ['min', 'min', 'defaultRequest', 'default request'],
  ['defaultRequest', 'default request', 'max', 'max'],
  ['defaultRequest', 'default request', 'default', 'default limit'],
  ['min', 'min', 'default', 'default'],
  ['default', 'default', 'max', 'max'],
] as const

function validateBounds(item: LimitRangeItem, name: string, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [low, lowName, high, highName] of order) {
    const [less, more] = [item[low]?.[name], item[high]?.[name]]
    if (less === undefined || more === undefined || compareQuantities(less, more) <= 0) continue
    // Upstream tells it of the default when that is too small, else of the lower bound.
    const field = high === 'default' || high === 'defaultRequest' ? high : low
    const told = low === 'defaultRequest' ? low : field
    const value = item[told]?.[name]
    errors.push(
      at.child(told).key(name).invalid(value, `${lowName} value ${less} is greater than ${highName} value ${more}`),
    )
  }
  const ratio = item.maxLimitRequestRatio?.[name]
  if (ratio === undefined) return errors
  const where = at.child('maxLimitRequestRatio').key(name)
  if (milliValue(ratio) < 1000) errors.push(where.invalid(ratio, `ratio ${ratio} is less than 1`))
  const [min, max] = [item.min?.[name], item.max?.[name]]
  if (min === undefined || max === undefined) return errors
  const most = milliValue(max) / milliValue(min)
  if (milliValue(ratio) / 1000 > most)
    errors.push(where.invalid(ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`))
  return errors
}
