import type { Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { WantedPort } from './wanted.ts'

/** One way to a service: an address that a node is asked to dial. */
export interface Attempt {
  node: string
  host: string
  port: number
}

/** What the ways to a service's port are chosen from. */
export interface Known {
  /** Undefined when it is gone meanwhile. */
  service: Service | undefined
  slices: readonly EndpointSlice[]
  /** That are connected. */
  nodes: readonly string[]
  /** Counts connections, so that each begins with another endpoint and node. */
  turn: number
}

/**
 * The ways to a service's port, the best first. A ready endpoint is reached from its own node: no policy stands between a node and its pods
 * (kubernetes.io, "Network Policies"), no other node between the caller and the endpoint (`externalTrafficPolicy: Local`). After one endpoint of each such
 * node the service's own address, where a node's proxy chooses, by way of every node. With `sessionAffinity: ClientIP` the order stays: the desktop is one client.
 */
export function attemptsFor(
  to: Pick<WantedPort, 'host' | 'target' | 'protocol'>,
  { service, slices, nodes, turn }: Known,
): Attempt[] {
  const from = service?.spec.sessionAffinity === 'ClientIP' ? 0 : turn
  const connected = new Set(nodes)
  const direct = new Map<string, Attempt>()
  const ready = endpointsOf(to, service, slices).filter(({ node }) => connected.has(node))
  for (const endpoint of turned(ready, from)) if (!direct.has(endpoint.node)) direct.set(endpoint.node, endpoint)
  const ways = new Set([...direct.keys(), ...turned(nodes, from)])
  return [...direct.values(), ...[...ways].map((node) => ({ node, host: to.host, port: to.target }))]
}

/** The ready endpoints behind a port of a service, in an order of their own. */
function endpointsOf(
  to: Pick<WantedPort, 'target' | 'protocol'>,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Attempt[] {
  const wanted = service?.spec.ports?.find(
    ({ port, protocol = 'TCP' }) => port === to.target && protocol === to.protocol,
  )
  if (!wanted) return []
  const found = slices.flatMap(({ addressType, endpoints, ports, metadata }) => {
    const port = ports?.find(
      ({ name, protocol = 'TCP' }) => (name ?? '') === (wanted.name ?? '') && protocol === to.protocol,
    )
    if (!port?.port || addressType === 'FQDN' || metadata.deletionTimestamp) return []
    return (endpoints ?? []).flatMap(({ addresses, conditions, nodeName }) =>
      nodeName && addresses[0] && conditions?.ready !== false
        ? [{ node: nodeName, host: addresses[0], port: port.port! }]
        : [],
    )
  })
  return found.sort((a, b) => (a.host < b.host ? -1 : 1))
}

function turned<T>(all: readonly T[], turn: number): T[] {
  const first = all.length > 0 ? turn % all.length : 0
  return [...all.slice(first), ...all.slice(0, first)]
}
