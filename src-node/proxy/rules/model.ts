import type { Service } from '#types/core/v1'
import type { Endpoint, EndpointSlice } from '#types/discovery.k8s.io/v1'

export interface ProxyEndpoint {
  ip: string
  port: number
  /** On this node. */
  local: boolean
}

/** One port of one service with all that a rule needs: pure data, the same for every backend (iptables, ipvs, nftables). */
export interface ServicePort {
  /** `namespace/name:port`, as kube-proxy names it in comments. */
  id: string
  protocol: 'tcp' | 'udp' | 'sctp'
  clusterIp: string
  port: number
  nodePort: number | undefined
  /** External IPs, and load-balancer addresses that nodes answer themselves (ipMode VIP). */
  externalIps: string[]
  /** Endpoints for traffic from inside (internalTrafficPolicy applied) and from outside (externalTrafficPolicy applied). */
  internal: ProxyEndpoint[]
  external: ProxyEndpoint[]
  /** True when the source address is kept: externalTrafficPolicy Local. */
  externalLocal: boolean
  /** Seconds of ClientIP affinity; undefined for none. */
  affinitySeconds: number | undefined
  /** Clients that may use the load-balancer addresses; empty for all. */
  sourceRanges: string[]
}

/** Ports of a service as its node sees them; none for headless and external-name services. */
export function servicePorts(service: Service, slices: readonly EndpointSlice[], node: string): ServicePort[] {
  const { spec } = service
  if (!spec.clusterIP || spec.clusterIP === 'None' || spec.type === 'ExternalName') return []
  const id = `${service.metadata.namespace}/${service.metadata.name}`
  const affinity = spec.sessionAffinity === 'ClientIP'
  return (spec.ports ?? []).map((port) => {
    const name = port.name ?? ''
    const all = endpointsOf(slices, name, port.protocol ?? 'TCP', node)
    const local = all.filter((endpoint) => endpoint.local)
    const externalLocal = spec.externalTrafficPolicy === 'Local'
    return {
      id: name ? `${id}:${name}` : id,
      protocol: (port.protocol ?? 'TCP').toLowerCase() as ServicePort['protocol'],
      clusterIp: spec.clusterIP!,
      port: port.port,
      nodePort: port.nodePort || undefined,
      externalIps: [...(spec.externalIPs ?? []), ...balancerIps(service)],
      internal: spec.internalTrafficPolicy === 'Local' ? local : all,
      external: externalLocal ? local : all,
      externalLocal,
      affinitySeconds: affinity ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined,
      sourceRanges: spec.loadBalancerSourceRanges ?? [],
    }
  })
}

function balancerIps(service: Service): string[] {
  const ingress = service.status?.loadBalancer?.ingress ?? []
  return ingress.filter((entry) => entry.ip && entry.ipMode !== 'Proxy').map((entry) => entry.ip!)
}

/**
 * Ready endpoints of a port; when none is ready, those that still serve while they terminate (KEP-1669).
 * The same address in two slices counts once.
 */
function endpointsOf(
  slices: readonly EndpointSlice[],
  portName: string,
  protocol: string,
  node: string,
): ProxyEndpoint[] {
  const ready = new Map<string, ProxyEndpoint>()
  const draining = new Map<string, ProxyEndpoint>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const port = slice.ports?.find((p) => (p.name ?? '') === portName && (p.protocol ?? 'TCP') === protocol)?.port
    if (port === undefined) continue
    for (const endpoint of slice.endpoints ?? []) {
      const into = isReady(endpoint) ? ready : isDraining(endpoint) ? draining : undefined
      for (const ip of endpoint.addresses) into?.set(`${ip}:${port}`, { ip, port, local: endpoint.nodeName === node })
    }
  }
  const chosen = ready.size > 0 ? ready : draining
  return [...chosen.values()].sort((a, b) => (`${a.ip}:${a.port}` < `${b.ip}:${b.port}` ? -1 : 1))
}

const isReady = (endpoint: Endpoint): boolean => endpoint.conditions?.ready !== false
const isDraining = (endpoint: Endpoint): boolean =>
  endpoint.conditions?.serving === true && endpoint.conditions.terminating === true
