import type { Service, ServicePort } from '#types/core/v1'

/** Annotation with the ports that replace a service's own on the desktop: `80=8080,53/UDP=8053`. Kept, so that addresses stay the same. */
export const DESKTOP_PORTS_ANNOTATION = 'drydock.dev/desktop-ports'

/** One port that should answer on the desktop. */
export interface WantedPort {
  /** As the service says it: a node port, or a port of a load balancer. */
  port: number
  balanced: boolean
  protocol: 'TCP' | 'UDP'
  /** The service's own address and port, where its proxies take over. */
  host: string
  target: number
}

/** Whether the desktop is the balancer that a service asks for: one of a class is somebody else's. */
export const isBalanced = ({ spec }: Service): boolean => spec.type === 'LoadBalancer' && !spec.loadBalancerClass

/** How a port is named where it is noted: TCP goes without saying. */
export const portKey = ({ port, protocol }: Pick<WantedPort, 'port' | 'protocol'>): string =>
  protocol === 'TCP' ? `${port}` : `${port}/${protocol}`

/** Whether a node's tunnel carries the protocol of a service's port: SCTP it does not. */
export const isCarried = (port: ServicePort): port is ServicePort & { protocol?: WantedPort['protocol'] } =>
  port.protocol !== 'SCTP'

/**
 * The ports at which the desktop answers for a service of type `NodePort` or `LoadBalancer` (kubernetes.io, "Service": "Publishing Services").
 * TCP and UDP: a node's tunnel carries streams and datagrams.
 */
export function wantedPorts(service: Service): WantedPort[] {
  const { metadata, spec } = service
  const host = spec.clusterIP
  if (metadata.deletionTimestamp || !host || host === 'None') return []
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return []
  return (spec.ports ?? [])
    .filter(isCarried)
    .flatMap(({ port: target, nodePort, protocol = 'TCP' }) => [
      ...(nodePort ? [{ port: nodePort, balanced: false, protocol, host, target }] : []),
      ...(isBalanced(service) ? [{ port: target, balanced: true, protocol, host, target }] : []),
    ])
}

/** A wanted port, and the desktop's at which it answers. */
export interface Answering extends Pick<WantedPort, 'port' | 'protocol'> {
  answers: number
}

/** What {@link DESKTOP_PORTS_ANNOTATION} says; what it says wrongly is passed over. */
export function keptPorts({ metadata }: Service): Map<string, number> {
  const kept = new Map<string, number>()
  for (const pair of (metadata.annotations?.[DESKTOP_PORTS_ANNOTATION] ?? '').split(',')) {
    const [key = '', answers] = pair.trim().split('=')
    if (/^[1-9]\d*(\/UDP)?$/.test(key) && Number(answers) > 0 && Number(answers) < 65_536)
      kept.set(key, Number(answers))
  }
  return kept
}

/** The annotation's value; undefined when every port answers as itself. */
export function formatPorts(answering: readonly Answering[]): string | undefined {
  const moved = answering.filter(({ port, answers }) => port !== answers)
  return moved.length > 0 ? moved.map((one) => `${portKey(one)}=${one.answers}`).join(',') : undefined
}

/**
 * Ports to try in turn: what was kept, the port itself, then the next ones; from those that need rights (below 1024) the next ones are 8000 above,
 * where people look for them (80 → 8080). Zero, the last, lets the desktop choose.
 */
export function candidates(port: number, kept: number | undefined): number[] {
  const from = port < 1024 ? port + 8000 : port + 1
  const next = Array.from({ length: 20 }, (_, i) => from + i).filter((one) => one < 65_536)
  return [...new Set([...(kept ? [kept] : []), port, ...next, 0])]
}
