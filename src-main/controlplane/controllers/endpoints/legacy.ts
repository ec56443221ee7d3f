import type { Endpoints, EndpointSubset, Service } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isAlreadyExists, isConflict } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { deleteSeen } from '../../../../src-kube/runtime/delete-seen.ts'
import { equal } from '../equal.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'
import {
  type Backend,
  type BackendPort,
  backendsOf,
  hasBackends,
  indexByNamespace,
  isHeadless,
  legacyAddress,
  podsOf,
  servicesOfPods,
} from './backends.ts'
import { TRIGGER_TIME_ANNOTATION, TriggerTimes } from './trigger-time.ts'

/** Addresses of an Endpoints object at most (kubernetes.io, "Service: Over-capacity endpoints"). */
const CAPACITY = 1000
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
const HEADLESS_LABEL = 'service.kubernetes.io/headless'
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'

/** Keeps the Endpoints object of every service with a selector: ready and unready addresses by equal ports. Terminating pods are left out. */
export function endpointsController(): AnyController {
  const times = new TriggerTimes()
  return defineController<Service>({
    name: 'endpoint-controller',
    for: refs.services,
    setup: indexByNamespace,
    watches: [
      servicesOfPods,
      watching(refs.endpoints, ({ metadata }, ctx) => {
        const key = `${metadata.namespace}/${metadata.name}`
        return ctx.informer(refs.services).get(key) ? [key] : []
      }),
    ],
    reconcile: async (ctx, service, key) => {
      if (hasBackends(service)) await write(ctx, service, key, times)
      return done
    },
    async gone(ctx, key) {
      times.forget(key)
      const stale = ctx.informer(refs.endpoints).get(key)
      if (stale) await deleteSeen(ctx.client, refs.endpoints, stale)
    },
  })
}

async function write(ctx: ControllerContext, service: Service, key: string, times: TriggerTimes): Promise<void> {
  const { name, namespace } = service.metadata
  const pods = podsOf(ctx, service)
  const backends = backendsOf(service, pods, service.spec?.ipFamilies?.[0] ?? 'IPv4')
  const all = subsetsOf(service, backends)
  const { subsets, truncated } = truncate(all)
  const labels: Record<string, string> = { ...service.metadata.labels, [MANAGED_BY]: 'endpoint-controller' }
  delete labels[HEADLESS_LABEL]
  if (isHeadless(service)) labels[HEADLESS_LABEL] = ''
  const current = ctx.informer(refs.endpoints).get(key)
  const annotations = annotationsOf(current, truncated)
  // Asked every time: a change that needs no writing has been taken up all the same.
  const changed = times.next(key, service, pods)
  const { metadata } = current ?? {}
  const same = equal(current?.subsets ?? [], subsets) && equal(metadata?.labels ?? {}, labels)
  if (current && same && equal(withoutTime(metadata?.annotations), annotations)) return
  if (changed !== undefined) annotations[TRIGGER_TIME_ANNOTATION] = formatTime(changed)
  try {
    await put(ctx, current, { name, namespace, labels, annotations }, subsets)
  } catch (error) {
    if (namespaceEnds(error)) return
    const verb = current ? 'Update' : 'Create'
    const words = `Failed to ${verb.toLowerCase()} endpoint ${key}: ${messageOf(error)}`
    // What was written a moment ago is not seen yet: no trouble that anybody could mend.
    const isAhead = isConflict(error) || isAlreadyExists(error)
    if (!isAhead) ctx.events.event(service, 'Warning', `FailedTo${verb}Endpoint`, words)
    throw error
  }
}

type OwnMetadata = Pick<Endpoints['metadata'], 'name' | 'namespace' | 'labels' | 'annotations'>

/** Creates the object or replaces what is there; an empty list of subsets is left out. */
async function put(
  ctx: ControllerContext,
  current: Endpoints | undefined,
  own: OwnMetadata,
  subsets: EndpointSubset[],
): Promise<void> {
  const endpoints = ctx.client.resource(refs.endpoints)
  const content = subsets.length > 0 ? { subsets } : {}
  if (!current) {
    await endpoints.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: own, ...content })
    return
  }
  const { subsets: _before, metadata, ...kept } = current
  await endpoints.update({ ...kept, metadata: { ...metadata, ...own }, ...content })
}

/** What stands there and what is said of the capacity; the time of the change is only told of a change. */
function annotationsOf(current: Endpoints | undefined, truncated: boolean): Record<string, string> {
  const annotations = withoutTime(current?.metadata.annotations)
  delete annotations[OVER_CAPACITY]
  if (truncated) annotations[OVER_CAPACITY] = 'truncated'
  return annotations
}

function withoutTime(annotations: Record<string, string> | undefined): Record<string, string> {
  const { [TRIGGER_TIME_ANNOTATION]: _, ...others } = annotations ?? {}
  return others
}

/** Which backends offer a port, for each port; ports that the same ones offer share a subset ("Endpoints" in the API reference). */
function subsetsOf(service: Service, all: readonly Backend[]): EndpointSubset[] {
  const unready = service.spec?.publishNotReadyAddresses === true
  const offers = new Map<string, { port: BackendPort | undefined; by: Backend[] }>()
  const offer = (port: BackendPort | undefined, backend: Backend) => {
    const key = JSON.stringify(port ?? null)
    const known = offers.get(key)
    if (known) known.by.push(backend)
    else offers.set(key, { port, by: [backend] })
  }
  for (const backend of all.toSorted((a, b) => (a.ip < b.ip ? -1 : 1))) {
    if (backend.terminating && !unready) continue
    if (backend.ports.length > 0) for (const port of backend.ports) offer(port, backend)
    else if (isHeadless(service)) offer(undefined, backend)
  }
  const groups = new Map<string, { ports: BackendPort[]; by: Backend[] }>()
  for (const { port, by } of offers.values()) {
    const key = by.map(({ ip }) => ip).join()
    const group = groups.get(key) ?? { ports: [], by }
    groups.set(key, group)
    if (port) group.ports.push(port)
  }
  return [...groups.values()].map(({ ports, by }) => {
    const ready = by.filter((b) => unready || b.serving).map(legacyAddress)
    const waiting = by.filter((b) => !unready && !b.serving).map(legacyAddress)
    return {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(waiting.length > 0 ? { notReadyAddresses: waiting } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    }
  })
}

/** Keeps the first thousand addresses, ready ones before unready ones. */
function truncate(all: EndpointSubset[]): { subsets: EndpointSubset[]; truncated: boolean } {
  const count = all.reduce((n, s) => n + (s.addresses?.length ?? 0) + (s.notReadyAddresses?.length ?? 0), 0)
  if (count <= CAPACITY) return { subsets: all, truncated: false }
  let left = CAPACITY
  const take = <T>(list: T[] | undefined): T[] => {
    const taken = (list ?? []).slice(0, left)
    left -= taken.length
    return taken
  }
  const ready = all.map((subset) => take(subset.addresses))
  const waiting = all.map((subset) => take(subset.notReadyAddresses))
  const subsets = all.map(({ ports }, i) => ({ addresses: ready[i], notReadyAddresses: waiting[i], ports }))
  return { subsets: subsets.filter((s) => s.addresses?.length || s.notReadyAddresses?.length), truncated: true }
}
