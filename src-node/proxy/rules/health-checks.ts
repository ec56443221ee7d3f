import type { Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'

/** What a load balancer may ask a node of one service: whether it can take its traffic itself. */
export interface HealthCheck {
  port: number
  namespace: string
  name: string
  /** Ready endpoints on this node. */
  local: number
}

/**
 * The health check of a service whose outside traffic stays on the node that it comes to (kubernetes.io, "Create an External Load
 * Balancer: Preserving the client source IP"); undefined for others. Pure.
 */
export function healthCheck(service: Service, slices: readonly EndpointSlice[], node: string): HealthCheck | undefined {
  const { healthCheckNodePort: port, type, externalTrafficPolicy } = service.spec
  if (!port || type !== 'LoadBalancer' || externalTrafficPolicy !== 'Local') return undefined
  const ready = slices
    .flatMap(({ endpoints = [] }) => endpoints)
    .filter(({ nodeName, conditions }) => nodeName === node && conditions?.ready !== false)
    .flatMap(({ addresses }) => addresses)
  return {
    port,
    namespace: service.metadata.namespace ?? '',
    name: service.metadata.name,
    local: new Set(ready).size,
  }
}

/** Status, headers and body of the answer to such a question; `isHealthy`: whether the proxy itself keeps up. */
export function healthAnswer(
  { namespace, name, local }: HealthCheck,
  isHealthy: boolean,
): { status: number; headers: Record<string, string>; body: string } {
  const facts = { service: { namespace, name }, localEndpoints: local, serviceProxyHealthy: isHealthy }
  return {
    status: local > 0 && isHealthy ? 200 : 503,
    headers: {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(local),
    },
    body: `${JSON.stringify(facts, null, '\t')}\n`,
  }
}
