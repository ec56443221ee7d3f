import type { ZoneQuestion, ZoneRecord, ZoneSource } from './zone.ts'

/** Seconds that answers about the cluster may be kept. */
export const TTL = 5

/** The name server of the zone, as CoreDNS calls it. */
const serverOf = (domain: string): string => `ns.dns.${domain}`

/** Who is responsible for the zone; told beside each answer that there is none (RFC 2308). */
export const startOfAuthority = (domain: string): ZoneRecord => ({
  type: 'SOA',
  name: domain,
  data: {
    mname: serverOf(domain),
    rname: `hostmaster.${domain}`,
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: TTL,
  },
})

/** What is said of the zone itself; undefined for names that are not about it. Pure. */
export function aboutZone(source: ZoneSource, domain: string, { name, type }: ZoneQuestion): ZoneRecord[] | undefined {
  const server = serverOf(domain)
  if (name === domain && type === 'SOA') return [startOfAuthority(domain)]
  if (name === domain) return type === 'NS' ? [{ type: 'NS', name, data: server }] : []
  if (name !== server && name !== `dns.${domain}`) return undefined
  const address = source.service('kube-system', 'kube-dns')?.spec.clusterIP
  return name === server && type === 'A' && address ? [{ type: 'A', name, data: address }] : []
}
