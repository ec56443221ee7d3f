import type { Service } from '#types/core/v1'

/** Which other ports than their own a service's ports answer on: `80=8080,30003=30004`. Kept, so that they stay what they were. */
export const desktopPortsAnnotation = 'drydock.dev/desktop-ports'

/** One port that should answer on the desktop. */
export interface WantedPort {
  /** As the service says it: a node port, or a port of a load balancer. */
  port: number
  balanced: boolean
  /** The service's own address and port, where its proxies take over. */
  host: string
  target: number
}

/** Whether the desktop is the balancer that a service asks for: one of a class is somebody else's. */
export const isBalanced = ({ spec }: Service): boolean => spec.type === 'LoadBalancer' && !spec.loadBalancerClass

const isTcp = ({ protocol = 'TCP' }: { protocol?: string | undefined }): boolean => protocol === 'TCP'

/**
 * The ports at which the desktop answers for a service of type `NodePort` or `LoadBalancer` (kubernetes.io, "Service": "Publishing Services").
 * Only TCP: a node's tunnel carries streams.
 */
export function wantedPorts(service: Service): WantedPort[] {
  const { metadata, spec } = service
  const host = spec.clusterIP
  if (metadata.deletionTimestamp || !host || host === 'None') return []
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return []
  return (spec.ports ?? [])
    .filter(isTcp)
    .flatMap(({ port: target, nodePort }) => [
      ...(nodePort ? [{ port: nodePort, balanced: false, host, target }] : []),
      ...(isBalanced(service) ? [{ port: target, balanced: true, host, target }] : []),
    ])
}

/** Ports of a balanced service that the desktop cannot answer for. */
export const unansweredPorts = (service: Service): number[] =>
  isBalanced(service) ? (service.spec.ports ?? []).filter((port) => !isTcp(port)).map(({ port }) => port) : []

/** What {@link desktopPortsAnnotation} says; what it says wrongly is passed over. */
export function keptPorts({ metadata }: Service): Map<number, number> {
  const kept = new Map<number, number>()
  for (const pair of (metadata.annotations?.[desktopPortsAnnotation] ?? '').split(',')) {
    const [port, answers] = pair.split('=').map(Number)
    if (port && answers && answers < 65_536) kept.set(port, answers)
  }
  return kept
}

/** The annotation's value; undefined when every port answers as itself. */
export function formatPorts(answering: ReadonlyMap<number, number>): string | undefined {
  const moved = [...answering].filter(([port, answers]) => port !== answers)
  return moved.length > 0 ? moved.map(([port, answers]) => `${port}=${answers}`).join(',') : undefined
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
