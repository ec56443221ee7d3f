import type { Pod } from '#types/core/v1'
import { badRequest, notFound, StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { NodeConnection } from '../../../../src-wire/node/node-connection.ts'
import type { ContainerTarget } from '../../../../src-wire/node/pod-streams.ts'
import type { ObjectReader } from '../../admission/admission.ts'
import type { StreamingOptions } from './index.ts'

/** Throws 404 in Kubernetes' words when there is no such pod. */
export async function readPod(read: ObjectReader, namespace: string, name: string): Promise<Pod> {
  const pod = await read.get('', 'pods', namespace, name)
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
  return pod as Pod
}

/** The node a pod is bound to; 400 while it is bound to none. */
export function nodeOf(pod: Pod): string {
  const node = pod.spec?.nodeName
  if (!node) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
  return node
}

/** The connection of the node a pod is bound to: 404 while there is no such node, 502 while it is not connected. */
export async function connectionTo(
  { read, tunnels }: Pick<StreamingOptions, 'read' | 'tunnels'>,
  node: string,
): Promise<NodeConnection> {
  if (!tunnels.has(node) && !(await read.get('', 'nodes', '', node)))
    throw notFound({ group: '', resource: 'nodes' }, node)
  return tunnels.get(node)
}

/** The container a request means: the one it names, or the only main one there is. */
function containerOf(pod: Pod, asked: string | null): string {
  const containers = pod.spec?.containers.map((one) => one.name) ?? []
  const init = pod.spec?.initContainers?.map((one) => one.name) ?? []
  const ephemeral = pod.spec?.ephemeralContainers?.map((one) => one.name) ?? []
  const name = pod.metadata.name
  if (asked) {
    if ([...containers, ...init, ...ephemeral].includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  const only = containers[0]
  if (containers.length === 1 && only) return only
  if (!only) throw badRequest(`a container name must be specified for pod ${name}`)
  const extra = (label: string, names: string[]) =>
    names.length > 0 ? ` or one of the ${label}: [${names.join(' ')}]` : ''
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]` +
      extra('init containers', init) +
      extra('ephemeral containers', ephemeral),
  )
}

/** What a request means of a pod; 400 where it does not say which container. */
export function containerTarget(pod: Pod, asked: string | null): ContainerTarget {
  return {
    namespace: pod.metadata.namespace ?? 'default',
    pod: pod.metadata.name,
    uid: pod.metadata.uid,
    container: containerOf(pod, asked),
  }
}

/** 503 in Kubernetes' words. */
export function serviceUnavailable(message: string, cause?: unknown): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message, undefined, { cause })
}
