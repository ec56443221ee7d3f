import { httpTransport, type HttpTransport } from '../../src-wire/http-transport.ts'
import type { ResourceRef } from '../../src-kube/kinds/descriptor.ts'
import type { KubeList } from '../../src-kube/machinery/meta.ts'
import type { Node, Pod } from '#types/core/v1'
import type { AdminAccess } from './kubeconfig.ts'
import { UserError } from './user-error.ts'

export const nodesRef: ResourceRef = { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false }
export const podsRef: ResourceRef = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }

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

export async function listNodes(api: HttpTransport): Promise<KubeList<Node>> {
  return (await api.request({ verb: 'list', resource: nodesRef })) as unknown as KubeList<Node>
}

export async function podsOn(api: HttpTransport, node: string): Promise<Pod[]> {
  const list = await api.request({ verb: 'list', resource: podsRef, query: { fieldSelector: `spec.nodeName=${node}` } })
  return (list as unknown as KubeList<Pod>).items
}

/**
 * Resolves when every named node is Ready; `seen` hears each that becomes so. Throws a `UserError` that names those that did not
 * in time, with what their Ready condition says.
 */
export async function waitReady(
  api: HttpTransport,
  names: readonly string[],
  options: { timeout: number; signal?: AbortSignal; seen?: (name: string) => void },
): Promise<void> {
  const waiting = new Set(names)
  const last = new Map<string, Node>()
  const deadline = AbortSignal.timeout(options.timeout)
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
  const look = (node: Node): void => {
    last.set(node.metadata.name, node)
    if (isReady(node) && waiting.delete(node.metadata.name)) options.seen?.(node.metadata.name)
  }
  const list = await listNodes(api)
  list.items.forEach(look)
  try {
    let version = list.metadata.resourceVersion ?? '0'
    while (waiting.size > 0) {
      for await (const event of api.watch({ resource: nodesRef, query: { resourceVersion: version }, signal })) {
        version = event.object.metadata.resourceVersion
        if (event.type === 'ADDED' || event.type === 'MODIFIED') look(event.object as unknown as Node)
        if (waiting.size === 0) return
      }
      signal.throwIfAborted()
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!deadline.aborted) throw error
    const words = [...waiting].map((name) => `${name} (${describe(last.get(name))})`).join(', ')
    throw new UserError(
      `Not Ready within ${Math.round(options.timeout / 1000)} s: ${words}.`,
      'See what the node says with `docker logs drydock-<cluster>-<node>`, then run `drydock up` again.',
      { cause: error },
    )
  }
}

function describe(node: Node | undefined): string {
  if (!node) return 'it never registered'
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
  return ready ? `${ready.reason ?? ready.status}: ${ready.message ?? ''}` : 'it reports no condition'
}
