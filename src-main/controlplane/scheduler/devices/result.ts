import type { NodeSelector, NodeSelectorRequirement } from '#types/core/v1'
import type {
  AllocationResult,
  Device,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  ResourceClaim,
} from '#types/resource.k8s.io/v1'
import type { Grant } from './allocate.ts'
import { consumptionOf } from './capacity.ts'
import type { PooledDevice } from './pools.ts'
import type { Wish } from './requests.ts'

/** What is written into the status of a claim that was given devices, for a pod on a node. */
export function allocationOf({ spec }: ResourceClaim, grants: readonly Grant[], nodeName: string): AllocationResult {
  const results = grants.flatMap(({ wish, devices }) =>
    devices.map(({ driver, pool, device }): DeviceRequestAllocationResult => ({
      request: wish.name,
      driver,
      pool,
      device: device.name,
      ...(wish.adminAccess ? { adminAccess: true } : {}),
      ...(wish.adminAccess ? {} : shareOf(wish, driver, device)),
      ...conditionsOf(device),
      ...(wish.tolerations.length > 0 ? { tolerations: [...wish.tolerations] } : {}),
    })),
  )
  const ofClasses = grants.flatMap(({ wish }) =>
    (wish.deviceClass.spec.config ?? []).map((one): DeviceAllocationConfiguration => ({ source: 'FromClass', ...one })),
  )
  const granted = new Set(grants.flatMap(({ wish: { name } }) => [name, name.split('/')[0]!]))
  const ofClaim = (spec.devices?.config ?? [])
    .filter(({ requests }) => !requests?.length || requests.some((name) => granted.has(name)))
    .map((one): DeviceAllocationConfiguration => ({ source: 'FromClaim', ...one }))
  const config = [...ofClasses, ...ofClaim]
  const nodeSelector = nodesOf(
    grants.flatMap(({ devices }) => devices),
    nodeName,
  )
  return {
    devices: { ...(results.length > 0 ? { results } : {}), ...(config.length > 0 ? { config } : {}) },
    ...(nodeSelector ? { nodeSelector } : {}),
  }
}

/** Which part of a device is this request's, where many have parts. */
function shareOf({ capacity }: Wish, driver: string, device: Device) {
  if (!device.allowMultipleAllocations) return {}
  return { shareID: crypto.randomUUID(), consumedCapacity: { ...consumptionOf(device, driver, capacity) } }
}

/** What is to be waited for until the device can be used, or cannot (KEP-5007). */
function conditionsOf({ bindingConditions = [], bindingFailureConditions = [] }: Device) {
  if (bindingConditions.length === 0) return {}
  return { bindingConditions, ...(bindingFailureConditions.length > 0 ? { bindingFailureConditions } : {}) }
}

/** Where all the devices can be had; undefined for everywhere. One that was chosen for a node may stay there alone. */
function nodesOf(devices: readonly PooledDevice[], chosen: string): NodeSelector | undefined {
  const binds = devices.some(({ device }) => device.bindsToNode)
  const local = binds ? chosen : devices.find(({ nodeName }) => nodeName)?.nodeName
  if (local) return selectorOf([], [{ key: 'metadata.name', operator: 'In', values: [local] }])
  const terms = devices.flatMap(({ nodeSelector }) => nodeSelector?.nodeSelectorTerms ?? [])
  const expressions = unique(terms.flatMap(({ matchExpressions }) => matchExpressions ?? []))
  const fields = unique(terms.flatMap(({ matchFields }) => matchFields ?? []))
  return expressions.length + fields.length > 0 ? selectorOf(expressions, fields) : undefined
}

function selectorOf(matchExpressions: NodeSelectorRequirement[], matchFields: NodeSelectorRequirement[]): NodeSelector {
  const term = {
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
    ...(matchFields.length > 0 ? { matchFields } : {}),
  }
  return { nodeSelectorTerms: [term] }
}

function unique(requirements: readonly NodeSelectorRequirement[]): NodeSelectorRequirement[] {
  return [...new Map(requirements.map((one) => [JSON.stringify(one), one])).values()]
}
