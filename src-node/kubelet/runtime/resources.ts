import type { HostConfig } from 'dockerode'
import type { Container, Pod, ResourceRequirements } from '#types/core/v1'
import { bytesValue, milliValue } from '../../../src-kube/machinery/quantity.ts'
import { leastMemory, PERIOD, quotaOf, sharesOf } from '../plan/amounts.ts'
import { isSidecar } from '../plan/status.ts'

/**
 * CPU and memory of a container (kubernetes.io, "Resource Management for Pods and Containers: How Kubernetes applies requests and limits").
 * `ofPod` is what the pod has as a whole: its limits hold for a container that has none of its own (KEP-2837).
 */
export function resourceOptions({ resources }: Container, ofPod?: ResourceRequirements): HostConfig {
  const { requests = {} } = resources ?? {}
  const limits = limitsOf(resources, ofPod)
  const cpu = milliValue(limits['cpu'])
  const memory = bytesValue(limits['memory'])
  const most = leastMemory(memory)
  return {
    CpuShares: sharesOf(milliValue(requests['cpu'] ?? limits['cpu'])),
    ...(cpu > 0 ? { CpuPeriod: PERIOD, CpuQuota: quotaOf(cpu) } : {}),
    ...(memory > 0 ? { Memory: most, MemorySwap: most } : {}),
  }
}

const limitsOf = (own: ResourceRequirements | undefined, ofPod: ResourceRequirements | undefined) => ({
  ...ofPod?.limits,
  ...own?.limits,
})

/** Bytes that a container may use, as it was asked for: the engine is not asked for as little as a pod may. 0 for no limit. */
export const memoryLimit = ({ resources }: Container, ofPod?: ResourceRequirements): number =>
  bytesValue(limitsOf(resources, ofPod)['memory'])

const memoryRequest = ({ resources }: Container): number => bytesValue(resources?.requests?.['memory'])

/** Bytes that a pod asks for as a whole and none of its containers does, for each of them alike (KEP-2837). */
function sharedMemory({ spec }: Pod): number {
  const all = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)]
  const asked = all.reduce((sum, one) => sum + memoryRequest(one), 0)
  const rest = bytesValue(spec.resources?.requests?.['memory']) - asked
  return rest > 0 ? rest / all.length : 0
}

const GUARANTEED = -997
const BEST_EFFORT = 1000
/** Of the process that holds a pod's namespaces: with it the whole pod would go. */
export const SANDBOX_OOM_SCORE = -998
/** `system-node-critical` and above. */
const NODE_CRITICAL = 2_000_001_000

/**
 * How readily the kernel's OOM killer takes a container (kubernetes.io, "Node-pressure Eviction: Node out of memory behavior"):
 * among burstable pods, who asked for more of the node's memory is safer. `capacity` is the node's memory in bytes.
 */
export function oomScore(pod: Pod, container: Container, capacity: number): number {
  const qos = pod.status?.qosClass
  if ((pod.spec.priority ?? 0) >= NODE_CRITICAL || qos === 'Guaranteed') return GUARANTEED
  if (qos !== 'Burstable') return BEST_EFFORT
  const rest = sharedMemory(pod)
  const scoreOf = (one: Container): number => BEST_EFFORT - Math.floor((1000 * (memoryRequest(one) + rest)) / capacity)
  // A sidecar is not to go before the containers that it serves.
  const highest = isSidecar(container) ? Math.max(...pod.spec.containers.map(scoreOf)) : BEST_EFFORT
  const score = Math.min(scoreOf(container), highest)
  return Math.min(BEST_EFFORT - 1, Math.max(BEST_EFFORT + GUARANTEED, score))
}
