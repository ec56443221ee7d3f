import type { Node, Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { Duplex } from 'node:stream'
import { notFound, badRequest } from '../../../../src-kube/machinery/errors.ts'
import type { ObjectReader } from '../../admission/admission.ts'
import type { NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import { dialWords } from '../http/dial-words.ts'
import type { ConnectTarget, StreamingOptions } from './index.ts'
import { nodeOf, readPod, serviceUnavailable } from './pod-target.ts'

/** Where a proxied request goes: an address that one node can reach. */
export interface Backend {
  node: string
  host: string
  port: number
  tls: boolean
}

/** `name`, `name:port` or `scheme:name:port`, as the proxy subresource spells its target (kubernetes.io, "Manually constructing apiserver proxy URLs"). */
export function parseProxyName(text: string, kind: string): { name: string; port: string; tls: boolean } {
  const parts = text.split(':')
  if (parts.length === 1) return { name: text, port: '', tls: false }
  if (parts.length === 2) return { name: parts[0]!, port: parts[1]!, tls: false }
  const [scheme, name = '', port = ''] = parts
  if (parts.length !== 3 || (scheme !== 'http' && scheme !== 'https' && scheme !== '')) {
    throw badRequest(`invalid ${kind} request "${text}"`)
  }
  return { name, port, tls: scheme === 'https' }
}

/** Finds the backend of a `proxy` subresource. Throws in Kubernetes' words when there is none. */
export function findBackend({ read, tunnels }: StreamingOptions, target: ConnectTarget): Promise<Backend> {
  switch (target.resource) {
    case 'pods':
      return podBackend(read, target)
    case 'services':
      return serviceBackend(read, target, tunnels)
    default:
      return nodeBackend(read, target)
  }
}

/** A connection from the backend's node. Throws `StatusError` 503 when the node or the address cannot be reached. */
export async function dialBackend(options: StreamingOptions, backend: Backend): Promise<Duplex> {
  try {
    return await options.tunnels.get(backend.node).dial(backend.host, backend.port)
  } catch (error) {
    throw serviceUnavailable(`error trying to reach service: ${dialWords(error)}`, error)
  }
}

async function podBackend(read: ObjectReader, target: ConnectTarget): Promise<Backend> {
  const { name, port, tls } = parseProxyName(target.name, 'pod')
  const pod = await readPod(read, target.namespace, name)
  const host = pod.status?.podIP
  if (!host) throw badRequest('address not allowed')
  const node = nodeOf(pod)
  const ports = pod.spec?.containers.flatMap((container) => container.ports ?? []) ?? []
  const named = ports.find((one) => one.name === port)?.containerPort
  const first = ports[0]?.containerPort ?? 80
  const number = port === '' ? first : (named ?? Number(port))
  if (!Number.isInteger(number))
    throw serviceUnavailable(`error trying to reach service: dial tcp: lookup tcp/${port}: unknown port`)
  return { node, host, port: number, tls }
}

async function serviceBackend(read: ObjectReader, target: ConnectTarget, tunnels: NodeTunnels): Promise<Backend> {
  const { name, port, tls } = parseProxyName(target.name, 'service')
  const service = (await read.get('', 'services', target.namespace, name)) as Service | undefined
  if (!service) throw notFound({ group: '', resource: 'services' }, name)
  const ports = service.spec?.ports ?? []
  const byNumber = /^\d+$/.test(port)
  const isChosen = (one: (typeof ports)[number]): boolean => (byNumber ? String(one.port) : (one.name ?? '')) === port
  const chosen = port === '' && ports.length === 1 ? ports[0] : ports.find(isChosen)
  if (!chosen && byNumber) throw serviceUnavailable(`no service port ${port} found for service "${name}"`)
  if (!chosen) throw serviceUnavailable(`no endpoints available for service "${target.name}"`)
  const slices = (await read.list('discovery.k8s.io', 'endpointslices', target.namespace)) as EndpointSlice[]
  const candidates: Backend[] = []
  for (const slice of slices) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== name) continue
    const number = slice.ports?.find((one) => (one.name ?? '') === (chosen.name ?? ''))?.port
    if (!number) continue
    for (const { conditions, addresses, nodeName } of slice.endpoints ?? []) {
      const host = addresses[0]
      // An address of no node in particular is reached from any.
      const node = nodeName ?? tunnels.list()[0]
      if (conditions?.ready === false || !host || !node) continue
      candidates.push({ node, host, port: number, tls })
    }
  }
  const picked = candidates[Math.floor(Math.random() * candidates.length)]
  if (!picked) throw serviceUnavailable(`no endpoints available for service "${name}"`)
  return picked
}

async function nodeBackend(read: ObjectReader, target: ConnectTarget): Promise<Backend> {
  const { name, port, tls } = parseProxyName(target.name, 'node')
  const node = (await read.get('', 'nodes', '', name)) as Node | undefined
  if (!node) throw notFound({ group: '', resource: 'nodes' }, name)
  return { node: name, host: '127.0.0.1', port: port === '' ? KUBELET_PORT : Number(port), tls }
}

/** The kubelet's own port: requests for it need no connection, the tunnel is one to the kubelet. */
export const KUBELET_PORT = 10_250
