import type { NodeSelector } from '#types/core/v1'
import type { Counter, Device, ResourceSlice } from '#types/resource.k8s.io/v1'
import type { NodeInfo } from '../framework/node-info.ts'
import { matchesNodeSelector } from '../framework/node-selector.ts'

/** A device of a pool. */
export interface Consumer {
  /** `driver/pool/device`: unique in the cluster. */
  readonly id: string
  readonly driver: string
  readonly pool: string
  readonly device: Device
}

/** A device of a pool that a node can reach. */
export interface PooledDevice extends Consumer {
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
  /** Its devices on all nodes that take of what they share. */
  readonly consumers: readonly Consumer[]
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
  const known = new Map<ResourceSlice[], Facts>()
  const factsOf = (pool: ResourceSlice[]): Facts => {
    let facts = known.get(pool)
    if (!facts) known.set(pool, (facts = poolFacts(pool)))
    return facts
  }
  return (node) =>
    [...(local.get(node.name) ?? []), ...shared]
      .map((pool) => ({ ...factsOf(pool), devices: pool.flatMap((slice) => reachable(slice, node)) }))
      .filter(({ devices }) => devices.length > 0)
      .toSorted((a, b) => waits(a) - waits(b))
}

/** Pools with devices that have to be made usable first come after those that can be used at once (KEP-5007). */
const waits = ({ devices }: Pool): number => (devices.some(({ device }) => device.bindingConditions?.length) ? 1 : 0)

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

/** What is the same of a pool for every node. */
type Facts = Omit<Pool, 'devices'>

function poolFacts(slices: readonly ResourceSlice[]): Facts {
  const { driver, pool } = slices[0]!.spec
  const devices = slices.flatMap(({ spec }) => spec.devices ?? [])
  const names = new Set(devices.map(({ name }) => name))
  return {
    driver,
    name: pool.name,
    incomplete: slices.length !== pool.resourceSliceCount,
    invalid: names.size < devices.length ? 'duplicate device name' : undefined,
    counters: new Map(
      slices.flatMap(({ spec }) => spec.sharedCounters ?? []).map((set) => [set.name, set.counters ?? {}]),
    ),
    consumers: devices
      .filter(({ consumesCounters }) => consumesCounters?.length)
      .map((device) => ({ id: deviceId(driver, pool.name, device.name), driver, pool: pool.name, device })),
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
