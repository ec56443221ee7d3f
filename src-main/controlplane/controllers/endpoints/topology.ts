import type { Node, Service } from '#types/core/v1'
import type { Endpoint, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import { type ControllerContext, type Watched, watching } from '../../../../src-kube/runtime/controller.ts'
import { equal } from '../equal.ts'
import type { SliceGroup } from './slice-plan.ts'
import { planZones } from './zone-hints.ts'
import { shareOf, zoneShares } from './zone-shares.ts'

const MODE = 'service.kubernetes.io/topology-mode'
const OLD_NAME = 'service.kubernetes.io/topology-aware-hints'
const ENABLED = 'TopologyAwareHintsEnabled'
const DISABLED = 'TopologyAwareHintsDisabled'

/** Whether a service leaves it to the cluster which zones its endpoints serve (kubernetes.io, "Topology Aware Routing"). */
export function dividesByZone({ metadata }: Service): boolean {
  const value = metadata.annotations?.[OLD_NAME] ?? metadata.annotations?.[MODE]
  return value === 'Auto' || value === 'auto'
}

/** Services whose zones change with the CPU of a node. */
export const servicesByZone: Watched = watching(refs.nodes, (node: Node, ctx, old?: Node) => {
  if (old && equal(shareOf(node), shareOf(old))) return []
  return ctx.informer(refs.services).list().filter(dividesByZone).map(objectKey)
})

/** The slices of a service for one family of addresses (`IPv4`). */
export interface FamilySlices {
  service: Service
  family: string
  groups: SliceGroup[]
  existing: readonly EndpointSlice[]
}

/** Writes zones into the hints of endpoints, and tells of a service whenever that begins, ends, or cannot be done. */
export class ZoneHints {
  /** What was last said of a service and family; absent when nothing is to be said. */
  readonly #said = new Map<string, string>()

  /** `groups` are what the slices of a family shall hold, whose endpoints are written to; `existing` what stands there. */
  apply(ctx: ControllerContext, { service, family, groups, existing }: FamilySlices): void {
    const key = `${objectKey(service)}/${family}`
    if (!dividesByZone(service)) {
      const off = this.#said.get(key) === ENABLED
      if (off) this.#warn(ctx, service, family, 'Topology Aware Hints has been disabled')
      this.#said.delete(key)
      return
    }
    const all = groups.flatMap(({ endpoints }) => endpoints)
    const plan = planZones(all, zoneShares(ctx.informer(refs.nodes).list()), zonesOf(existing))
    if ('why' in plan) {
      if (this.#said.get(key) !== plan.why) this.#warn(ctx, service, family, plan.why)
      this.#said.set(key, plan.why)
      return
    }
    for (const [endpoint, zone] of plan.zones) endpoint.hints = { forZones: [{ name: zone }] }
    if (this.#said.get(key) === ENABLED) return
    this.#said.set(key, ENABLED)
    const words = `Topology Aware Hints has been enabled, addressType: ${family}`
    ctx.events.event(service, 'Normal', ENABLED, words)
  }

  forget(key: string): void {
    for (const family of ['IPv4', 'IPv6']) this.#said.delete(`${key}/${family}`)
  }

  #warn(ctx: ControllerContext, service: Service, family: string, why: string): void {
    ctx.events.event(service, 'Warning', DISABLED, `${why}, addressType: ${family}`)
  }
}

/** Which zone an endpoint serves by the slices that stand there. */
function zonesOf(existing: readonly EndpointSlice[]): (endpoint: Endpoint) => string | undefined {
  const known = new Map<string, string>()
  for (const { endpoints } of existing)
    for (const { addresses, hints } of endpoints ?? []) {
      const zone = hints?.forZones?.[0]?.name
      if (zone) known.set(addresses.join(), zone)
    }
  return ({ addresses }) => known.get(addresses.join())
}
