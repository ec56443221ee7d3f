import type { LabelSelector } from '#types/meta/v1'
import type { PodTemplateSpec } from '#types/core/v1'
import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Strategy } from '../strategy.ts'
import { emptySelector, immutable, nonNegative, selects, validateLabelSelector } from './checks.ts'
import { validatePodTemplate } from './pod/spec.ts'
import { same } from './same.ts'

interface WorkloadSpec {
  replicas?: number
  minReadySeconds?: number
  revisionHistoryLimit?: number
  selector?: LabelSelector
  template?: PodTemplateSpec
  volumeClaimTemplates?: Array<{ metadata?: { name?: string } }>
  [field: string]: unknown
}

const path = fieldPath('spec')
const specOf = (object: KubeObject): WorkloadSpec => (object['spec'] as WorkloadSpec | undefined) ?? {}

/** What Deployments, ReplicaSets, DaemonSets and StatefulSets share: a selector that fits the template and never changes. */
export function workloadStrategy(kind: string, mutableFields?: readonly string[]): Strategy {
  const validate = (object: KubeObject) => validateWorkload(kind, specOf(object))
  return {
    prepareForCreate(_context, object) {
      object['status'] = kind === 'StatefulSet' ? { replicas: 0, availableReplicas: 0 } : {}
    },
    prepareForUpdate(context, object, old) {
      if (context.subresource === '') object['status'] = old['status']
    },
    validate: (_context, object) => validate(object),
    validateUpdate(context, object, old) {
      if (context.subresource === 'status') return []
      if (mutableFields) return [...validate(object), ...onlyThese(mutableFields, specOf(object), specOf(old), kind)]
      return [...validate(object), ...immutable(specOf(object).selector, specOf(old).selector, path.child('selector'))]
    },
  }
}

function validateWorkload(kind: string, spec: WorkloadSpec): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['replicas', 'minReadySeconds', 'revisionHistoryLimit'] as const)
    errors.push(...nonNegative(spec[field], path.child(field)))
  const selector = path.child('selector')
  if (!spec.selector) errors.push(selector.required())
  else {
    errors.push(...validateLabelSelector(spec.selector, selector))
    const name = kind === 'ReplicaSet' ? 'deployment' : kind.toLowerCase()
    if (emptySelector(spec.selector))
      errors.push(selector.invalid(spec.selector, `empty selector is invalid for ${name}`))
    const labels = spec.template?.metadata?.labels ?? {}
    if (!selects(spec.selector, labels))
      errors.push(
        path.child('template', 'metadata', 'labels').invalid(labels, '`selector` does not match template `labels`'),
      )
  }
  const template = path.child('template')
  const claims = (spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata?.name ?? '')
  errors.push(...validatePodTemplate(spec.template, template, claims))
  const restart = spec.template?.spec?.restartPolicy
  if (restart && restart !== 'Always')
    errors.push(template.child('spec', 'restartPolicy').notSupported(restart, ['Always']))
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
