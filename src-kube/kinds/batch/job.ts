import type { CronJob, Job, JobSpec } from '#types/batch/v1'
import { humanDuration } from '../../machinery/duration.ts'
import { parseTime } from '../../machinery/time.ts'
import {
  age,
  ageColumn,
  containerCells,
  integer,
  nameColumn,
  NONE,
  selectorCell,
  since,
  text,
  UNSET,
  workloadColumns,
} from '../cells.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'

export const job = defineKind<Job>({
  group: 'batch',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  status: true,
  hasGeneration: true,
  defaults: (object) => {
    const { spec, metadata } = object
    if (!spec) return
    defaultJobSpec(spec)
    const labels = spec.template?.metadata?.labels
    // The very same: what the job adds to those of its template is then its own as well.
    if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels
    defaultPodTemplate(spec.template)
  },
  columns: [nameColumn, text('Status'), text('Completions'), text('Duration'), ageColumn, ...workloadColumns],
  row: (o, now) => [
    o.metadata.name,
    status(o),
    completions(o),
    duration(o, now),
    age(o, now),
    ...containerCells(o.spec?.template?.spec?.containers),
    selectorCell(o.spec?.selector),
  ],
  selectableFields: { 'status.successful': (o) => String(o.status?.succeeded ?? 0) },
})

function defaultJobSpec(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1
    spec.parallelism = 1
  }
  spec.parallelism ??= 1
  const perIndex = spec.backoffLimitPerIndex !== undefined
  spec.backoffLimit ??= perIndex ? 2147483647 : 6
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.manualSelector ??= false
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
}

function holds(object: Job, type: string): boolean {
  return object.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false
}

function status(object: Job): string {
  if (holds(object, 'Complete')) return 'Complete'
  if (holds(object, 'Failed')) return 'Failed'
  if (object.metadata.deletionTimestamp) return 'Terminating'
  if (holds(object, 'Suspended')) return 'Suspended'
  if (holds(object, 'FailureTarget')) return 'FailureTarget'
  if (holds(object, 'SuccessCriteriaMet')) return 'SuccessCriteriaMet'
  return 'Running'
}

function completions({ spec, status: state }: Job): string {
  const done = state?.succeeded ?? 0
  if (spec?.completions !== undefined) return `${done}/${spec.completions}`
  const parallel = spec?.parallelism ?? 0
  return parallel > 1 ? `${done}/1 of ${parallel}` : `${done}/1`
}

function duration({ status: state }: Job, now: number): string {
  const start = parseTime(state?.startTime)
  if (start === undefined) return ''
  return humanDuration((parseTime(state?.completionTime) ?? now) - start)
}

export const cronJob = defineKind<CronJob>({
  group: 'batch',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  status: true,
  hasGeneration: true,
  defaults: defaultCronJob,
  others: [
    otherVersion<CronJob, CronJob>({
      group: 'batch',
      version: 'v1beta1',
      deprecated: deprecated('1.21', '1.25', 'batch/v1 CronJob'),
      defaults: defaultCronJob,
    }),
  ],
  columns: [
    nameColumn,
    text('Schedule'),
    text('Timezone'),
    text('Suspend'),
    integer('Active'),
    text('Last Schedule'),
    ageColumn,
    ...workloadColumns,
  ],
  row: (o, now) => [
    o.metadata.name,
    o.spec?.schedule ?? '',
    o.spec?.timeZone ?? NONE,
    o.spec?.suspend === undefined ? UNSET : o.spec.suspend ? 'True' : 'False',
    o.status?.active?.length ?? 0,
    o.status?.lastScheduleTime ? since(o.status.lastScheduleTime, now) : NONE,
    age(o, now),
    ...containerCells(o.spec?.jobTemplate?.spec?.template?.spec?.containers),
    selectorCell(o.spec?.jobTemplate?.spec?.selector),
  ],
})

function defaultCronJob({ spec }: CronJob): void {
  if (!spec) return
  spec.concurrencyPolicy ||= 'Allow'
  spec.suspend ??= false
  spec.successfulJobsHistoryLimit ??= 3
  spec.failedJobsHistoryLimit ??= 1
  defaultPodTemplate(spec.jobTemplate?.spec?.template)
}
