import type { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '#types/resource.k8s.io/v1'
import { age, ageColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'

const GROUP = 'resource.k8s.io'

/** kubernetes.io, "Dynamic Resource Allocation". */
export const deviceClass = defineKind<DeviceClass>({
  group: GROUP,
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  cluster: true,
  hasGeneration: true,
  columns: [nameColumn, ageColumn],
  row: (o, now) => [o.metadata.name, age(o, now)],
})

export const resourceClaim = defineKind<ResourceClaim>({
  group: GROUP,
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  status: true,
  defaults: ({ spec }) => defaultRequests(spec),
  columns: [nameColumn, text('State'), ageColumn],
  row: (o, now) => [o.metadata.name, state(o), age(o, now)],
})

function state({ metadata, status }: ResourceClaim): string {
  const states = [
    ...(metadata.deletionTimestamp ? ['deleted'] : []),
    ...(status?.allocation ? ['allocated'] : []),
    ...(status?.reservedFor?.length ? ['reserved'] : []),
  ]
  return states.length > 0 ? states.join(',') : 'pending'
}

export const resourceClaimTemplate = defineKind<ResourceClaimTemplate>({
  group: GROUP,
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  defaults: ({ spec }) => defaultRequests(spec?.spec),
  columns: [nameColumn, ageColumn],
  row: (o, now) => [o.metadata.name, age(o, now)],
})

/** A request is for exactly one device unless it says otherwise. */
function defaultRequests(spec: ResourceClaim['spec'] | undefined): void {
  for (const request of spec?.devices?.requests ?? [])
    for (const wish of [request.exactly, ...(request.firstAvailable ?? [])]) {
      if (!wish) continue
      wish.allocationMode ??= 'ExactCount'
      if (wish.allocationMode === 'ExactCount') wish.count ??= 1
    }
}

export const resourceSlice = defineKind<ResourceSlice>({
  group: GROUP,
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  cluster: true,
  hasGeneration: true,
  columns: [nameColumn, text('Node'), text('Driver'), text('Pool'), ageColumn],
  row: (o, now) => [
    o.metadata.name,
    o.spec?.nodeName ?? '<unset>',
    o.spec?.driver ?? '',
    o.spec?.pool?.name ?? '',
    age(o, now),
  ],
  selectableFields: {
    'spec.nodeName': (o) => o.spec?.nodeName ?? '',
    'spec.driver': (o) => o.spec?.driver ?? '',
  },
})
