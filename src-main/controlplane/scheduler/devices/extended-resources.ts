import type { Container, ContainerExtendedResourceRequest, Pod } from '#types/core/v1'
import type { DeviceRequest, ResourceClaim } from '#types/resource.k8s.io/v1'
import { extendedClaimKeyOf, notOwnedBy } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import { bytesValue } from '../../../../src-kube/machinery/quantity.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'
import type { OpenClaim } from './allocate.ts'
import { requestsOf } from './requests.ts'

/** Says of a claim that it was made for what a pod asks as extended resources. */
export const EXTENDED_ANNOTATION = 'resource.kubernetes.io/extended-resource-claim'

/** Extended resources that devices stand for, each with the name of its class. */
export type ExtendedClasses = ReadonlyMap<string, string>

/** What of a pod's extended resources there are device classes for (KEP-5004); undefined for nothing, as for most pods. */
export function extendedClassesOf(
  { requests }: PodInfo,
  { classOfResource }: Pick<Lookups, 'classOfResource'>,
): ExtendedClasses | undefined {
  let found: Map<string, string> | undefined
  for (const name of requests.scalars.keys()) {
    const of = classOfResource(name)?.metadata.name
    if (of !== undefined) found = (found ?? new Map<string, string>()).set(name, of)
  }
  return found
}

/** Whether devices stand for a resource on a node: it has none of its own, by a device plugin. */
export const isOfDevices = (resource: string, node: NodeInfo): boolean => !node.allocatableScalars.has(resource)

/** What a claim asks for in place of extended resources, and which containers get what of it. */
export interface ExtendedRequests {
  readonly requests: readonly DeviceRequest[]
  readonly mappings: readonly ContainerExtendedResourceRequest[]
}

interface Asked {
  readonly name: string
  readonly count: number
}

/**
 * Requests for each container that asks for a resource (KEP-5004, "Device requests"). What an init container had is had by those after
 * it, one of them at a time: sidecars and containers keep it to themselves. Pure.
 */
export function extendedRequestsOf({ spec }: Pod, classes: ExtendedClasses): ExtendedRequests {
  const requests: DeviceRequest[] = []
  const mappings: ContainerExtendedResourceRequest[] = []
  const init = spec.initContainers ?? []
  for (const [resource, deviceClassName] of [...classes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const free: Asked[] = []
    for (const [i, container] of [...init, ...spec.containers].entries()) {
      const wanted = amountOf(container, resource)
      if (wanted === 0) continue
      const passing = i < init.length && container.restartPolicy !== 'Always'
      const own = reuse(free, wanted)
      const missing = wanted - own.reduce((sum, { count }) => sum + count, 0)
      if (missing > 0) {
        const name = `container-${i}-request-${placeOf(container, resource)}`
        requests.push({ name, exactly: { deviceClassName, allocationMode: 'ExactCount', count: missing } })
        own.push({ name, count: missing })
      }
      if (passing) free.push(...own)
      for (const { name } of own)
        mappings.push({ containerName: container.name, resourceName: resource, requestName: name })
    }
  }
  return { requests: requests.toSorted((a, b) => (a.name < b.name ? -1 : 1)), mappings }
}

/** Takes of what is free until it is enough. */
function reuse(free: Asked[], wanted: number): Asked[] {
  const own: Asked[] = []
  for (let left = wanted; left > 0 && free.length > 0;) {
    const next = free.shift()!
    own.push(next)
    left -= next.count
  }
  return own
}

const amountOf = ({ resources }: Container, name: string): number =>
  bytesValue((resources?.requests as Record<string, string> | undefined)?.[name] ?? '0')

/** The place of a resource among all that a container asks for, by name. */
const placeOf = ({ resources }: Container, name: string): number =>
  Object.keys(resources?.requests ?? {})
    .toSorted()
    .indexOf(name)

/** A claim that is to be made, and what it asks for. */
export interface UnmadeClaim extends OpenClaim {
  readonly mappings: readonly ContainerExtendedResourceRequest[]
}

/** Tells for each node the claim that the pod needs there, as far as the node does not have the resources itself. */
export function unmadeClaims(
  pod: PodInfo,
  classes: ExtendedClasses,
  lookups: Lookups,
): (node: NodeInfo) => UnmadeClaim | undefined {
  const known = new Map<string, UnmadeClaim>()
  return (node) => {
    const own = new Map([...classes].filter(([name]) => isOfDevices(name, node)))
    if (own.size === 0) return undefined
    const key = [...own.keys()].join()
    let unmade = known.get(key)
    if (!unmade) {
      const { requests, mappings } = extendedRequestsOf(pod.pod, own)
      const claim = unmadeClaim(pod, requests)
      const wishes = requestsOf(claim, (name) => lookups.deviceClass(name))
      if ('rejected' in wishes) throw new Error(wishes.rejected)
      known.set(key, (unmade = { claim, requests: wishes, mappings }))
    }
    return unmade
  }
}

/** The claim that was made for a pod's extended resources in an earlier attempt, with its devices. */
export function madeClaimOf({ pod }: PodInfo, lookups: Lookups): ResourceClaim | undefined {
  const key = extendedClaimKeyOf(pod)
  const claim = key ? lookups.resourceClaim(key) : undefined
  if (!claim?.status?.allocation || claim.metadata.deletionTimestamp || notOwnedBy(claim, pod)) return undefined
  return claim
}

/** A claim for a pod that is not made yet; its uid is known to nobody. */
function unmadeClaim({ pod, namespace }: PodInfo, requests: readonly DeviceRequest[]): ResourceClaim {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      name: '<extended-resources>',
      generateName: `${pod.metadata.name}-extended-resources-`,
      namespace,
      uid: crypto.randomUUID(),
      resourceVersion: '',
      annotations: { [EXTENDED_ANNOTATION]: 'true' },
    },
    spec: { devices: { requests: [...requests] } },
  } as ResourceClaim
}
