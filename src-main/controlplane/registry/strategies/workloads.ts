import type { LabelSelector } from '#types/meta/v1'
import type { PodTemplateSpec } from '#types/core/v1'
import { TEMPLATE_GENERATION_ANNOTATION } from '../../../../src-kube/kinds/apps/daemon-set.ts'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy } from '../strategy.ts'
import { emptySelector, immutable, nonNegative, selects, validateLabelSelector } from './checks.ts'
import { validatePodTemplate } from './pod/spec.ts'
import { validateRollout } from './rollout.ts'
import { same } from './same.ts'
import { validateCounts } from './status-counts.ts'

interface WorkloadSpec {
  replicas?: number
  minReadySeconds?: number
  revisionHistoryLimit?: number
  selector?: LabelSelector
  template?: PodTemplateSpec
  progressDeadlineSeconds?: number
  podManagementPolicy?: string
  strategy?: Parameters<typeof validateRollout>[1]
  updateStrategy?: Parameters<typeof validateRollout>[1]
  ordinals?: { start?: number }
  persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string }
  volumeClaimTemplates?: Array<{ metadata?: { name?: string } }>
  [field: string]: unknown
}

const path = fieldPath('spec')
const specOf = (object: KubeObject): WorkloadSpec => (object['spec'] as WorkloadSpec | undefined) ?? {}

/** Counts that a status always has, though its controller has not counted yet. */
const countsAtBirth: Record<string, Record<string, number>> = {
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  DaemonSet: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
}

/** What Deployments, ReplicaSets, DaemonSets and StatefulSets share: a selector that fits the template and never changes. */
export function workloadStrategy(kind: string, mutableFields?: readonly string[]): Strategy {
  const validate = (object: KubeObject) => validateWorkload(kind, specOf(object))
  return {
    prepareForCreate(_context, object) {
      object['status'] = { ...countsAtBirth[kind] }
      if (kind === 'DaemonSet') numberTemplate(object)
    },
    prepareForUpdate(context, object, old) {
      if (context.subresource === '') object['status'] = old['status']
      if (kind === 'DaemonSet') numberTemplate(object, old)
    },
    validate: (_context, object) => validate(object),
    validateStatusUpdate: (_context, object, old) => validateCounts(object, old),
    validateUpdate(context, object, old) {
      if (context.subresource === 'status') return []
      // The rest is judged by `validate`, which the registry calls as well.
      if (mutableFields) return onlyThese(mutableFields, withoutKinds(specOf(object)), withoutKinds(specOf(old)), kind)
      return immutable(specOf(object).selector, specOf(old).selector, path.child('selector'))
    },
  }
}

/** Sets that older servers stored do not say of what kind their claims are. */
function withoutKinds(spec: WorkloadSpec): WorkloadSpec {
  const { volumeClaimTemplates } = spec
  if (!volumeClaimTemplates) return spec
  const bare = volumeClaimTemplates.map((claim) => ({ ...claim, apiVersion: undefined, kind: undefined }))
  return { ...spec, volumeClaimTemplates: bare }
}

/** Daemon sets number their templates, as `spec.templateGeneration` of old versions did; only who creates one may say where it begins. */
function numberTemplate(object: KubeObject, old?: KubeObject): void {
  const before = Number((old ?? object).metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION] ?? 0) || 1
  const changed = old !== undefined && !same(specOf(object).template, specOf(old).template)
  const generation = String(changed ? before + 1 : before)
  const { annotations } = object.metadata
  if (annotations?.[TEMPLATE_GENERATION_ANNOTATION] === generation) return
  object.metadata = {
    ...object.metadata,
    annotations: { ...annotations, [TEMPLATE_GENERATION_ANNOTATION]: generation },
  }
}

function validateWorkload(kind: string, spec: WorkloadSpec): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['replicas', 'minReadySeconds', 'revisionHistoryLimit'] as const)
    errors.push(...nonNegative(spec[field], path.child(field)))
  const selector = path.child('selector')
  const flaws = spec.selector ? validateLabelSelector(spec.selector, selector) : [selector.required()]
  errors.push(...flaws)
  if (spec.selector && emptySelector(spec.selector)) {
    const name = kind === 'ReplicaSet' ? 'deployment' : kind.toLowerCase()
    errors.push(selector.invalid(spec.selector, `empty selector is invalid for ${name}`))
  }
  const broken = Boolean(spec.selector) && flaws.length > 0
  const labels = spec.template?.metadata?.labels
  // A selector that means nothing is compared with nothing.
  if (broken && kind !== 'DaemonSet')
    errors.push(selector.invalid(spec.selector, kind === 'StatefulSet' ? '' : 'invalid label selector'))
  else if (!broken && !selects(spec.selector, labels))
    errors.push(
      path.child('template', 'metadata', 'labels').invalid(labels, '`selector` does not match template `labels`'),
    )
  const template = path.child('template')
  const claims = (spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata?.name ?? '')
  errors.push(...validatePodTemplate(spec.template, template, claims))
  const restart = spec.template?.spec?.restartPolicy
  if (restart && restart !== 'Always')
    errors.push(template.child('spec', 'restartPolicy').notSupported(restart, ['Always']))
  if (spec.template?.spec?.activeDeadlineSeconds !== undefined) {
    const owner = kind === 'Deployment' ? 'ReplicaSet' : kind
    errors.push(
      template.child('spec', 'activeDeadlineSeconds').forbidden(`activeDeadlineSeconds in ${owner} is not Supported`),
    )
  }
  const strategy = kind === 'Deployment' ? 'strategy' : 'updateStrategy'
  return [...errors, ...validateRollout(kind, spec[strategy], path.child(strategy)), ...validateOwn(kind, spec)]
}

/** What one kind has and the others do not. */
function validateOwn(kind: string, spec: WorkloadSpec): FieldError[] {
  const errors: FieldError[] = []
  const { progressDeadlineSeconds: deadline, podManagementPolicy: policy } = spec
  if (kind === 'Deployment' && deadline !== undefined) {
    const at = path.child('progressDeadlineSeconds')
    errors.push(...nonNegative(deadline, at))
    if (deadline <= (spec.minReadySeconds ?? 0))
      errors.push(at.invalid(deadline, 'must be greater than minReadySeconds'))
  }
  if (kind !== 'StatefulSet') return errors
  if (!policy) errors.push(path.child('podManagementPolicy').required())
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(path.child('podManagementPolicy').invalid(policy, "must be 'OrderedReady' or 'Parallel'"))
  errors.push(...nonNegative(spec.ordinals?.start, path.child('ordinals', 'start')))
  for (const when of ['whenDeleted', 'whenScaled'] as const) {
    const retention = spec.persistentVolumeClaimRetentionPolicy?.[when]
    if (retention && retention !== 'Retain' && retention !== 'Delete')
      errors.push(
        path.child('persistentVolumeClaimRetentionPolicy', when).notSupported(retention, ['Delete', 'Retain']),
      )
  }
  return errors
}

function onlyThese(fields: readonly string[], spec: WorkloadSpec, old: WorkloadSpec, kind: string): FieldError[] {
  const frozen = (s: WorkloadSpec) => Object.fromEntries(Object.entries(s).filter(([field]) => !fields.includes(field)))
  if (same(frozen(spec), frozen(old))) return []
  const list = fields.map((field) => `'${field}'`)
  const words = `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`
  return [path.forbidden(`updates to ${kind.toLowerCase()} spec for fields other than ${words} are forbidden`)]
}

export const statefulSetMutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]
