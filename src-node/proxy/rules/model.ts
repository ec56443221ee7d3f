import type { Service } from '#types/core/v1'
import type { Endpoint, EndpointHints, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { ipToNumber } from '../../../src-kube/machinery/ipv4.ts'
import { nearest } from './nearest.ts'

/** One place that a service port leads to. */
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
  externalIps: string[]
  /** Load-balancer addresses that nodes answer themselves (ipMode VIP). */
  balancerIps: string[]
  /** Endpoints for traffic that may go to any node, and for traffic that must stay on this one. */
  all: ProxyEndpoint[]
  local: ProxyEndpoint[]
  /** internalTrafficPolicy Local: traffic to the cluster IP stays on the node. */
  internalLocal: boolean
  /** externalTrafficPolicy Local: traffic from outside stays on the node and keeps its source address. */
  externalLocal: boolean
  /** Seconds of ClientIP affinity; undefined for none. */
  affinitySeconds: number | undefined
  /** Clients that may use the load-balancer addresses; empty for all. */
  sourceRanges: string[]
}

/** Labels of services that are another proxy's (kubernetes.io, "Well-Known Labels": `service.kubernetes.io/service-proxy-name`). */
const others = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless']

/**
 * Ports of a service as its node sees them; none for headless and external-name services, and those of other proxies. `zone` is the node's
 * own (`topology.kubernetes.io/zone`), for endpoints that are meant for clients near them. Nodes and pods have IPv4: addresses and ranges of
 * IPv6 that a service names are left out, as a proxy of one family does.
 */
export function servicePorts(
  service: Service,
  slices: readonly EndpointSlice[],
  node: string,
  zone?: string,
): ServicePort[] {
  const { spec } = service
  if (!spec.clusterIP || spec.clusterIP === 'None' || spec.type === 'ExternalName') return []
  if (others.some((label) => service.metadata.labels?.[label] !== undefined)) return []
  const id = `${service.metadata.namespace}/${service.metadata.name}`
  const affinity = spec.sessionAffinity === 'ClientIP'
  return (spec.ports ?? []).map((port) => {
    const name = port.name ?? ''
    const known = endpointsOf(slices, name, port.protocol ?? 'TCP', node)
    return {
      id: name ? `${id}:${name}` : id,
      protocol: (port.protocol ?? 'TCP').toLowerCase() as ServicePort['protocol'],
      clusterIp: spec.clusterIP!,
      port: port.port,
      nodePort: port.nodePort || undefined,
      externalIps: (spec.externalIPs ?? []).filter(isIPv4),
      balancerIps: balancerIps(service),
      all: usable(nearest(known, node, zone)),
      local: usable(known.filter((endpoint) => endpoint.local)),
      internalLocal: spec.internalTrafficPolicy === 'Local',
      externalLocal: spec.externalTrafficPolicy === 'Local',
      affinitySeconds: affinity ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined,
      sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter(isOfIPv4),
    }
  })
}

export const isIPv4 = (ip: string): boolean => ipToNumber(ip) !== undefined
const isOfIPv4 = (range: string): boolean => isIPv4(range.split('/')[0]!)

function balancerIps(service: Service): string[] {
  const ingress = service.status?.loadBalancer?.ingress ?? []
  return ingress.filter(({ ip, ipMode }) => ip && isIPv4(ip) && ipMode !== 'Proxy').map((entry) => entry.ip!)
}

/** An endpoint of a slice before it is decided which of them get traffic. */
export interface KnownEndpoint extends ProxyEndpoint {
  ready: boolean
  hints: EndpointHints | undefined
}

/** Endpoints of a port that are ready or still serve while they terminate; the same address in two slices counts once. */
function endpointsOf(
  slices: readonly EndpointSlice[],
  portName: string,
  protocol: string,
  node: string,
): KnownEndpoint[] {
  const found = new Map<string, KnownEndpoint>()
  /** An address that several slices have, as while it moves between them, is ready when one of them says so. */
  const note = (endpoint: KnownEndpoint): void => {
    const key = `${endpoint.ip}:${endpoint.port}`
    if (!found.get(key)?.ready) found.set(key, endpoint)
  }
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const port = slice.ports?.find((p) => (p.name ?? '') === portName && (p.protocol ?? 'TCP') === protocol)?.port
    if (port === undefined) continue
    for (const endpoint of slice.endpoints ?? []) {
      const ready = isReady(endpoint)
      if (!ready && !isDraining(endpoint)) continue
      const { nodeName, hints } = endpoint
      for (const ip of endpoint.addresses) note({ ip, port, local: nodeName === node, ready, hints })
    }
  }
  return [...found.values()].sort((a, b) => (`${a.ip}:${a.port}` < `${b.ip}:${b.port}` ? -1 : 1))
}

/** The ready ones; when none is, those that still serve while they terminate (KEP-1669). */
function usable(known: readonly KnownEndpoint[]): ProxyEndpoint[] {
  const ready = known.filter((endpoint) => endpoint.ready)
  return (ready.length > 0 ? ready : known).map(({ ip, port, local }) => ({ ip, port, local }))
}

const isReady = (endpoint: Endpoint): boolean => endpoint.conditions?.ready !== false
const isDraining = (endpoint: Endpoint): boolean =>
  endpoint.conditions?.serving === true && endpoint.conditions.terminating === true
