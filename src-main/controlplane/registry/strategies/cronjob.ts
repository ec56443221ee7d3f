import type { CronJob, CronJobSpec } from '#types/batch/v1'
import { CronError, parseCron } from '../../../../src-kube/machinery/cron.ts'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { Strategy } from '../strategy.ts'
import { nonNegative } from './checks.ts'
import { validateJobSpec } from './job.ts'
import { withStatus } from './plain.ts'

/** Jobs of a CronJob are named after it, eleven characters longer; a job's name is a label of at most 63. */
const MOST_NAME = 52
const path = fieldPath('spec')
const policies = ['Allow', 'Forbid', 'Replace']

/** kubernetes.io, "CronJob": schedules are judged when they are written, not when they should fire. */
export const cronJobStrategy: Strategy<CronJob> = withStatus(() => ({}), {
  validate(_context, { spec, metadata }) {
    const errors = spec ? validateSpec(spec) : [path.child('schedule').required()]
    if ((metadata.name ?? '').length > MOST_NAME)
      errors.unshift(
        fieldPath('metadata', 'name').invalid(metadata.name, `must be no more than ${MOST_NAME} characters`),
      )
    return errors
  },
})

function validateSpec(spec: CronJobSpec): FieldError[] {
  const errors = validateSchedule(spec.schedule ?? '', path.child('schedule'))
  for (const field of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const)
    errors.push(...nonNegative(spec[field], path.child(field)))
  if (spec.timeZone !== undefined) errors.push(...validateZone(spec.timeZone, path.child('timeZone')))
  if (!spec.concurrencyPolicy) errors.push(path.child('concurrencyPolicy').required())
  else if (!policies.includes(spec.concurrencyPolicy))
    errors.push(path.child('concurrencyPolicy').notSupported(spec.concurrencyPolicy, policies))
  const at = path.child('jobTemplate', 'spec')
  if (!spec.jobTemplate?.spec) return [...errors, at.child('template', 'spec', 'containers').required()]
  if (spec.jobTemplate.spec.manualSelector) errors.push(at.child('manualSelector').notSupported(true, ['nil', 'false']))
  return [...errors, ...validateJobSpec(spec.jobTemplate.spec, at)]
}

function validateSchedule(schedule: string, at: FieldPath): FieldError[] {
  if (!schedule) return [at.required()]
  if (schedule.includes('TZ'))
    return [at.invalid(schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')]
  try {
    parseCron(schedule)
    return []
  } catch (error) {
    if (!(error instanceof CronError)) throw error
    return [at.invalid(schedule, error.message)]
  }
}

function validateZone(zone: string, at: FieldPath): FieldError[] {
  if (zone === '') return [at.invalid(zone, 'timeZone must be nil or non-empty string')]
  if (zone.toLowerCase() === 'local')
    return [at.invalid(zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')]
  try {
    Intl.DateTimeFormat('en', { timeZone: zone })
    return []
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return [at.invalid(zone, `unknown time zone ${zone}`)]
  }
}
