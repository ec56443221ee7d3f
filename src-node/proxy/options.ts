import type { Node, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { Informer } from '../../src-kube/client/informer.ts'
import type { Clock } from '../../src-kube/machinery/clock.ts'
import type { EventRecorder } from '../../src-kube/runtime/events.ts'
import type { ProxyHost, ProxyMode } from './backends/index.ts'
import type { HostPort } from './rules/iptables.ts'
import type { StatusOptions } from './status-servers.ts'

/** Host ports of the pods on this node, as the kubelet wants them. */
export interface HostPortSource {
  list(): readonly HostPort[]
  onChange(listener: () => void): () => void
}

/** What kube-proxy works with. */
export interface ProxyOptions {
  services: Informer<Service>
  slices: Informer<EndpointSlice>
  /** The node's own zone decides which endpoints are near. */
  nodes: Informer<Node>
  hostPorts: HostPortSource | undefined
  host: ProxyHost
  nodeName: string
  nodeIp: string
  /** Default `iptables`. */
  mode?: ProxyMode | undefined
  /** Default `rr`. */
  ipvsScheduler?: string | undefined
  clusterCidr: string
  serviceCidr: string
  dnsAddress: string
  events: EventRecorder
  /** Tells of its health and mode at kube-proxy's ports; nobody when absent. */
  openStatus?: ((options: StatusOptions) => void) | undefined
  /** Called when rules that somebody had removed are there again, before all others of their built-in chains. */
  repaired?: (() => Promise<void>) | undefined
  clock: Clock
  signal: AbortSignal
  log: (message: string) => void
}
