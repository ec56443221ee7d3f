import type { EndpointHints } from '#types/discovery.k8s.io/v1'

interface Hinted {
  ready: boolean
  hints: EndpointHints | undefined
}

/**
 * The endpoints that hints mean for clients of this node, or else of its zone ("Virtual IPs: traffic distribution", KEP-3015). Hints hold
 * only when every ready endpoint has one and a ready endpoint is meant for here: all endpoints otherwise. Pure.
 */
export function nearest<T extends Hinted>(
  endpoints: readonly T[],
  node: string,
  zone: string | undefined,
): readonly T[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  return (
    meantFor(ready, node, ({ hints }) => hints?.forNodes) ??
    meantFor(ready, zone, ({ hints }) => hints?.forZones) ??
    endpoints
  )
}

function meantFor<T>(
  endpoints: readonly T[],
  here: string | undefined,
  hintOf: (endpoint: T) => ReadonlyArray<{ name: string }> | undefined,
): T[] | undefined {
  if (!here || endpoints.some((endpoint) => !hintOf(endpoint)?.length)) return undefined
  const near = endpoints.filter((endpoint) => hintOf(endpoint)?.some(({ name }) => name === here))
  return near.length > 0 ? near : undefined
}
