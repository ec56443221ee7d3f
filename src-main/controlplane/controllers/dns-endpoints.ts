import type { EndpointAddress, Endpoints, Node, Service } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { dnsPorts, DNS_SERVICE_NAME } from '../../../src-kube/kinds/core/dns-service.ts'
import { objectKey } from '../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { equal } from './equal.ts'

const NAMESPACE = 'kube-system'
const KEY = `${NAMESPACE}/${DNS_SERVICE_NAME}`

/**
 * Shows who answers for the service `kube-dns`: every node does, at its own address. Slices are mirrored of these endpoints. A cluster DNS in pods,
 * which the service then selects, has its endpoints from them, and these are let go.
 */
export function dnsEndpointsController(): AnyController {
  return defineController<Service>({
    name: 'dns-endpoints-controller',
    for: refs.services,
    watches: [
      watching(refs.nodes, (node, _ctx, old) => (old && equal(factsOf(node), factsOf(old)) ? [] : [KEY])),
      watching(refs.endpoints, (endpoints) => (objectKey(endpoints) === KEY ? [KEY] : [])),
    ],
    async reconcile(ctx, service, key) {
      const isOurs = key === KEY && Object.keys(service.spec?.selector ?? {}).length === 0
      if (isOurs) await keep(ctx, subsetsOf(ctx.informer(refs.nodes).list()))
      return done
    },
  })
}

async function keep(ctx: ControllerContext, subsets: NonNullable<Endpoints['subsets']>): Promise<void> {
  const endpoints = ctx.client.resource(refs.endpoints)
  const present = ctx.informer(refs.endpoints).get(KEY)
  if (present && equal(present.subsets ?? [], subsets)) return
  if (present) return void (await endpoints.update({ ...present, subsets }))
  const { labels } = ctx.informer(refs.services).get(KEY)?.metadata ?? {}
  const metadata = { name: DNS_SERVICE_NAME, namespace: NAMESPACE, ...(labels ? { labels } : {}) }
  await endpoints.create({ apiVersion: 'v1', kind: 'Endpoints', metadata, subsets })
}

function subsetsOf(nodes: readonly Node[]): NonNullable<Endpoints['subsets']> {
  const [addresses, notReadyAddresses]: [EndpointAddress[], EndpointAddress[]] = [[], []]
  for (const { name, ip, isReady } of nodes.map(factsOf).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!ip) continue
    const address = { ip, nodeName: name, targetRef: { kind: 'Node', name } }
    if (isReady) addresses.push(address)
    else notReadyAddresses.push(address)
  }
  if (addresses.length + notReadyAddresses.length === 0) return []
  return [
    {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ports: dnsPorts,
    },
  ]
}

/** What of a node these endpoints show. */
const factsOf = ({ metadata: { name }, status }: Node) => ({
  name,
  ip: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
  isReady: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
})
