import type { Pod } from '#types/core/v1'
import { podResources } from '../../../src-kube/kinds/quota/usage.ts'
import { bytesValue, milliValue } from '../../../src-kube/machinery/quantity.ts'
import type { GroupLimits } from '../../host/index.ts'
import { leastMemory, quotaOf, sharesOf } from './amounts.ts'

/** The control group of all pods, in which each has its own (kubernetes.io, "About cgroup v2", "Pod Quality of Service Classes"). */
export const PODS_GROUP = '/kubepods'
export const BURSTABLE_GROUP = `${PODS_GROUP}/burstable`
export const BEST_EFFORT_GROUP = `${PODS_GROUP}/besteffort`
/** Where groups of pods are. Guaranteed ones stand beside the classes below theirs. */
export const podParents = [PODS_GROUP, BURSTABLE_GROUP, BEST_EFFORT_GROUP] as const

const parents: Record<string, string> = { Guaranteed: PODS_GROUP, Burstable: BURSTABLE_GROUP }
const PREFIX = 'pod'

/** The control group of a pod, which its class decides. Pure. */
export const podGroup = ({ metadata, status }: Pod): string =>
  `${parents[status?.qosClass ?? ''] ?? BEST_EFFORT_GROUP}/${PREFIX}${metadata.uid}`

/** Whose a group among {@link podParents} is; undefined for one that is no pod's. */
export const podOfGroup = (name: string): string | undefined =>
  name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined

/** All that is set of a pod's group. */
export type PodLimits = Required<Pick<GroupLimits, 'shares' | 'quota' | 'memory'>>

/**
 * What a pod may use as a whole: what it asks for itself (KEP-2837), else what its containers do together, where all of them are limited;
 * with the overhead of its runtime class. Pure.
 */
export function podGroupLimits(pod: Pod): PodLimits {
  const given = withoutStatus(pod)
  const limits = podResources(given, 'limits')
  const cpu = limitsAll(pod, 'cpu') ? milliValue(limits['cpu']) : 0
  const memory = limitsAll(pod, 'memory') ? bytesValue(limits['memory']) : 0
  return {
    shares: sharesOf(cpuRequest(given)),
    quota: cpu > 0 ? quotaOf(cpu) : Infinity,
    memory: memory > 0 ? leastMemory(memory) : Infinity,
  }
}

/** A status that tells of a resize stands for what the pod has had, and not for what it has been given. */
function withoutStatus(pod: Pod): Pod {
  const { status: _, ...given } = pod
  return given
}

/** In thousandths of a processor. */
const cpuRequest = (given: Pod): number => milliValue(podResources(given, 'requests')['cpu'])

function limitsAll({ spec }: Pod, resource: 'cpu' | 'memory'): boolean {
  const limited = (limits: Record<string, string> | undefined): boolean =>
    (resource === 'cpu' ? milliValue : bytesValue)(limits?.[resource]) > 0
  if (limited(spec.resources?.limits)) return true
  return [...spec.containers, ...(spec.initContainers ?? [])].every(({ resources }) => limited(resources?.limits))
}

/** What burstable pods together weigh against each guaranteed one and all that ask for nothing. Pure. */
export function burstableShares(pods: readonly Pod[]): number {
  const burstable = pods.filter(({ status }) => status?.qosClass === 'Burstable')
  return sharesOf(burstable.reduce((sum, pod) => sum + cpuRequest(withoutStatus(pod)), 0))
}

/** Those of two sets of limits that let the group have more than before. Pure. */
export function raised(before: PodLimits, now: PodLimits): GroupLimits {
  return chosen(before, now, (was, is) => is > was)
}

/** Those that differ at all. Pure. */
export function changed(before: PodLimits, now: PodLimits): GroupLimits {
  return chosen(before, now, (was, is) => is !== was)
}

function chosen(before: PodLimits, now: PodLimits, which: (was: number, is: number) => boolean): GroupLimits {
  const names = Object.keys(now) as Array<keyof PodLimits>
  return Object.fromEntries(names.filter((name) => which(before[name], now[name])).map((name) => [name, now[name]]))
}
