/** What a node says of one resource that a plugin offers. */
export interface DeviceAmounts {
  /** All devices, whatever their health. */
  capacity: number
  /** Those that may be given to pods: the healthy ones. */
  allocatable: number
}

/** A device as its plugin tells of it. */
export interface PluginDevice {
  healthy: boolean
  /** Memory and processors that it is close to. */
  nodes: readonly number[]
}

/** What a node has of the devices of one resource. Pure. */
export const amountsOf = (devices: ReadonlyMap<string, PluginDevice>): DeviceAmounts => ({
  capacity: devices.size,
  allocatable: [...devices.values()].filter(({ healthy }) => healthy).length,
})
