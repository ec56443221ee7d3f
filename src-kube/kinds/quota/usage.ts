import type { PersistentVolumeClaim, Pod, Service } from '#types/core/v1'
import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { resourcesOfContainer, resourcesOfPodItself } from '../core/resized-resources.ts'
import { addQuantities, compareQuantities, formatQuantity } from '../../machinery/quantity.ts'
import type { KubeObject } from '../../machinery/meta.ts'
import { parseTime } from '../../machinery/time.ts'

/** Resource name of a quota → quantity. */
export type Usage = Record<string, string>

const counted = new Set([
  'pods',
  'services',
  'persistentvolumeclaims',
  'configmaps',
  'secrets',
  'replicationcontrollers',
  'resourcequotas',
])
/** As many devices as a claim that asks for all can be given. */
const MOST_DEVICES = 32
/** Follows the name of a device class in the name that quotas have for its devices. */
export const DEVICES = '.deviceclass.resource.k8s.io/devices'
/** Resources of containers that quotas know by their plain name too. */
const plain = new Set(['cpu', 'memory', 'ephemeral-storage'])

/**
 * What one object takes of quotas (kubernetes.io, "Resource Quotas"): its count under every name, and what its kind has besides.
 *
 * @param now milliseconds since the epoch; without it, pods that should be gone by now count like others
 */
export function usageOf(group: string, plural: string, object: KubeObject, now?: number): Usage {
  const usage: Usage = { [`count/${plural}${group ? `.${group}` : ''}`]: '1' }
  if (group === 'resource.k8s.io' && plural === 'resourceclaims')
    return { ...usage, ...ofDevices(object as ResourceClaim) }
  if (group !== '') return usage
  if (plural === 'pods') return isOver(object as Pod, now) ? usage : { ...usage, ...ofPod(object as Pod) }
  if (counted.has(plural)) usage[plural] = '1'
  if (plural === 'services') return { ...usage, ...ofService(object as Service) }
  if (plural === 'persistentvolumeclaims') return { ...usage, ...ofClaim(object as PersistentVolumeClaim) }
  return usage
}

/**
 * Pods that ended take no more than a place in the store; nor do those that are still there twice their grace after they were deleted,
 * their node being lost: others may take their place.
 */
function isOver({ status, metadata }: Pod, now: number | undefined): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true
  if (now === undefined) return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false
  return now > (parseTime(deletionTimestamp) ?? Infinity) + deletionGracePeriodSeconds * 1000
}

function ofPod(pod: Pod): Usage {
  const usage: Usage = { pods: '1' }
  const requests = podResources(pod, 'requests')
  const limits = podResources(pod, 'limits')
  for (const [name, amount] of Object.entries(requests)) {
    if (plain.has(name) || name.startsWith('hugepages-')) usage[name] = amount
    usage[`requests.${name}`] = amount
  }
  for (const [name, amount] of Object.entries(limits)) usage[`limits.${name}`] = amount
  return usage
}

/** Sum of the containers, or what the largest init container needs where that is more; what the pod asks as a whole wins; overhead on top. */
export function podResources(pod: Pod, which: 'requests' | 'limits'): Usage {
  const { spec } = pod
  const together: Usage = {}
  const add = (amounts: Usage | undefined, into: Usage): void => {
    for (const [name, amount] of Object.entries(amounts ?? {}))
      into[name] = formatQuantity(addQuantities(into[name] ?? '0', amount))
  }
  for (const container of spec.containers ?? []) add(resourcesOfContainer(pod, container, which), together)
  const sidecars: Usage = {}
  const most: Usage = {}
  for (const container of spec.initContainers ?? []) {
    const amounts = resourcesOfContainer(pod, container, which)
    const during: Usage = { ...sidecars }
    add(amounts, during)
    if (container.restartPolicy === 'Always') {
      add(amounts, sidecars)
      add(amounts, together)
    }
    for (const name in during) if (compareQuantities(during[name]!, most[name] ?? '0') > 0) most[name] = during[name]!
  }
  for (const name in most)
    if (!together[name] || compareQuantities(most[name]!, together[name]) > 0) together[name] = most[name]!
  Object.assign(together, resourcesOfPodItself(pod, which))
  const overhead = (spec.overhead ?? {}) as Usage
  for (const name in overhead) if (which === 'requests' || together[name]) add({ [name]: overhead[name]! }, together)
  return together
}

function ofService({ spec }: Service): Usage {
  const ports = spec?.ports ?? []
  const nodePorts = String(ports.length)
  if (spec?.type === 'NodePort') return { 'services.nodeports': nodePorts }
  if (spec?.type !== 'LoadBalancer') return {}
  const allocated =
    spec.allocateLoadBalancerNodePorts === false ? ports.filter((port) => port.nodePort).length : ports.length
  return { 'services.loadbalancers': '1', 'services.nodeports': String(allocated) }
}

function ofClaim({ spec, metadata }: PersistentVolumeClaim): Usage {
  const storage = (spec?.resources?.requests as Usage | undefined)?.['storage'] ?? '0'
  const usage: Usage = { 'requests.storage': storage }
  const name = spec?.storageClassName ?? metadata.annotations?.['volume.beta.kubernetes.io/storage-class']
  if (!name) return usage
  const prefix = `${name}.storageclass.storage.k8s.io`
  return { ...usage, [`${prefix}/requests.storage`]: storage, [`${prefix}/persistentvolumeclaims`]: '1' }
}

/** Devices of each class that a claim asks for; of alternatives, the most that any of them does. */
function ofDevices({ spec }: ResourceClaim): Usage {
  const counts = new Map<string, number>()
  for (const { exactly, firstAvailable } of spec?.devices?.requests ?? []) {
    const most = new Map<string, number>()
    for (const { deviceClassName: name, allocationMode, count = 1 } of exactly ? [exactly] : (firstAvailable ?? []))
      most.set(name, Math.max(most.get(name) ?? 0, allocationMode === 'All' ? MOST_DEVICES : count))
    for (const [name, count] of most) counts.set(name, (counts.get(name) ?? 0) + count)
  }
  return Object.fromEntries([...counts].map(([name, count]) => [`${name}${DEVICES}`, String(count)]))
}
