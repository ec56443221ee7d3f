import type { Endpoint, EndpointSlice } from '#types/discovery.k8s.io/v1'
import type { Endpoint as OldEndpoint, EndpointSlice as OldSlice } from '#types/discovery.k8s.io/v1beta1'
import { age, ageColumn, nameColumn, text, UNSET } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'

const ZONE_KEY = 'topology.kubernetes.io/zone'

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  hasGeneration: true,
  defaults: defaultPorts,
  others: [
    otherVersion<OldSlice, EndpointSlice>({
      group: 'discovery.k8s.io',
      version: 'v1beta1',
      deprecated: deprecated('1.21', '1.25', 'discovery.k8s.io/v1 EndpointSlice'),
      defaults: defaultPorts,
      toStorage: (old) => ({
        ...old,
        apiVersion: 'discovery.k8s.io/v1',
        endpoints: (old.endpoints ?? []).map(endpointToV1),
      }),
      fromStorage: (object) => ({
        ...object,
        apiVersion: 'discovery.k8s.io/v1beta1',
        endpoints: (object.endpoints ?? []).map(endpointFromV1),
      }),
    }),
  ],
  columns: [nameColumn, text('AddressType'), text('Ports'), text('Endpoints'), ageColumn],
  row: (o, now) => [o.metadata.name, o.addressType, ports(o), addresses(o), age(o, now)],
})

function defaultPorts(object: { ports?: EndpointSlice['ports'] }): void {
  for (const port of object.ports ?? []) {
    port.name ??= ''
    port.protocol ??= 'TCP'
  }
}

/** The old free-form topology became `zone`, `nodeName` and what else there was. */
function endpointToV1({ topology, ...rest }: OldEndpoint): Endpoint {
  if (!topology) return rest
  const { [ZONE_KEY]: zone, ...deprecatedTopology } = topology
  return {
    ...rest,
    ...(zone ? { zone } : {}),
    ...(Object.keys(deprecatedTopology).length > 0 ? { deprecatedTopology } : {}),
  }
}

function endpointFromV1({ zone, deprecatedTopology, ...rest }: Endpoint): OldEndpoint {
  const topology = { ...deprecatedTopology, ...(zone ? { [ZONE_KEY]: zone } : {}) }
  return { ...rest, ...(Object.keys(topology).length > 0 ? { topology } : {}) }
}

function ports({ ports: list }: EndpointSlice): string {
  return firstThree((list ?? []).map((p) => (p.port === undefined ? '*' : String(p.port))))
}

function addresses({ endpoints }: EndpointSlice): string {
  return firstThree((endpoints ?? []).flatMap((e) => e.addresses))
}

function firstThree(list: string[]): string {
  if (list.length === 0) return UNSET
  const first = list.slice(0, 3).join(',')
  return list.length > 3 ? `${first} + ${list.length - 3} more...` : first
}
