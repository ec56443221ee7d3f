import type { Service } from '#types/core/v1'
import { age, ageColumn, balancerAddresses, type Cell, labelsCell, nameColumn, NONE, text, wideText } from '../cells.ts'
import { defineKind } from '../define.ts'

export const service = defineKind<Service>({
  group: '',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  status: true,
  subresources: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] }],
  defaults: defaultService,
  columns: [
    nameColumn,
    text('Type'),
    text('Cluster-IP'),
    text('External-IP'),
    text('Port(s)'),
    ageColumn,
    wideText('Selector'),
  ],
  row,
  selectableFields: {
    'spec.clusterIP': (o) => o.spec.clusterIP ?? '',
    'spec.type': (o) => o.spec.type ?? '',
  },
})

/** Reference: core/v1 `SetDefaults_Service`. What allocation decides (addresses, families) is not here. */
function defaultService({ spec, status }: Service): void {
  if (!spec) return
  spec.type ||= 'ClusterIP'
  spec.sessionAffinity ||= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } }
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    port.targetPort ||= port.port
  }
  if (spec.type === 'ExternalName') return
  spec.internalTrafficPolicy ??= 'Cluster'
  const exposed = spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0
  const reachable = exposed || spec.type === 'NodePort' || spec.type === 'LoadBalancer'
  if (reachable) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
}

function row(object: Service, now: number): Cell[] {
  const { spec } = object
  return [
    object.metadata.name,
    spec.type ?? '',
    spec.clusterIPs?.[0] || spec.clusterIP || NONE,
    externalAddresses(object),
    ports(object),
    age(object, now),
    labelsCell(spec.selector),
  ]
}

function externalAddresses({ spec, status }: Service): string {
  const own = spec.externalIPs ?? []
  if (spec.type === 'ExternalName') return spec.externalName ?? ''
  if (spec.type !== 'LoadBalancer') return own.length > 0 ? own.join(',') : NONE
  const all = [...balancerAddresses(status?.loadBalancer), ...own]
  return all.length > 0 ? all.join(',') : '<pending>'
}

function ports({ spec }: Service): string {
  const list = (spec.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  )
  return list.length > 0 ? list.join(',') : NONE
}
