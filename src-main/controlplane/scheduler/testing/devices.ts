import type { Pod } from '#types/core/v1'
import type {
  Device,
  DeviceClass,
  DeviceClassSpec,
  DeviceRequest,
  ResourceClaim,
  ResourceSlice,
} from '#types/resource.k8s.io/v1'
import type { Lookups } from '../framework/snapshot.ts'
import { pod } from './arrange.ts'

/** A slice of the driver `d` with the devices of one node. */
export function slice(
  nodeName: string,
  devices: readonly Device[],
  more: Partial<ResourceSlice['spec']> = {},
): ResourceSlice {
  const pool = { name: nodeName, generation: 1, resourceSliceCount: 1 }
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: `${nodeName}-slice` },
    spec: { driver: 'd', pool, nodeName, devices: [...devices], ...more },
  } as ResourceSlice
}

/** A device with attributes given as JSON has them. */
export function device(
  name: string,
  attributes: Record<string, string | number | boolean> = {},
  more: Partial<Device> = {},
): Device {
  const typed = Object.entries(attributes).map(([key, value]) => {
    const type =
      typeof value === 'number' ? 'int' : typeof value === 'boolean' ? 'bool' : key === 'version' ? 'version' : 'string'
    return [key, { [type]: value }]
  })
  return { name, attributes: Object.fromEntries(typed), ...more }
}

export const deviceClass = (name: string, spec: DeviceClassSpec = {}) =>
  ({ metadata: { name, uid: name }, spec }) as DeviceClass

/** A request for devices of the class `gpu`. */
export const ask = (name: string, exactly: Partial<NonNullable<DeviceRequest['exactly']>> = {}): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...exactly },
})

export const claim = (
  name: string,
  devices: NonNullable<ResourceClaim['spec']['devices']>,
  status: object = {},
  metadata: object = {},
) =>
  ({
    metadata: { name, namespace: 'default', uid: `claim-${name}`, ...metadata },
    spec: { devices },
    status,
  }) as ResourceClaim

/** A pod that uses claims by their names. */
export const using = (name: string, claims: readonly string[], status: object = {}): Pod => ({
  ...pod(name, { resourceClaims: claims.map((resourceClaimName) => ({ name: resourceClaimName, resourceClaimName })) }),
  status,
})

export function deviceLookups(
  slices: readonly ResourceSlice[],
  claims: readonly ResourceClaim[],
  classes = [deviceClass('gpu')],
): Partial<Lookups> {
  return {
    resourceSlices: () => slices,
    resourceClaims: () => claims,
    resourceClaim: (key) => claims.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
    deviceClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    classOfResource: (name) => classes.find(({ spec }) => spec.extendedResourceName === name),
  }
}
