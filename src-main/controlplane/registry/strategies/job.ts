import type { JobSpec } from '#types/batch/v1'
import type { Container, PodSpec } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../strategy.ts'
import { immutable, nonNegative, selects } from './checks.ts'
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts'
import { validateJobStatus } from './job-status.ts'
import { validatePodTemplate } from './pod/spec.ts'
import { same } from './same.ts'

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
/** Indexes that work, or have failed, at once; and fewer where each has failures of its own. */
const MOST_INDEXES = 100_000
const MOST_OF_MANY = 10_000
const replacements = ['Failed', 'TerminatingOrFailed']
const specOf = (object: KubeObject) => object['spec'] as JobSpec

/** Jobs (reference: registry/batch/job): a job selects by its own uid, unless it says that it does not. */
export const jobStrategy: Strategy = {
  validateStatusUpdate: (_context, object, old) => validateJobStatus(object, old),
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
    // Also what came as an empty selector is completed; one that selects by more is refused.
    spec.selector = { ...spec.selector, matchLabels: { ...unique, ...spec.selector?.matchLabels } }
  },
  prepareForUpdate(context, object, old) {
    if (context.subresource === '') object['status'] = old['status']
  },
  validate: (_context, object) => [...validateJob(specOf(object)), ...validateGenerated(object)],
  validateCreate: (_context, object) => validateHostNames(object),
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
        path.child('completions').invalid(spec.completions, 'can only be modified in tandem with spec.parallelism'),
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
  errors.push(...validateManager(spec.managedBy, at.child('managedBy')))
  errors.push(...validatePodTemplate(spec.template, at.child('template')), ...validateIndexes(spec, at))
  const { podReplacementPolicy: replacement, podFailurePolicy, successPolicy } = spec
  const allowed = podFailurePolicy ? ['Failed'] : replacements
  if (podFailurePolicy) errors.push(...validateFailurePolicy(spec, at.child('podFailurePolicy')))
  if (successPolicy) errors.push(...validateSuccess(spec, at.child('successPolicy')))
  if (replacement && !allowed.includes(replacement))
    errors.push(at.child('podReplacementPolicy').notSupported(replacement, allowed))
  return [...errors, ...validateRestart(spec, at.child('template', 'spec', 'restartPolicy'))]
}

function validateSuccess(spec: JobSpec, at: FieldPath): FieldError[] {
  if (spec.completionMode !== 'Indexed') return [at.invalid(spec.successPolicy, 'requires indexed completion mode')]
  return validateSuccessPolicy(spec, at)
}

function validateRestart({ template, podFailurePolicy }: JobSpec, at: FieldPath): FieldError[] {
  const policy = template?.spec?.restartPolicy
  if (policy === 'Always') return [at.required('valid values: "OnFailure", "Never"')]
  if (policy && policy !== 'OnFailure' && policy !== 'Never') return [at.notSupported(policy, ['OnFailure', 'Never'])]
  if (!podFailurePolicy || policy === 'Never') return []
  return [at.invalid(policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

function validateIndexes(spec: JobSpec, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { completionMode: mode } = spec
  if (mode && mode !== 'Indexed' && mode !== 'NonIndexed')
    errors.push(at.child('completionMode').notSupported(mode, ['Indexed', 'NonIndexed']))
  if (mode === 'Indexed' && spec.completions === undefined)
    errors.push(at.child('completions').required('when completion mode is Indexed'))
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    if (spec[field] !== undefined && mode !== 'Indexed')
      errors.push(at.child(field).invalid(spec[field], 'requires indexed completion mode'))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(at.child('backoffLimitPerIndex').required('when maxFailedIndexes is specified'))
  if (mode === 'Indexed') errors.push(...validateSize(spec, at))
  return errors
}

const MANAGER_LENGTH = 63
const PATH_FORMAT = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** Who works at a job: a path below a domain (KEP-4368). */
function validateManager(manager: string | undefined, at: FieldPath): FieldError[] {
  if (manager === undefined) return []
  if (manager === '') return [at.required()]
  const slash = manager.indexOf('/')
  const [host, rest] = [manager.slice(0, Math.max(0, slash)), manager.slice(slash + 1)]
  const errors: FieldError[] = []
  if (host === '' || rest === '')
    errors.push(at.invalid(manager, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  else {
    errors.push(...isDns1123Subdomain(host).map((words) => at.invalid(host, words)))
    if (!new RegExp(`^${PATH_FORMAT}$`).test(rest))
      errors.push(at.invalid(rest, `Invalid path (regex used for validation is '${PATH_FORMAT}')`))
  }
  return manager.length > MANAGER_LENGTH ? [...errors, at.tooLong(MANAGER_LENGTH)] : errors
}

/** An indexed job keeps a list of its indexes, which must not grow too long. */
function validateSize(spec: JobSpec, at: FieldPath): FieldError[] {
  const { parallelism = 1, completions = 0, maxFailedIndexes } = spec
  const errors: FieldError[] = []
  const most = (field: 'parallelism' | 'maxFailedIndexes', number: number | string, where = '') =>
    errors.push(at.child(field).invalid(spec[field], `must be less than or equal to ${number}${where}`))
  if (parallelism > MOST_INDEXES) most('parallelism', MOST_INDEXES, ' when completion mode is Indexed')
  if (maxFailedIndexes !== undefined && spec.completions !== undefined && maxFailedIndexes > completions)
    most('maxFailedIndexes', 'completions')
  if ((maxFailedIndexes ?? 0) > MOST_INDEXES) most('maxFailedIndexes', MOST_INDEXES)
  if (completions <= MOST_INDEXES || spec.backoffLimitPerIndex === undefined) return errors
  const large = ` when completions are above ${MOST_INDEXES} and used with backoff limit per index`
  if (maxFailedIndexes === undefined)
    errors.push(at.child('maxFailedIndexes').required(`must be specified when completions is above ${MOST_INDEXES}`))
  if (parallelism > MOST_OF_MANY) most('parallelism', MOST_OF_MANY, large)
  if ((maxFailedIndexes ?? 0) > MOST_OF_MANY) most('maxFailedIndexes', MOST_OF_MANY, large)
  return errors
}

/** Pods of an indexed job are called after it and their index. */
function validateHostNames(object: KubeObject): FieldError[] {
  const { completionMode, completions = 0 } = specOf(object)
  const { name } = object.metadata
  if (completionMode !== 'Indexed' || completions < 1) return []
  const longest = `${name}-${completions - 1}`
  const words = `will not able to create pod with invalid DNS label: ${longest}`
  return isDns1123Label(longest).length > 0 ? [fieldPath('metadata', 'name').invalid(name, words)] : []
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
