import type { Service } from '#types/core/v1'
import type { Endpoint, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { aboutZone } from './apex.ts'

/** One endpoint of a headless service, ready to be answered. */
export interface HeadlessEndpoint {
  address: string
  /** First label of its own name: its hostname, else its address with dashes. */
  label: string
  ports: ReadonlyArray<{ name: string; protocol: string; port: number }>
}

/** Where the zone's data comes from: caches, read at each query and never copied. */
export interface ZoneSource {
  service(namespace: string, name: string): Service | undefined
  slices(namespace: string, service: string): readonly EndpointSlice[]
  hasNamespace(namespace: string): boolean
  /** Name of the service that has this cluster IP, and of the headless endpoint with this address: for PTR. */
  reverse(address: string): { namespace: string; service: string; label?: string } | undefined
}

/** One record (RFC 1035); `data` is as dns-packet writes it for the type. */
export interface ZoneRecord {
  type: 'A' | 'CNAME' | 'NS' | 'SOA' | 'SRV' | 'PTR' | 'TXT'
  name: string
  data: unknown
}

/** What is asked of the zone: a name, and the type of the records that are wanted. */
export interface ZoneQuestion {
  name: string
  type: string
}

/** What the zone says of a question. */
export interface ZoneAnswer {
  /** `outside`: not a name of this zone, ask upstream. */
  status: 'found' | 'no-data' | 'no-name' | 'outside'
  records: ZoneRecord[]
  /** Addresses of the targets of SRV records. */
  additional: ZoneRecord[]
  /** A name outside the zone that the client will want next (ExternalName). */
  follow?: string
}

const answer = (records: ZoneRecord[], additional: ZoneRecord[] = []): ZoneAnswer => ({
  status: records.length > 0 ? 'found' : 'no-data',
  records,
  additional,
})
const outside: ZoneAnswer = { status: 'outside', records: [], additional: [] }
const noName: ZoneAnswer = { status: 'no-name', records: [], additional: [] }

/**
 * Answers a question as "Kubernetes DNS-Based Service Discovery" (github.com/kubernetes/dns, specification 1.1) lays down: A and
 * SRV of services, headless services and their endpoints, CNAME of external names, A of pods, PTR; and as CoreDNS does, SRV also by names
 * without a port. IPv4 only.
 */
export function resolve(source: ZoneSource, domain: string, question: ZoneQuestion): ZoneAnswer {
  const name = question.name.toLowerCase().replace(/\.$/, '')
  const asked = { name, type: question.type }
  if (name.endsWith('.in-addr.arpa')) return reverse(source, domain, asked)
  if (name !== domain && !name.endsWith(`.${domain}`)) return outside
  const own = aboutZone(source, domain, asked)
  if (own) return answer(own)
  const labels = name.slice(0, -domain.length - 1).split('.')
  if (labels.length === 1 && labels[0] === 'dns-version') {
    return answer(question.type === 'TXT' ? [{ type: 'TXT', name, data: '1.1.0' }] : [])
  }
  const kind = labels.at(-1)
  const namespace = labels.at(-2)
  if (kind !== 'svc' && kind !== 'pod') return noName
  if (namespace === undefined) return answer([])
  if (!source.hasNamespace(namespace)) return noName
  const rest = labels.slice(0, -2)
  if (rest.length === 0) return answer([])
  return kind === 'pod'
    ? podAddress(name, rest, question.type)
    : serviceName(source, domain, { name, namespace, rest, type: question.type })
}

interface ServiceQuestion {
  name: string
  namespace: string
  /** Labels before the namespace. */
  rest: string[]
  type: string
}

function serviceName(source: ZoneSource, domain: string, question: ServiceQuestion): ZoneAnswer {
  const { name, namespace, rest, type } = question
  const service = source.service(namespace, rest.at(-1)!)
  if (!service) return noName
  const before = rest.slice(0, -1)
  if (service.spec.type === 'ExternalName') {
    if (before.length > 0 || !service.spec.externalName) return noName
    const target = service.spec.externalName.toLowerCase().replace(/\.$/, '')
    return { ...answer([{ type: 'CNAME', name, data: target }]), follow: target }
  }
  const endpoints = headlessEndpoints(source, service)
  const isHeadless = service.spec.clusterIP === 'None'
  if (before.length === 2 && before[0]!.startsWith('_') && before[1]!.startsWith('_')) {
    const named = { port: before[0]!.slice(1), protocol: before[1]!.slice(1) }
    const found = located({ name, domain, service, endpoints: isHeadless ? endpoints : undefined, named })
    if (found.records.length === 0) return noName
    return type === 'SRV' ? found : answer([])
  }
  if (before.length > 1 || !service.spec.clusterIP) return noName
  if (before.length === 0 && !isHeadless) {
    if (type === 'SRV') return located({ name, domain, service })
    return answer(type === 'A' ? [{ type: 'A', name, data: service.spec.clusterIP }] : [])
  }
  // An endpoint has its name below a service with an address too, as CoreDNS has it.
  const wanted = before.length === 0 ? endpoints : endpoints.filter((e) => e.label === before[0])
  if (wanted.length === 0) return noName
  if (type === 'SRV') return located({ name, domain, service, endpoints: wanted })
  return answer(type === 'A' ? wanted.map((e) => ({ type: 'A', name, data: e.address })) : [])
}

interface Located {
  /** As it was asked for. */
  name: string
  domain: string
  service: Service
  /** Undefined for the ports of the service's own address. */
  endpoints?: readonly HeadlessEndpoint[] | undefined
  /** Undefined for all ports: a name without port, which is how peers of a stateful set look for each other. */
  named?: { port: string; protocol: string }
}

/** SRV of ports, with the addresses of their targets. */
function located({ name, domain, service, endpoints, named }: Located): ZoneAnswer {
  const base = `${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`
  const isWanted = (port: { name?: string | undefined; protocol?: string | undefined }): boolean =>
    !named || ((port.name ?? '') === named.port && (port.protocol ?? 'TCP').toLowerCase() === named.protocol)
  const targeted = endpoints?.map(({ label, address, ports }) => ({ target: `${label}.${base}`, address, ports })) ?? [
    { target: base, address: service.spec.clusterIP, ports: service.spec.ports ?? [] },
  ]
  const found = targeted.map((one) => ({ ...one, ports: one.ports.filter(isWanted) }))
  const places = found.flatMap(({ target, ports }) => ports.map(({ port }) => ({ port, target })))
  // As CoreDNS has it: a hundred is divided among all.
  const weight = Math.max(1, Math.floor(100 / places.length))
  const records = places.map((place) => ({ type: 'SRV' as const, name, data: { priority: 0, weight, ...place } }))
  const targets = found.filter(({ ports }) => ports.length > 0)
  return answer(
    records,
    targets.map(({ target, address }) => ({ type: 'A', name: target, data: address })),
  )
}

/** Ready endpoints (all of them with publishNotReadyAddresses: their slices then say ready). */
export function headlessEndpoints(source: ZoneSource, service: Service): HeadlessEndpoint[] {
  const found = new Map<string, HeadlessEndpoint>()
  for (const slice of source.slices(service.metadata.namespace ?? '', service.metadata.name)) {
    if (slice.addressType !== 'IPv4') continue
    const ports = (slice.ports ?? []).map((p) => ({
      name: p.name ?? '',
      protocol: p.protocol ?? 'TCP',
      port: p.port ?? 0,
    }))
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue
      for (const address of endpoint.addresses)
        found.set(address, { address, label: labelOf(endpoint, address), ports })
    }
  }
  return [...found.values()]
}

const labelOf = (endpoint: Endpoint, address: string): string => endpoint.hostname || address.replaceAll('.', '-')

/** An octet as addresses are written: decimal, without leading zeros. */
const OCTET = /^(0|[1-9]\d{0,2})$/

/** `10-244-1-7.<namespace>.pod.<domain>`: the address is in the name. */
function podAddress(name: string, rest: string[], type: string): ZoneAnswer {
  const octets = rest.length === 1 ? rest[0]!.split('-') : []
  if (octets.length !== 4 || octets.some((text) => !OCTET.test(text) || Number(text) > 255)) return noName
  return answer(type === 'A' ? [{ type: 'A', name, data: octets.join('.') }] : [])
}

function reverse(source: ZoneSource, domain: string, { name, type }: ZoneQuestion): ZoneAnswer {
  const address = name.slice(0, -'.in-addr.arpa'.length).split('.').toReversed().join('.')
  const found = source.reverse(address)
  if (!found) return outside
  const owner = `${found.service}.${found.namespace}.svc.${domain}`
  return answer(type === 'PTR' ? [{ type: 'PTR', name, data: found.label ? `${found.label}.${owner}` : owner }] : [])
}
