import type { PersistentVolumeClaim, Pod, ResourceQuota } from '#types/core/v1'
import type { KubeObject } from '../../machinery/meta.ts'
import { qosClass } from '../core/qos.ts'

interface Requirement {
  scopeName: string
  operator: string
  values?: readonly string[] | undefined
}

/**
 * Whether an object is among those a quota is for (kubernetes.io, "Resource Quotas: Quota scopes"): scopes speak of pods, one of them of
 * claims.
 */
export function inScope(quota: ResourceQuota, plural: string, object: KubeObject): boolean {
  const scopes: Requirement[] = (quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  const all = [...scopes, ...((quota.spec?.scopeSelector?.matchExpressions ?? []) as Requirement[])]
  if (all.length === 0) return true
  if (plural === 'persistentvolumeclaims')
    return all.every((requirement) => matchesClaim(requirement, object as PersistentVolumeClaim))
  return plural === 'pods' && all.every((requirement) => matches(requirement, object as Pod))
}

/** By the volume attributes class that a claim has, asks for, or is being given. */
function matchesClaim({ scopeName, ...requirement }: Requirement, { spec, status }: PersistentVolumeClaim): boolean {
  if (scopeName !== 'VolumeAttributesClass') return false
  const target = status?.modifyVolumeStatus?.targetVolumeAttributesClassName
  const names = [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, target].filter(Boolean)
  return names.length === 0 ? isNamed(requirement, undefined) : names.some((name) => isNamed(requirement, name))
}

/** Whether a requirement holds of a name, or of there being none. */
function isNamed({ operator, values = [] }: Omit<Requirement, 'scopeName'>, name: string | undefined): boolean {
  if (operator === 'Exists') return Boolean(name)
  if (operator === 'DoesNotExist') return !name
  return values.includes(name ?? '') === (operator === 'In')
}

function matches({ scopeName, ...requirement }: Requirement, pod: Pod): boolean {
  switch (scopeName) {
    case 'Terminating':
      return pod.spec.activeDeadlineSeconds !== undefined
    case 'NotTerminating':
      return pod.spec.activeDeadlineSeconds === undefined
    case 'BestEffort':
      return qosClass(pod) === 'BestEffort'
    case 'NotBestEffort':
      return qosClass(pod) !== 'BestEffort'
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod)
    case 'PriorityClass':
      return isNamed(requirement, pod.spec.priorityClassName)
    default:
      return false
  }
}

function crossesNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  return [podAffinity, podAntiAffinity].some((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
    ].some((term) => Boolean(term?.namespaces?.length) || term?.namespaceSelector !== undefined),
  )
}
