import type { NodeSelector } from '#types/core/v1'
import type { Counter, Device, ResourceSlice } from '#types/resource.k8s.io/v1'
import type { NodeInfo } from '../framework/node-info.ts'
import { matchesNodeSelector } from '../framework/node-selector.ts'

/** A device of a pool that a node can reach. */
export interface PooledDevice {
  /** `driver/pool/device`: unique in the cluster. */
  readonly id: string
  readonly driver: string
  readonly pool: string
  readonly device: Device
  /** Where it can be had: everywhere when absent. */
  readonly nodeName: string | undefined
  readonly nodeSelector: NodeSelector | undefined
}

/** All that one driver offers under one name (kubernetes.io, "Dynamic Resource Allocation: ResourceSlice"). */
export interface Pool {
  readonly driver: string
  readonly name: string
  readonly devices: readonly PooledDevice[]
  /** Slices of this generation are still to come: nobody can have all of its devices. */
  readonly incomplete: boolean
  /** Why nothing can be had of it. */
  readonly invalid: string | undefined
  /** What its devices share, by set and name (KEP-4815). */
  readonly counters: ReadonlyMap<string, Readonly<Record<string, Counter>>>
}

/**
 * Sorts slices by pool once for many nodes; the answer tells the pools with what of them a node can reach. Slices that a newer generation
 * has replaced are left out.
 */
export function indexPools(slices: readonly ResourceSlice[]): (node: NodeInfo) => Pool[] {
  const local = new Map<string, ResourceSlice[][]>()
  const shared: ResourceSlice[][] = []
  for (const pool of newest(slices)) {
    const { nodeName } = pool[0]!.spec
    if (!nodeName || pool.some(({ spec }) => spec.nodeName !== nodeName)) shared.push(pool)
    else local.set(nodeName, [...(local.get(nodeName) ?? []), pool])
  }
  return (node) =>
    [...(local.get(node.name) ?? []), ...shared]
      .map((pool) => poolOf(pool, node))
      .filter(({ devices }) => devices.length > 0)
}

function newest(slices: readonly ResourceSlice[]): Iterable<ResourceSlice[]> {
  const pools = new Map<string, ResourceSlice[]>()
  for (const slice of slices) {
    const { driver, pool } = slice.spec
    const key = `${driver}/${pool.name}`
    const list = pools.get(key)
    if (!list || pool.generation > list[0]!.spec.pool.generation) pools.set(key, [slice])
    else if (pool.generation === list[0]!.spec.pool.generation) list.push(slice)
  }
  return pools.values()
}

function poolOf(slices: readonly ResourceSlice[], node: NodeInfo): Pool {
  const { driver, pool } = slices[0]!.spec
  const devices = slices.flatMap((slice) => reachable(slice, node))
  const names = new Set(slices.flatMap(({ spec }) => (spec.devices ?? []).map(({ name }) => name)))
  const count = slices.reduce((sum, { spec }) => sum + (spec.devices?.length ?? 0), 0)
  return {
    driver,
    name: pool.name,
    devices,
    incomplete: slices.length !== pool.resourceSliceCount,
    invalid: names.size < count ? 'duplicate device name' : undefined,
    counters: new Map(
      slices.flatMap(({ spec }) => spec.sharedCounters ?? []).map((set) => [set.name, set.counters ?? {}]),
    ),
  }
}

interface Place {
  readonly nodeName?: string | undefined
  readonly nodeSelector?: NodeSelector | undefined
  readonly allNodes?: boolean | undefined
}

function reaches({ nodeName, nodeSelector, allNodes }: Place, node: NodeInfo): boolean {
  if (nodeName) return nodeName === node.name
  if (nodeSelector) return matchesNodeSelector(nodeSelector, node)
  return allNodes === true
}

function reachable({ spec }: ResourceSlice, node: NodeInfo): PooledDevice[] {
  const placed = (device: Device): Place => (spec.perDeviceNodeSelection ? device : spec)
  if (!spec.perDeviceNodeSelection && !reaches(spec, node)) return []
  return (spec.devices ?? []).flatMap((device): PooledDevice[] => {
    const place = placed(device)
    if (spec.perDeviceNodeSelection && !reaches(place, node)) return []
    const { driver, pool } = spec
    const id = deviceId(driver, pool.name, device.name)
    return [{ id, driver, pool: pool.name, device, nodeName: place.nodeName, nodeSelector: place.nodeSelector }]
  })
}

export const deviceId = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`
