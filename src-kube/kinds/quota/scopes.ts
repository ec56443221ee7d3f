import type { Pod, ResourceQuota } from '#types/core/v1'
import type { KubeObject } from '../../machinery/meta.ts'

interface Requirement {
  scopeName: string
  operator: string
  values?: readonly string[] | undefined
}

/** Whether an object is among those a quota is for: scopes speak of pods only (kubernetes.io, "Resource Quotas: Quota scopes"). */
export function inScope(quota: ResourceQuota, plural: string, object: KubeObject): boolean {
  const scopes: Requirement[] = (quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  const all = [...scopes, ...((quota.spec?.scopeSelector?.matchExpressions ?? []) as Requirement[])]
  if (all.length === 0) return true
  return plural === 'pods' && all.every((requirement) => matches(requirement, object as unknown as Pod))
}

function matches({ scopeName, operator, values = [] }: Requirement, pod: Pod): boolean {
  switch (scopeName) {
    case 'Terminating':
      return pod.spec.activeDeadlineSeconds !== undefined
    case 'NotTerminating':
      return pod.spec.activeDeadlineSeconds === undefined
    case 'BestEffort':
      return isBestEffort(pod)
    case 'NotBestEffort':
      return !isBestEffort(pod)
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod)
    case 'PriorityClass': {
      const name = pod.spec.priorityClassName
      if (operator === 'Exists') return Boolean(name)
      if (operator === 'DoesNotExist') return !name
      return operator === 'In' ? values.includes(name ?? '') : !values.includes(name ?? '')
    }
    default:
      return false
  }
}

function isBestEffort({ spec }: Pod): boolean {
  return [...spec.containers, ...(spec.initContainers ?? [])].every(({ resources }) =>
    ['cpu', 'memory'].every((name) => !given(resources?.requests, name) && !given(resources?.limits, name)),
  )
}

const given = (amounts: object | undefined, name: string): boolean => {
  const amount = (amounts as Record<string, string> | undefined)?.[name]
  return amount !== undefined && amount !== '0'
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
