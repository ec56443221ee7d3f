import type { Node, Service } from '#types/core/v1'
import type { Endpoint, EndpointHints, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { byNode } from '../../../../src-kube/client/indexer.ts'
import { refs } from '../../../../src-kube/client/refs.ts'
import { zoneOf } from '../../../../src-kube/kinds/core/node-zone.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { isConflict } from '../../../../src-kube/machinery/errors.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import {
  type Backend,
  backendsOf,
  hasBackends,
  indexByNamespace,
  isHeadless,
  podsOf,
  servicesOfPods,
  targetRef,
} from './backends.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'
import { planSlices, type SliceGroup } from './slice-plan.ts'
import { MANAGED_BY_LABEL, SERVICE_LABEL, SliceWriter } from './slice-writer.ts'
import { dividesByZone, servicesByZone, ZoneHints } from './topology.ts'
import { TriggerTimes } from './trigger-time.ts'

const MANAGER = 'endpointslice-controller.k8s.io'

/** Index of slices by the service they belong to, as `namespace/name`. */
export const byService = {
  name: 'service',
  of: ({ metadata }: EndpointSlice) => {
    const service = metadata.labels?.[SERVICE_LABEL]
    return service ? [`${metadata.namespace}/${service}`] : []
  },
}

/** Keeps the endpoint slices of every service with a selector, as "EndpointSlices" in the Kubernetes documentation describes. */
export function endpointSliceController(): AnyController {
  const writer = new SliceWriter()
  const times = new TriggerTimes()
  const zones = new ZoneHints()
  return defineController<Service>({
    name: 'endpointslice-controller',
    component: 'endpoint-slice-controller',
    for: refs.services,
    watches: [
      servicesOfPods,
      servicesByZone,
      watching(refs.nodes, (node, ctx, old) => (zoneOf(node) === zoneOf(old) ? [] : servicesOn(ctx, node))),
      watching(refs.endpointSlices, (slice) =>
        slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGER ? byService.of(slice) : [],
      ),
    ],
    setup(ctx) {
      ctx.informer(refs.endpointSlices).addIndex(byService.name, byService.of)
      ctx.informer(refs.pods).addIndex(byNode.name, byNode.of)
      indexByNamespace(ctx)
    },
    async reconcile(ctx, service, key) {
      if (!hasBackends(service)) return done
      if (!writer.upToDate(ctx, key)) return requeueAfter(1000)
      const existing = ctx
        .informer(refs.endpointSlices)
        .byIndex(byService.name, key)
        .filter(({ metadata }) => metadata.labels?.[MANAGED_BY_LABEL] === MANAGER && !metadata.deletionTimestamp)
      const pods = podsOf(ctx, service)
      const families = (service.spec?.ipFamilies ?? ['IPv4']).map((family) => {
        const backends = backendsOf(service, pods, family)
        const groups = groupsOf(ctx, service, family, backends)
        zones.apply(ctx, { service, family, groups, existing })
        return groups
      })
      const changed = times.next(key, service, pods)
      const plan = planSlices(existing, families.flat(), labelsOf(service))
      const owner = controllerReference(service, refs.services)
      await writer
        .apply(ctx, { key, name: service.metadata.name, owner }, plan, { changed })
        .catch((error: unknown) => tellOfFailure(ctx, service, error))
      return done
    },
    gone: async (_ctx, key) => {
      writer.forget(key)
      times.forget(key)
      zones.forget(key)
    },
  })
}

/** Says on the service why its slices could not be written; throws what is to be tried again. */
function tellOfFailure(ctx: ControllerContext, service: Service, error: unknown): void {
  if (namespaceEnds(error)) return
  const words = `Error updating Endpoint Slices for Service ${objectKey(service)}: ${messageOf(error)}`
  if (!isConflict(error)) ctx.events.event(service, 'Warning', 'FailedToUpdateEndpointSlices', words)
  throw error
}

/** Services with pods on a node. */
function servicesOn(ctx: ControllerContext, { metadata: { name } }: Node): Set<string> {
  const pods = ctx.informer(refs.pods).byIndex(byNode.name, name)
  return new Set(pods.flatMap((pod) => [...servicesOfPods.keys(pod, ctx)]))
}

function labelsOf(service: Service): Record<string, string> {
  const labels: Record<string, string> = { ...service.metadata.labels }
  delete labels['service.kubernetes.io/headless']
  if (isHeadless(service)) labels['service.kubernetes.io/headless'] = ''
  return { ...labels, [SERVICE_LABEL]: service.metadata.name, [MANAGED_BY_LABEL]: MANAGER }
}

/** A group for each set of ports that pods offer; an empty one shows that nobody is there. */
function groupsOf(
  ctx: ControllerContext,
  service: Service,
  addressType: string,
  backends: readonly Backend[],
): SliceGroup[] {
  const groups = new Map<string, SliceGroup>()
  for (const backend of backends) {
    const ports = backend.ports.map((port) => ({ name: '', ...port }))
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { addressType, ports, endpoints: [] }
    groups.set(key, group)
    group.endpoints.push(endpointOf(ctx, service, backend))
  }
  return groups.size > 0 ? [...groups.values()] : [{ addressType, ports: [], endpoints: [] }]
}

function endpointOf(ctx: ControllerContext, service: Service, backend: Backend): Endpoint {
  const { pod, ip, hostname, serving, terminating } = backend
  const { nodeName } = pod.spec
  const node = nodeName ? ctx.informer(refs.nodes).get(nodeName) : undefined
  const zone = zoneOf(node)
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    ...(hostname ? { hostname } : {}),
    targetRef: targetRef(pod),
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
    ...(ready ? hintsFor(service, zone, nodeName) : {}),
  }
}

/** Which clients a ready endpoint is meant for ("Traffic distribution", KEP-3015): those near it, as near as the service asks. */
function hintsFor(service: Service, zone: string | undefined, node: string | undefined): { hints?: EndpointHints } {
  const { trafficDistribution: near } = service.spec ?? {}
  if (!near || dividesByZone(service)) return {}
  const hints: EndpointHints = {
    ...(zone ? { forZones: [{ name: zone }] } : {}),
    ...(node && near === 'PreferSameNode' ? { forNodes: [{ name: node }] } : {}),
  }
  return Object.keys(hints).length > 0 ? { hints } : {}
}
