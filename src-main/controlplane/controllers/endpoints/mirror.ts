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
import { managedByLabel, serviceLabel, SliceWriter } from './slice-writer.ts'
import { byService } from './slices.ts'
import { triggerTimeAnnotation } from './trigger-time.ts'

const manager = 'endpointslicemirroring-controller.k8s.io'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'

/** Copies Endpoints that people wrote for a service without selector into slices, which are all that proxies read ("EndpointSlice mirroring"). */
export function endpointSliceMirroring(): AnyController {
  const writer = new SliceWriter()
  return defineController<Endpoints>({
    name: 'endpointslicemirroring-controller',
    for: refs.endpoints,
    watches: [
      watching(refs.services, (service) => [objectKey(service)]),
      watching(refs.endpointSlices, (slice) =>
        slice.metadata.labels?.[managedByLabel] === manager ? byService.of(slice) : [],
      ),
    ],
    setup: (ctx) => ctx.informer(refs.endpointSlices).addIndex(byService.name, byService.of),
    async reconcile(ctx, endpoints, key) {
      if (!writer.upToDate(ctx, key)) return requeueAfter(1000)
      const groups = isMirrored(ctx, endpoints, key) ? groupsOf(endpoints) : []
      const { labels: own, name } = endpoints.metadata
      const labels = { ...own, [serviceLabel]: name, [managedByLabel]: manager }
      const existing = slicesOf(ctx, key)
      const plan = planSlices(existing, groups, labels)
      const annotations = annotationsOf(endpoints)
      for (const slice of existing)
        if (isKept(plan, slice) && !equal(slice.metadata.annotations ?? {}, annotations))
          plan.update.push({ slice, content: contentOf(slice, labels) })
      const owner = controllerReference(endpoints, refs.endpoints)
      await writer.apply(ctx, { key, name, owner }, plan, { annotations })
      return done
    },
    gone: async (_ctx, key) => writer.forget(key),
  })
}

/** Annotations are copied, but those that are about the Endpoints object itself. */
function annotationsOf({ metadata }: Endpoints): Record<string, string> {
  const { [lastApplied]: _, [triggerTimeAnnotation]: __, ...others } = metadata.annotations ?? {}
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
  return all.filter(({ metadata }) => metadata.labels?.[managedByLabel] === manager)
}

function isMirrored(ctx: ControllerContext, { metadata }: Endpoints, key: string): boolean {
  const service = ctx.informer(refs.services).get(key)
  if (!service || Object.keys(service.spec?.selector ?? {}).length > 0) return false
  return metadata.labels?.[skipLabel] !== 'true' && metadata.annotations?.[leaderAnnotation] === undefined
}

/** Endpoints by family and ports: subsets of equal ports belong together. */
function groupsOf({ subsets }: Endpoints): SliceGroup[] {
  const groups = new Map<string, SliceGroup>()
  for (const { addresses = [], notReadyAddresses = [], ports: given = [] } of subsets ?? []) {
    const ports = given.map((port) => ({ name: '', ...port }))
    for (const endpoint of [
      ...addresses.map((a) => mirror(a, true)),
      ...notReadyAddresses.map((a) => mirror(a, false)),
    ]) {
      const addressType = endpoint.addresses[0]?.includes(':') ? 'IPv6' : 'IPv4'
      const key = `${addressType} ${JSON.stringify(ports)}`
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] }
      groups.set(key, group)
      group.endpoints.push(endpoint)
    }
  }
  return [...groups.values()]
}

function mirror({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName ? { nodeName } : {}),
  }
}
