import type { Job, JobSpec, JobStatus } from '#types/batch/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { readIndexes } from './job-indexes.ts'
import { same } from './same.ts'
import { validateCounts } from './status-counts.ts'

const path = fieldPath('status')

/** A job's status and what it says has happened. */
interface Seen {
  spec: JobSpec
  status: JobStatus
  is(condition: string): boolean
  finished: boolean
}

function seen({ spec, status = {} }: Job): Seen {
  const is = (condition: string): boolean =>
    status.conditions?.some(({ type, status: now }) => type === condition && now === 'True') === true
  return { spec, status, is, finished: is('Complete') || is('Failed') }
}

/** What one write makes of a status. */
interface Write {
  now: Seen
  before: Seen
  /** Whether one of the fields, or what is known of one of the conditions, is another than before. */
  changed(...names: string[]): boolean
}

const endConditions = ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet']

function changedFrom(before: Seen, now: Seen): Write['changed'] {
  const field = (seenBy: Seen, name: string): unknown => {
    if (name === 'finished') return seenBy.finished
    if (endConditions.includes(name)) return seenBy.is(name)
    return (seenBy.status as Record<string, unknown>)[name]
  }
  return (...names) => names.some((name) => !same(field(before, name), field(now, name)))
}

/**
 * What a job's status may say, whoever works at the job: it holds together, and what has ended has ended (KEP-4368; reference: `ValidateJobStatusUpdate`). Only
 * what a write changes is looked at.
 */
export function validateJobStatus(object: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [seen(object as unknown as Job), seen(old as unknown as Job)]
  const write = { now, before, changed: changedFrom(before, now) }
  const all = [
    validateUncounted,
    validateEnd,
    validateTimes,
    validateRest,
    validateIndexes,
    validatePolicy,
    validateProgress,
  ]
  return [...validateCounts(object, old), ...all.flatMap((validate) => validate(write))]
}

const conditions = (words: string): FieldError => path.child('conditions').invalidWithoutValue(words)

function validateUncounted({ now }: Write): FieldError[] {
  const { succeeded = [], failed = [] } = now.status.uncountedTerminatedPods ?? {}
  const known = new Set<string>()
  return Object.entries({ succeeded, failed }).flatMap(([field, uids]) =>
    uids.flatMap((uid, i) => {
      const at = path.child('uncountedTerminatedPods', field).index(i)
      if (uid === '') return [at.invalid(uid, 'must not be empty')]
      if (known.has(uid)) return [at.duplicate(uid)]
      known.add(uid)
      return []
    }),
  )
}

/** What ends a job excludes what else could. */
function validateEnd({ now, changed }: Write): FieldError[] {
  const errors: FieldError[] = []
  const excludes = (one: string, other: string, words: string): void => {
    if (changed(one, other) && now.is(one) && now.is(other)) errors.push(conditions(`cannot set ${words} conditions`))
  }
  excludes('Complete', 'Failed', 'Complete=True and Failed=true')
  excludes('Complete', 'FailureTarget', 'Complete=True and FailureTarget=true')
  const needs = (end: string, first: string): void => {
    if (changed(end, first) && now.is(end) && !now.is(first))
      errors.push(conditions(`cannot set ${end}=True condition without the ${first}=true condition`))
  }
  needs('Failed', 'FailureTarget')
  needs('Complete', 'SuccessCriteriaMet')
  return errors
}

function validateTimes({ now, before, changed }: Write): FieldError[] {
  const { startTime, completionTime } = now.status
  const errors: FieldError[] = []
  const completed = path.child('completionTime')
  if (changed('Complete', 'completionTime')) {
    if (completionTime && !now.is('Complete'))
      errors.push(
        completed.invalid(completionTime, 'cannot set completionTime when there is no Complete=True condition'),
      )
    if (!completionTime && now.is('Complete'))
      errors.push(completed.required('completionTime is required for Complete jobs'))
  }
  const isEarlier = startTime && completionTime && parseTime(completionTime)! < parseTime(startTime)!
  if (isEarlier && changed('startTime', 'completionTime'))
    errors.push(completed.invalid(completionTime, 'completionTime cannot be set before startTime'))
  if (completionTime && before.status.completionTime && changed('completionTime'))
    errors.push(completed.invalid(completionTime, 'completionTime cannot be mutated'))
  if (before.status.startTime && changed('startTime') && !now.spec.suspend)
    errors.push(path.child('startTime').required('startTime cannot be removed for unsuspended job'))
  if (now.finished && !startTime && changed('finished', 'startTime'))
    errors.push(path.child('startTime').required('startTime is required for finished job'))
  return errors
}

/** Nothing of a job that has finished is still to come. */
function validateRest({ now, changed }: Write): FieldError[] {
  const { active = 0, terminating = 0, ready, uncountedTerminatedPods } = now.status
  const errors: FieldError[] = []
  if (now.finished) {
    if (active > 0 && changed('finished', 'active'))
      errors.push(path.child('active').invalid(active, 'active>0 is invalid for finished job'))
    if (terminating > 0 && changed('finished', 'terminating'))
      errors.push(path.child('terminating').invalid(terminating, 'terminating>0 is invalid for finished job'))
    const { succeeded = [], failed = [] } = uncountedTerminatedPods ?? {}
    if (succeeded.length + failed.length > 0 && changed('finished', 'uncountedTerminatedPods')) {
      const words = 'uncountedTerminatedPods needs to be empty for finished job'
      errors.push(path.child('uncountedTerminatedPods').invalid(uncountedTerminatedPods, words))
    }
  }
  if (ready !== undefined && ready > active && changed('ready', 'active'))
    errors.push(path.child('ready').invalid(ready, 'cannot set more ready pods than active'))
  return errors
}

function validateIndexes({ now, changed }: Write): FieldError[] {
  const { completions, completionMode, backoffLimitPerIndex } = now.spec
  const { completedIndexes = '', failedIndexes } = now.status
  const errors: FieldError[] = []
  const at = { completed: path.child('completedIndexes'), failed: path.child('failedIndexes') }
  const readable = (field: 'completedIndexes' | 'failedIndexes', text: string): void => {
    const read = changed(field) ? readIndexes(text, completions!) : undefined
    if (read && 'fault' in read) errors.push(path.child(field).invalid(text, `error parsing ${field}: ${read.fault}`))
  }
  if (completions !== undefined) readable('completedIndexes', completedIndexes)
  if (completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined)
    readable('failedIndexes', failedIndexes)
  if (completedIndexes !== '' && completionMode !== 'Indexed' && changed('completedIndexes')) {
    const words = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(at.completed.invalid(completedIndexes, words))
  }
  if (failedIndexes === undefined) return errors
  if (backoffLimitPerIndex === undefined && changed('failedIndexes')) {
    const words = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    errors.push(at.failed.invalid(failedIndexes, words))
  }
  if (completions === undefined || !changed('failedIndexes', 'completedIndexes')) return errors
  const twice = firstOfBoth(completedIndexes, failedIndexes, completions)
  if (twice !== undefined) {
    const words = `failedIndexes and completedIndexes overlap at index: ${twice}`
    errors.push(at.failed.invalid(failedIndexes, words))
  }
  return errors
}

/** The first index that both lists name; those that cannot be read name none. */
function firstOfBoth(one: string, other: string, completions: number): number | undefined {
  const [a, b] = [readIndexes(one, completions), readIndexes(other, completions)]
  if ('fault' in a || 'fault' in b) return undefined
  for (let i = 0, j = 0; i < a.ranges.length && j < b.ranges.length;) {
    const [[from, to], [start, end]] = [a.ranges[i]!, b.ranges[j]!]
    if (from <= end && start <= to) return Math.max(from, start)
    if (to < end) i++
    else j++
  }
  return undefined
}

function validatePolicy({ now }: Write): FieldError[] {
  const errors: FieldError[] = []
  const met = now.is('SuccessCriteriaMet')
  if (met && now.is('Failed')) errors.push(conditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  if (met && now.is('FailureTarget'))
    errors.push(conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'))
  if (now.spec.successPolicy && !met && now.is('Complete'))
    errors.push(conditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'))
  return errors
}

/** What has happened is not undone. */
function validateProgress({ now, before }: Write): FieldError[] {
  const errors: FieldError[] = []
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (before.is(type) && !now.is(type)) errors.push(conditions(`cannot disable the terminal ${type}=True condition`))
  const { failed = 0, succeeded = 0 } = now.status
  if (failed < (before.status.failed ?? 0))
    errors.push(path.child('failed').invalid(failed, 'cannot decrease the failed counter'))
  const { completionMode, completions, parallelism } = now.spec
  // A job that can be told to do less may have succeeded less often then.
  const mayShrink = completionMode === 'Indexed' && completions === parallelism
  if (succeeded < (before.status.succeeded ?? 0) && !mayShrink)
    errors.push(path.child('succeeded').invalid(succeeded, 'cannot decrease the succeeded counter'))
  if (before.is('SuccessCriteriaMet') && !now.is('SuccessCriteriaMet'))
    errors.push(conditions('cannot disable the SuccessCriteriaMet=True condition'))
  if (before.is('Complete') && !before.is('SuccessCriteriaMet') && now.is('SuccessCriteriaMet'))
    errors.push(conditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'))
  return errors
}
