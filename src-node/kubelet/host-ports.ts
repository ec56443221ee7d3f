import type { PodWorker } from './pod-worker.ts'

/** A port of the node that leads to a pod on it. */
export interface HostPortEntry {
  hostIp: string
  hostPort: number
  protocol: string
  podIp: string
  containerPort: number
}

/** The ports of the node that a pod with a network of its own asks for, sidecars' too; none before it has an address. */
export function hostPortsOf({ pod: { spec }, ip }: Pick<PodWorker, 'pod' | 'ip'>): HostPortEntry[] {
  if (spec.hostNetwork || !ip) return []
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) =>
    (container.ports ?? []).flatMap(({ hostIP, hostPort, protocol, containerPort }) =>
      hostPort ? [{ hostIp: hostIP ?? '', hostPort, protocol: protocol ?? 'TCP', podIp: ip, containerPort }] : [],
    ),
  )
}
