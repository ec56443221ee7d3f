import type { EndpointAddress, Endpoints } from '#types/core/v1'
import type { Endpoint, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import { equal } from '../equal.ts'
import { planSlices, type SliceContent, type SliceGroup, type SlicePlan } from './slice-plan.ts'
import { MANAGED_BY_LABEL, SERVICE_LABEL, SliceWriter } from './slice-writer.ts'
import { byService } from './slices.ts'
import { TRIGGER_TIME_ANNOTATION } from './trigger-time.ts'

const MANAGER = 'endpointslicemirroring-controller.k8s.io'
const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader'

/** Addresses of a subset that are copied, into one slice of each family. */
const CAPACITY = 1000

/** Copies Endpoints that people wrote for a service without selector into slices, which are all that proxies read ("EndpointSlice mirroring"). */
export function endpointSliceMirroring(): AnyController {
  const writer = new SliceWriter()
  /** The version of each Endpoints that was told to be too large. */
  const told = new Map<string, string>()
  return defineController<Endpoints>({
    name: 'endpointslicemirroring-controller',
    for: refs.endpoints,
    watches: [
      watching(refs.services, (service) => [objectKey(service)]),
      watching(refs.endpointSlices, (slice) =>
        slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGER ? byService.of(slice) : [],
      ),
    ],
    setup: (ctx) => ctx.informer(refs.endpointSlices).addIndex(byService.name, byService.of),
    async reconcile(ctx, endpoints, key) {
      if (!writer.upToDate(ctx, key)) return requeueAfter(1000)
      const { groups, skipped } = isMirrored(ctx, endpoints, key) ? mirrored(endpoints) : { groups: [], skipped: 0 }
      const { labels: own, name, resourceVersion } = endpoints.metadata
      if (skipped > 0 && told.get(key) !== resourceVersion) {
        const words = `A max of ${CAPACITY} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`
        ctx.events.event(endpoints, 'Warning', 'TooManyAddressesToMirror', words)
        told.set(key, resourceVersion)
      }
      const labels = { ...own, [SERVICE_LABEL]: name, [MANAGED_BY_LABEL]: MANAGER }
      const existing = slicesOf(ctx, key)
      const plan = planSlices(existing, groups, labels, CAPACITY)
      const annotations = annotationsOf(endpoints)
      for (const slice of existing)
        if (isKept(plan, slice) && !equal(slice.metadata.annotations ?? {}, annotations))
          plan.update.push({ slice, content: contentOf(slice, labels) })
      const owner = controllerReference(endpoints, refs.endpoints)
      await writer.apply(ctx, { key, name, owner }, plan, { annotations })
      return done
    },
    gone: async (_ctx, key) => {
      writer.forget(key)
      told.delete(key)
    },
  })
}

/** Annotations are copied, but those that are about the Endpoints object itself. */
function annotationsOf({ metadata }: Endpoints): Record<string, string> {
  const { [LAST_APPLIED]: _, [TRIGGER_TIME_ANNOTATION]: __, ...others } = metadata.annotations ?? {}
  return others
}

/** Whether a plan leaves a slice as it is. */
const isKept = ({ update, remove }: SlicePlan, slice: EndpointSlice): boolean =>
  !remove.includes(slice) && !update.some((one) => one.slice === slice)

const contentOf = ({ addressType, ports, endpoints }: EndpointSlice, labels: Record<string, string>): SliceContent => ({
  addressType,
  ports: ports ?? [],
  endpoints: endpoints ?? [],
  labels,
})

function slicesOf(ctx: ControllerContext, key: string) {
  const all = ctx.informer(refs.endpointSlices).byIndex(byService.name, key)
  return all.filter(({ metadata }) => metadata.labels?.[MANAGED_BY_LABEL] === MANAGER)
}

function isMirrored(ctx: ControllerContext, { metadata }: Endpoints, key: string): boolean {
  const service = ctx.informer(refs.services).get(key)
  if (!service || Object.keys(service.spec?.selector ?? {}).length > 0) return false
  return metadata.labels?.[SKIP_LABEL] !== 'true' && metadata.annotations?.[LEADER_ANNOTATION] === undefined
}

/** Endpoints by family and ports: subsets of equal ports belong together. Of a subset ready addresses come first, and `skipped` are beyond its capacity. */
function mirrored({ subsets = [] }: Endpoints): { groups: SliceGroup[]; skipped: number } {
  const groups = new Map<string, SliceGroup>()
  let skipped = 0
  for (const { addresses = [], notReadyAddresses = [], ports: given = [] } of subsets) {
    const ports = given.map((port) => ({ name: '', ...port }))
    const all = [
      ...addresses.map((address) => mirror(address, { ready: true })),
      ...notReadyAddresses.map((address) => mirror(address, { ready: false })),
    ]
    skipped += Math.max(0, all.length - CAPACITY)
    for (const endpoint of all.slice(0, CAPACITY)) {
      const addressType = endpoint.addresses[0]?.includes(':') ? 'IPv6' : 'IPv4'
      const key = `${addressType} ${JSON.stringify(ports)}`
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] }
      groups.set(key, group)
      group.endpoints.push(endpoint)
    }
  }
  return { groups: [...groups.values()], skipped }
}

function mirror(
  { ip, hostname, nodeName, targetRef }: EndpointAddress,
  conditions: NonNullable<Endpoint['conditions']>,
): Endpoint {
  return {
    addresses: [ip],
    conditions,
    ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName ? { nodeName } : {}),
  }
}
