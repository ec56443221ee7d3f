import type { Service } from '#types/core/v1'
import type { Draft } from '../../machinery/meta.ts'

/** The name of the cluster DNS' service, in the namespace `kube-system`. */
export const DNS_SERVICE_NAME = 'kube-dns'
/** Where every node tells Prometheus of the names that it was asked for, CoreDNS' own port. */
export const DNS_METRICS_PORT = 9153

/** The ports of a node that answer for it. */
export const dnsPorts: Array<{ name: string; port: number; protocol: 'UDP' | 'TCP' }> = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  { name: 'metrics', port: DNS_METRICS_PORT, protocol: 'TCP' },
]

/** The service that pods ask for names (kubernetes.io, "DNS for Services and Pods"): nodes answer, so it selects no pods. */
export const dnsService = (clusterIP: string): Draft<Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: DNS_SERVICE_NAME,
    namespace: 'kube-system',
    labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS', 'kubernetes.io/cluster-service': 'true' },
    annotations: { 'prometheus.io/port': String(DNS_METRICS_PORT), 'prometheus.io/scrape': 'true' },
  },
  spec: { clusterIP, ports: dnsPorts },
})
