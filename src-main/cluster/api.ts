import { httpTransport, type HttpTransport } from '../../src-wire/http-transport.ts'
import type { ResourceRef } from '../../src-kube/kinds/descriptor.ts'
import type { KubeList } from '../../src-kube/machinery/meta.ts'
import type { Node, Pod } from '#types/core/v1'
import type { AdminAccess } from './kubeconfig.ts'

export const nodesRef: ResourceRef = { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false }
export const podsRef: ResourceRef = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
export const leasesRef: ResourceRef = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  kind: 'Lease',
  namespaced: true,
}

/** The cluster's API as its administrator; close it when done. */
export function adminTransport(access: AdminAccess): HttpTransport {
  return httpTransport({
    server: access.server,
    ca: access.ca,
    cert: access.cert,
    key: access.key,
    userAgent: 'drydock',
  })
}

export const isReady = (node: Node): boolean =>
  node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false

/** All nodes of a cluster, in one answer. Throws the server's `StatusError`. */
export async function listNodes(api: HttpTransport): Promise<KubeList<Node>> {
  return (await api.request({ verb: 'list', resource: nodesRef })) as unknown as KubeList<Node>
}

export async function podsOn(api: HttpTransport, node: string): Promise<Pod[]> {
  const list = await api.request({ verb: 'list', resource: podsRef, query: { fieldSelector: `spec.nodeName=${node}` } })
  return (list as unknown as KubeList<Pod>).items
}
