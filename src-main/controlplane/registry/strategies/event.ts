import type { Event } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain, isPathSegment, isQualifiedName } from '../../../../src-kube/machinery/names.ts'
import type { Strategy, StrategyContext } from '../strategy.ts'
import { immutable } from './checks.ts'

const LONGEST = 128
const LONGEST_NOTE = 1024

const isNew = ({ group, version }: StrategyContext): boolean => group === 'events.k8s.io' && version === 'v1'

/**
 * Events have no status of their own and may be created by PUT. Those with a time in microseconds, and all of `events.k8s.io/v1`, say who
 * reports what of which object (kubernetes.io, Event v1 events.k8s.io); of the older ones only the namespace is looked at.
 */
export const eventStrategy: Strategy<Event> = {
  allowCreateOnUpdate: true,
  /** An event is often named after an object whose name may hold more than names of events of today. */
  validateName: isPathSegment,
  validateCreate(context, object) {
    const errors = validateEvent(object)
    return isNew(context) ? [...errors, ...validateNew(object)] : errors
  },
  validateUpdate(context, object, old) {
    const errors = validateEvent(object)
    return isNew(context) ? [...errors, ...validateChange(object, old)] : errors
  },
}

/** Events of what is in no namespace are in `default`, those with a time also in `kube-system`. */
function validateNamespace({ metadata, involvedObject, eventTime }: Event): FieldError[] {
  // What is required may be missing.
  const { namespace = '' } = (involvedObject as typeof involvedObject | undefined) ?? {}
  const homes = namespace ? [namespace] : eventTime ? ['default', 'kube-system'] : ['default']
  if (homes.includes(metadata.namespace ?? '')) return []
  return [fieldPath('involvedObject', 'namespace').invalid(namespace, 'does not match event.namespace')]
}

function validateEvent(event: Event): FieldError[] {
  const { eventTime, reportingComponent: reporter = '', reportingInstance = '', action = '', reason = '' } = event
  const errors = validateNamespace(event)
  if (!eventTime) return errors
  const controller = fieldPath('reportingController')
  if (reporter === '') errors.push(controller.required())
  errors.push(...isQualifiedName(reporter).map((words) => controller.invalid(reporter, words)))
  for (const [field, value] of Object.entries({ reportingInstance, action, reason })) {
    if (value === '') errors.push(fieldPath(field).required())
    if (value.length > LONGEST) errors.push(tooLong(field, LONGEST))
  }
  if ((event.message ?? '').length > LONGEST_NOTE) errors.push(tooLong('message', LONGEST_NOTE))
  return errors
}

const tooLong = (field: string, most: number): FieldError =>
  fieldPath(field).invalid('', `can have at most ${most} characters`)

function validateNew(event: Event): FieldError[] {
  const { metadata, eventTime, type = '', firstTimestamp, lastTimestamp, count, source } = event
  const name = fieldPath('metadata', 'name')
  const errors = isDns1123Subdomain(metadata.name).map((words) => name.invalid(metadata.name, words))
  if (!eventTime) errors.push(fieldPath('eventTime').required())
  if (type !== 'Normal' && type !== 'Warning') errors.push(fieldPath('type').invalid('', `has invalid value: ${type}`))
  errors.push(...validateSeries(event))
  const old = { firstTimestamp, lastTimestamp, count, source: source?.component || source?.host }
  for (const [field, value] of Object.entries(old))
    if (value) errors.push(fieldPath(field).invalid('', 'needs to be unset'))
  return errors
}

function validateSeries({ series }: Event): FieldError[] {
  if (!series) return []
  const errors: FieldError[] = []
  const at = fieldPath('series')
  if ((series.count ?? 0) < 2) errors.push(at.child('count').invalid('', 'should be at least 2'))
  if (!series.lastObservedTime) errors.push(at.child('lastObservedTime').required())
  return errors
}

/** Only how often something happened may change. */
function validateChange(event: Event, old: Event): FieldError[] {
  const errors = JSON.stringify(event.series) === JSON.stringify(old.series) ? [] : validateSeries(event)
  const fields = ['involvedObject', 'reason', 'message', 'firstTimestamp', 'lastTimestamp', 'count', 'type'] as const
  const later = ['eventTime', 'action', 'related', 'reportingInstance'] as const
  for (const field of [...fields, ...later])
    errors.push(...immutable(event[field] ?? null, old[field] ?? null, fieldPath(field)))
  const { reportingComponent: reporter = '' } = event
  return [...errors, ...immutable(reporter, old.reportingComponent ?? '', fieldPath('reportingController'))]
}
