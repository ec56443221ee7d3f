import type { Container, Pod } from '#types/core/v1'
import { claimsOfContainer, devicesFor, type PreparedClaim, claimKey } from '../claims/plan/prepared.ts'
import type { PluginDevice } from '../devices/plan/amounts.ts'
import type { Assignment } from '../devices/plan/checkpoint.ts'
import { isSidecar } from '../plan/restart.ts'
import type { Written } from '../plugins/rpc/message.ts'
import type { PodResources } from './messages.ts'

/** What is known of devices on a node. */
export interface DeviceFacts {
  assignments: readonly Assignment[]
  claims: Iterable<PreparedClaim>
  /** By resource all devices of its plugin. */
  devices: ReadonlyMap<string, ReadonlyMap<string, PluginDevice>>
}

/** What a pod's containers have, those that run at the same time: what init containers had they left. Pure. */
export function resourcesOf(pod: Pod, facts: DeviceFacts): Written<typeof PodResources> {
  const { name, namespace } = pod.metadata
  const containers = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers]
  return {
    name,
    namespace,
    containers: containers.map((container) => ({
      name: container.name,
      devices: facts.assignments
        .filter((one) => one.pod === pod.metadata.uid && one.container === container.name)
        .flatMap(({ resource, ids }) => ids.map((id) => deviceOf(resource, id, facts.devices.get(resource)?.get(id)))),
      dynamic: dynamicOf(pod, container, facts),
    })),
  }
}

/** Every healthy device of the node. Pure. */
export const allocatable = ({ devices }: Pick<DeviceFacts, 'devices'>) =>
  [...devices].flatMap(([resource, all]) =>
    [...all].flatMap(([id, device]) => (device.healthy ? [deviceOf(resource, id, device)] : [])),
  )

function deviceOf(resource: string, id: string, device: PluginDevice | undefined) {
  const nodes = device?.nodes ?? []
  return {
    resource,
    ids: [id],
    topology: nodes.length > 0 ? { nodes: nodes.map((node) => ({ id: node })) } : undefined,
  }
}

function dynamicOf(pod: Pod, container: Container, { claims }: DeviceFacts) {
  const known = new Map([...claims].map((claim) => [claimKey(claim), claim]))
  return claimsOfContainer(pod, container).flatMap(({ key, request }) => {
    const claim = known.get(key)
    if (!claim) return []
    const resources = Object.entries(claim.drivers).flatMap(([driver, devices]) =>
      devicesFor({ ...claim, drivers: { [driver]: devices } }, request).map(({ pool, device, share, cdiDevices }) => ({
        driver,
        pool,
        device,
        share,
        cdiDevices: cdiDevices.map((name) => ({ name })),
      })),
    )
    return [{ claim: claim.name, namespace: claim.namespace, resources }]
  })
}
