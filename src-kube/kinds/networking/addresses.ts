import type { IPAddress, ServiceCIDR } from '#types/networking.k8s.io/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'

const GROUP = 'networking.k8s.io'

/** kubernetes.io, "Extend Service IP Ranges": one object an address that a Service holds. */
export const ipAddress = defineKind<IPAddress>({
  group: GROUP,
  kind: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  cluster: true,
  columns: [nameColumn, text('ParentRef')],
  row: (o) => [o.metadata.name, parent(o)],
  selectableFields: {},
})

function parent({ spec }: IPAddress): string {
  const ref = spec?.parentRef
  if (!ref) return '<none>'
  const resource = ref.group ? `${ref.resource ?? ''}.${ref.group}` : (ref.resource ?? '')
  return [resource, ref.namespace, ref.name].filter(Boolean).join('/')
}

export const serviceCidr = defineKind<ServiceCIDR>({
  group: GROUP,
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  cluster: true,
  status: true,
  columns: [nameColumn, text('CIDRs'), ageColumn],
  row: (o, now) => [o.metadata.name, (o.spec?.cidrs ?? []).join(','), age(o, now)],
})
