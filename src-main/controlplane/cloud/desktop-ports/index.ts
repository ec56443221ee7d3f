import type { LoadBalancerIngress, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { NamedIndex } from '../../../../src-kube/client/indexer.ts'
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
import type { NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import { attemptsFor, type Attempt } from './attempts.ts'
import { dialInTurn } from './dial-in-turn.ts'
import { DESKTOP_ADDRESS, Listeners, type DialCluster } from './listeners.ts'
import {
  type Answering,
  DESKTOP_PORTS_ANNOTATION,
  formatPorts,
  isBalanced,
  isCarried,
  keptPorts,
  portKey,
  type WantedPort,
  wantedPorts,
} from './wanted.ts'

/** Milliseconds until a port that could not be had is tried again. */
const RETRY = 30_000

/**
 * The desktop as the cloud of its cluster (kubernetes.io, "Service": `NodePort` and `LoadBalancer`): both answer on 127.0.0.1, on their own port or
 * the next free one, which is noted on the service and kept. Connections go over a node's tunnel to the service's own address. The balancer's address
 * is of mode `Proxy`: nodes do not take it for their own. A cluster without nodes has nobody who could answer, and so no ports.
 */
export function desktopPorts(tunnels: Pick<NodeTunnels, 'get' | 'list'>): AnyController {
  let listeners: Listeners
  return defineController<Service>({
    name: 'desktop-ports',
    component: 'service-controller',
    for: refs.services,
    // Only the first node that comes and the last that goes change what is wanted.
    watches: [watching(refs.nodes, (_node, ctx, old) => (old || countNodes(ctx) > 1 ? [] : exposed(ctx)))],
    // A service that was exposed and is not has its status to be cleared, and its ports to be closed.
    setup(ctx) {
      listeners = new Listeners(overTunnels(ctx, tunnels), ctx.clock)
      ctx.signal.addEventListener('abort', () => void listeners.close(), { once: true })
    },
    async reconcile(ctx, service, key) {
      const wanted = countNodes(ctx) > 0 ? wantedPorts(service) : []
      let answering: Answering[]
      try {
        answering = await listeners.apply(key, wanted, keptPorts(service))
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error)
        ctx.events.event(service, 'Warning', 'SyncLoadBalancerFailed', `Error syncing load balancer: ${words}`)
        return requeueAfter(RETRY)
      }
      if (service.metadata.deletionTimestamp) return done
      if (countNodes(ctx) === 0) return done
      await note(ctx, service, answering)
      await tellAddress(ctx, service)
      return done
    },
    gone: async (_ctx, key) => void (await listeners.apply(key, [], new Map())),
  })
}

const countNodes = (ctx: ControllerContext): number => ctx.informer(refs.nodes).list().length

const exposed = (ctx: ControllerContext): string[] =>
  ctx
    .informer(refs.services)
    .list()
    .filter((service) => wantedPorts(service).length > 0)
    .map((service) => objectKey(service))

/** Each connection by the best way that there is when it comes. */
function overTunnels(ctx: ControllerContext, tunnels: Pick<NodeTunnels, 'get' | 'list'>): DialCluster {
  const [services, slices] = [ctx.informer(refs.services), ctx.informer(refs.endpointSlices)]
  slices.addIndex(byService.name, byService.of)
  let turn = 0
  const ways = (key: string, wanted: WantedPort, from: number): Attempt[] => {
    const known = { service: services.get(key), slices: slices.byIndex(byService.name, key), nodes: tunnels.list() }
    return attemptsFor(wanted, { ...known, turn: from })
  }
  return {
    stream: (key, wanted) => dialInTurn(ways(key, wanted, turn++), tunnels, ctx.clock),
    async datagrams(key, wanted) {
      const from = turn++
      const way = ways(key, wanted, from)[0]
      const stream = way && (await tunnels.get(way.node).dialDatagrams?.(way.host, way.port))
      if (!stream) throw new Error('no node is connected that carries datagrams')
      return { stream, stands: () => ways(key, wanted, from).some((one) => isSameWay(one, way)) }
    },
  }
}

const isSameWay = (a: Attempt, b: Attempt): boolean => a.node === b.node && a.host === b.host && a.port === b.port

/** Slices by the key of their service. */
const byService: NamedIndex<EndpointSlice> = {
  name: 'service',
  of: ({ metadata: { namespace, labels } }) => {
    const name = labels?.['kubernetes.io/service-name']
    return name ? [`${namespace}/${name}`] : []
  },
}

/** Says on the service, and in an event, which of its ports answer as others. */
async function note(ctx: ControllerContext, service: Service, answering: readonly Answering[]): Promise<void> {
  const { name, namespace, annotations } = service.metadata
  const ports = formatPorts(answering)
  if (annotations?.[DESKTOP_PORTS_ANNOTATION] === ports) return
  const body = { metadata: { annotations: { [DESKTOP_PORTS_ANNOTATION]: ports ?? null } } }
  await ctx.client.resource(refs.services).patch({ name, namespace, type: 'application/merge-patch+json', body })
  for (const one of answering) {
    const { port, answers } = one
    if (port === answers) continue
    const words = `Port ${portKey(one)} answers on ${DESKTOP_ADDRESS}:${answers}: ${port} is in use or needs rights`
    ctx.events.event(service, 'Normal', 'DesktopPort', words)
  }
}

async function tellAddress(ctx: ControllerContext, service: Service): Promise<void> {
  const { metadata, status } = service
  const has = status?.loadBalancer?.ingress ?? []
  const wanted = ingressOf(service)
  // What another balancer of the cluster has told is its own.
  if (!has.every(isOurs) || JSON.stringify(has) === JSON.stringify(wanted)) return
  if (wanted.length > 0) ctx.events.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer')
  await ctx.client.resource(refs.services).patch({
    name: metadata.name,
    namespace: metadata.namespace,
    subresource: 'status',
    type: 'application/merge-patch+json',
    body: { status: { loadBalancer: { ingress: wanted.length > 0 ? wanted : null } } },
  })
  if (wanted.length > 0) ctx.events.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer')
}

const isOurs = ({ ip, ipMode }: LoadBalancerIngress): boolean => ip === DESKTOP_ADDRESS && ipMode === 'Proxy'

/** The addresses of a service's balancer; none when it has none or nothing of it can answer. */
function ingressOf(service: Service): LoadBalancerIngress[] {
  if (!isBalanced(service) || wantedPorts(service).length === 0) return []
  const all = service.spec.ports ?? []
  if (all.every(isCarried)) return [{ ip: DESKTOP_ADDRESS, ipMode: 'Proxy' }]
  const ports = all.map((one) => ({
    port: one.port,
    protocol: one.protocol ?? 'TCP',
    ...(isCarried(one) ? {} : { error: 'drydock.dev/NoSCTP' }),
  }))
  return [{ ip: DESKTOP_ADDRESS, ipMode: 'Proxy', ports }]
}
