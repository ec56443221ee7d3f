import type { Endpoints, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { Draft } from '../../machinery/meta.ts'

/** Where pods reach the API server. */
export interface ServerAddress {
  address: string
  port: number
}

/** The name of the API server's own service, in the namespace `default`. */
export const OWN_SERVICE_NAME = 'kubernetes'

const metadata = { name: OWN_SERVICE_NAME, namespace: 'default' }

/** The service by which pods reach the API server (kubernetes.io, "Accessing the Kubernetes API from a Pod"). */
export const ownService = ({ port }: Pick<ServerAddress, 'port'>): Draft<Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.1',
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
  },
})

/** What stands behind it, which no controller of endpoints makes: it selects no pods. */
export const ownEndpoints = ({ address, port }: ServerAddress): Draft<Endpoints> => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
})

/** The same as proxies read it. */
export const ownSlice = ({ address, port }: ServerAddress): Draft<EndpointSlice> => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { ...metadata, labels: { 'kubernetes.io/service-name': OWN_SERVICE_NAME } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [address], conditions: { ready: true } }],
  ports: [{ name: 'https', port, protocol: 'TCP' }],
})
