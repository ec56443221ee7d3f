import { httpTransport, type HttpTransport } from '../../src-wire/http-transport.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import type { KubeList } from '../../src-kube/machinery/meta.ts'
import type { Node, Pod } from '#types/core/v1'
import type { AdminAccess } from './kubeconfig.ts'

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
export function listNodes(api: HttpTransport): Promise<KubeList<Node>> {
  return createClient(api).resource(refs.nodes).list()
}

/** All pods that are bound to a node, in one answer. Throws the server's `StatusError`. */
export function podsOn(api: HttpTransport, node: string): Promise<KubeList<Pod>> {
  return createClient(api)
    .resource(refs.pods)
    .list({ fieldSelector: `spec.nodeName=${node}` })
}
