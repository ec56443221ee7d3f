import type { JobSpec } from '#types/batch/v1'
import type { Container, PodSpec } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, nonNegative, selects } from './checks.ts'
import { validatePodTemplate } from './pod/spec.ts'
import { same } from './same.ts'
import { validateCounts } from './status-counts.ts'

const path = fieldPath('spec')
const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
  'ttlSecondsAfterFinished',
] as const
const frozen = [
  'selector',
  'completionMode',
  'podFailurePolicy',
  'successPolicy',
  'backoffLimitPerIndex',
  'managedBy',
] as const
const replacements = ['Failed', 'TerminatingOrFailed']
const specOf = (object: KubeObject) => object['spec'] as JobSpec

/** Jobs (reference: registry/batch/job): a job that brings no selector gets one by its own uid. */
export const jobStrategy: Strategy = {
  validateStatusUpdate: (_context, object, old) => validateCounts(object, old),
  prepareForCreate(_context, object) {
    object['status'] = {}
    const spec = specOf(object)
    if (spec.manualSelector) return
    const unique = { 'batch.kubernetes.io/controller-uid': object.metadata.uid }
    const labels = {
      ...unique,
      'batch.kubernetes.io/job-name': object.metadata.name,
      'controller-uid': object.metadata.uid,
      'job-name': object.metadata.name,
    }
    // A job may come without a template; validation says what that lacks.
    const template = (spec.template ??= {} as JobSpec['template'])
    const given = object.metadata.labels
    const defaulted = Object.keys(given ?? {}).length === 0 || given === template.metadata?.labels
    template.metadata = Object.assign(template.metadata ?? {}, {
      labels: { ...template.metadata?.labels, ...labels },
    }) as NonNullable<typeof template.metadata>
    // A job without labels of its own has those of its pods.
    if (defaulted) object.metadata.labels = { ...template.metadata.labels }
    spec.selector ??= { matchLabels: unique }
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validate: (_context, object) => [...validateJob(specOf(object)), ...validateGenerated(object)],
  validateUpdate(context, object, old) {
    if (context.subresource === 'status') return []
    const spec = specOf(object)
    const before = specOf(old)
    const errors: FieldError[] = []
    for (const field of frozen) errors.push(...immutable(spec[field], before[field], path.child(field)))
    if (spec.completionMode !== 'Indexed')
      errors.push(...immutable(spec.completions, before.completions, path.child('completions')))
    else if (spec.completions !== before.completions && spec.completions !== spec.parallelism)
      errors.push(
        path.child('completions').invalid(spec.completions, 'can only be modified in tandem with parallelism'),
      )
    const started = (old['status'] as { startTime?: string } | undefined)?.startTime !== undefined
    if (!same(frozenTemplate(spec, before, started), before.template))
      errors.push(path.child('template').invalid(spec.template, 'field is immutable'))
    return errors
  },
}

/** Also of a CronJob's template, whose selector comes with each job. */
export function validateJobSpec(spec: JobSpec, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const field of counts) errors.push(...nonNegative(spec[field], at.child(field)))
  errors.push(...validatePodTemplate(spec.template, at.child('template')), ...validateIndexes(spec, at))
  const { podReplacementPolicy: replacement } = spec
  if (replacement && !replacements.includes(replacement))
    errors.push(at.child('podReplacementPolicy').notSupported(replacement, replacements))
  const policy = spec.template?.spec?.restartPolicy
  const where = at.child('template', 'spec', 'restartPolicy')
  if (policy === 'Always') errors.push(where.required('valid values: "OnFailure", "Never"'))
  else if (policy && policy !== 'OnFailure' && policy !== 'Never')
    errors.push(where.notSupported(policy, ['OnFailure', 'Never']))
  if (spec.podFailurePolicy && policy !== 'Never')
    errors.push(
      at
        .child('template', 'spec', 'restartPolicy')
        .invalid(policy, 'only "Never" is supported when podFailurePolicy is specified'),
    )
  return errors
}

function validateIndexes(spec: JobSpec, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { completionMode: mode } = spec
  if (mode && mode !== 'Indexed' && mode !== 'NonIndexed')
    errors.push(at.child('completionMode').notSupported(mode, ['Indexed', 'NonIndexed']))
  if (mode === 'Indexed' && spec.completions === undefined)
    errors.push(at.child('completions').required('when completion mode is Indexed'))
  if (spec.backoffLimitPerIndex !== undefined && mode !== 'Indexed')
    errors.push(at.child('backoffLimitPerIndex').invalid(spec.backoffLimitPerIndex, 'requires indexed completion mode'))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(at.child('backoffLimitPerIndex').required('when maxFailedIndexes is specified'))
  if (spec.successPolicy && mode !== 'Indexed')
    errors.push(at.child('successPolicy').invalid(spec.successPolicy, 'requires indexed completion mode'))
  return errors
}

/** A selector that nobody asked to choose is the one of the job's uid. */
function validateGenerated(object: KubeObject): FieldError[] {
  const { manualSelector, selector } = specOf(object)
  if (manualSelector || !selector) return []
  const { matchLabels = {}, matchExpressions = [] } = selector
  const [key = '', ...more] = Object.keys(matchLabels)
  const own =
    (key === 'batch.kubernetes.io/controller-uid' || key === 'controller-uid') &&
    matchLabels[key] === object.metadata.uid
  return own && more.length === 0 && matchExpressions.length === 0
    ? []
    : [path.child('selector').invalid(selector, '`selector` not auto-generated')]
}

/** A job of one's own selector must at least select its own pods. */
function validateJob(spec: JobSpec): FieldError[] {
  const errors = validateJobSpec(spec, path)
  const labels = spec.template?.metadata?.labels ?? {}
  if (!spec.selector) errors.push(path.child('selector').required())
  else if (!selects(spec.selector, labels))
    errors.push(
      path.child('template', 'metadata', 'labels').invalid(labels, '`selector` does not match template `labels`'),
    )
  return errors
}

/**
 * A suspended job that does not run may still be told where to run (KEP-2926), and with how much (KEP-5440): those parts are put back
 * before comparing.
 */
function frozenTemplate(now: JobSpec, before: JobSpec, started: boolean): JobSpec['template'] {
  if (!before.suspend || started || !now.template?.spec || !before.template.spec) return now.template
  const { nodeSelector, tolerations, affinity, schedulingGates } = before.template.spec
  const { podAffinity, podAntiAffinity } = now.template.spec.affinity ?? {}
  const others = same([podAffinity, podAntiAffinity], [affinity?.podAffinity, affinity?.podAntiAffinity])
  return {
    ...now.template,
    metadata: before.template.metadata,
    spec: {
      ...now.template.spec,
      nodeSelector,
      tolerations,
      schedulingGates,
      ...withResources(now.template.spec, before.template.spec),
      ...(others ? { affinity } : {}),
    },
  }
}

/** The containers of one spec with the resources that another gives them. */
function withResources(now: PodSpec, before: PodSpec): Pick<PodSpec, 'containers' | 'initContainers'> {
  const put = <T extends Container>(all: T[], others: readonly Container[] | undefined): T[] =>
    all.map((one, i) => ({ ...one, resources: others?.[i]?.resources }))
  return {
    containers: put(now.containers, before.containers),
    ...(now.initContainers ? { initContainers: put(now.initContainers, before.initContainers) } : {}),
  }
}
