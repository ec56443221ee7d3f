import type { Endpoints } from '#types/core/v1'
import { age, ageColumn, nameColumn, NONE, text } from '../cells.ts'
import { defineKind } from '../define.ts'

const SHOWN = 3

export const endpoints = defineKind<Endpoints>({
  group: '',
  kind: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
  warning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  defaults: ({ subsets }) => {
    for (const subset of subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP'
  },
  columns: [nameColumn, text('Endpoints'), ageColumn],
  row: (o, now) => [o.metadata.name, addresses(o), age(o, now)],
})

/** The first three `address:port`, then how many more there are. */
function addresses({ subsets }: Endpoints): string {
  const all = (subsets ?? []).flatMap(({ ports, addresses: ready }) => {
    const hosts = (ready ?? []).map((a) => a.ip)
    if (!ports || ports.length === 0) return hosts
    return ports.flatMap((port) => hosts.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${port.port}`))
  })
  if (all.length === 0) return NONE
  const first = all.slice(0, SHOWN).join(',')
  return all.length > SHOWN ? `${first} + ${all.length - SHOWN} more...` : first
}
