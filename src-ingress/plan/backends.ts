import type { Service, ServicePort } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { IngressServiceBackend } from '#types/networking.k8s.io/v1'
import { isDns1123Subdomain } from '../../src-kube/machinery/names.ts'
import { parseIp } from '../../src-kube/machinery/ip-address.ts'
import type { Backend, Cookie, Upstream } from './model.ts'

/** What the cluster knows, by `namespace/name`. */
export interface Known {
  service(key: string): Service | undefined
  /** The slices of a service. */
  slices(key: string): readonly EndpointSlice[]
}

/**
 * The ready endpoints of the port that an Ingress names: requests go to pods themselves, so that cookies can choose among them and one that does not answer
 * is passed over. A service without any, or that is not there, leads nowhere.
 */
export function backendOf(
  { name, port: asked }: IngressServiceBackend,
  namespace: string,
  known: Known,
  cookie?: Cookie,
): { backend: Backend; upstream?: Upstream } {
  const none: { backend: Backend } = { backend: { type: 'none' } }
  const key = `${namespace}/${name}`
  const service = known.service(key)
  if (!service) return none
  const port = (service.spec.ports ?? []).find((one) => isAsked(one, asked))
  if (service.spec.type === 'ExternalName') return outside(service, port?.port ?? asked?.number) ?? none
  if (!port) return none
  const servers = known.slices(key).flatMap((slice) => serversOf(slice, port.name ?? ''))
  if (servers.length === 0) return none
  const sorted = [...new Set(servers)].toSorted()
  const common = cookie ? undefined : commonPort(sorted)
  const upstream: Upstream = {
    name: [name, port.port, namespace, ...(cookie ? ['by', cookie.name] : [])].join('.'),
    servers: sorted,
    ...(cookie ? { cookie } : {}),
    ...(common ? { port: common } : {}),
  }
  return { backend: { type: 'pods', upstream: upstream.name, ...(common ? { port: common } : {}) }, upstream }
}

/** As many addresses as fit into one answer of DNS over UDP, as nginx takes it. */
const MOST = 40

/** The port of all servers, if they have one in common and an answer of DNS can hold them. */
function commonPort(servers: readonly string[]): number | undefined {
  const ports = new Set(servers.map((one) => Number(one.slice(one.lastIndexOf(':') + 1))))
  const isPlain = servers.length <= MOST && servers.every((one) => !one.startsWith('['))
  return isPlain && ports.size === 1 ? [...ports][0] : undefined
}

const isAsked = (port: ServicePort, asked: IngressServiceBackend['port']): boolean =>
  asked?.name ? port.name === asked.name : port.port === asked?.number

function outside({ spec }: Service, port = 80): { backend: Backend } | undefined {
  const host = (spec.externalName ?? '').replace(/\.$/, '').toLowerCase()
  return isDns1123Subdomain(host).length === 0 ? { backend: { type: 'outside', host, port } } : undefined
}

/** Addresses of a slice's endpoints that are ready; whether one is that says nothing (kubernetes.io, "EndpointSlices: Conditions") counts as ready. */
function serversOf({ endpoints, ports }: EndpointSlice, name: string): string[] {
  const port = (ports ?? []).find((one) => (one.name ?? '') === name)?.port
  if (!port) return []
  return (endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses }) => addresses[0] ?? [])
    .flatMap((address) => {
      const family = parseIp(address)?.family
      return family ? [`${family === 6 ? `[${address}]` : address}:${port}`] : []
    })
}
