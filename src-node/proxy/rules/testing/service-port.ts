import type { ServicePort } from '../model.ts'

/** An endpoint on the node itself, and one on another. */
export const here = { ip: '10.244.1.2', port: 8080, local: true }
export const there = { ip: '10.244.2.2', port: 8080, local: false }

/** The port 80 of a service with both, and nothing more. */
export function port(changes: Partial<ServicePort> = {}): ServicePort {
  return {
    id: 'shop/web:http',
    protocol: 'tcp',
    clusterIp: '10.96.1.1',
    port: 80,
    nodePort: undefined,
    externalIps: [],
    balancerIps: [],
    all: [here, there],
    local: [here],
    internalLocal: false,
    externalLocal: false,
    affinitySeconds: undefined,
    sourceRanges: [],
    ...changes,
  }
}
