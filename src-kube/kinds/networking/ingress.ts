import type { Ingress as OldIngress } from '#types/extensions/v1beta1'
import type { Ingress, IngressClass } from '#types/networking.k8s.io/v1'
import { age, ageColumn, balancerAddresses, nameColumn, NONE, text } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'
import { isDefaultClass } from './ingress-controller.ts'
import { ingressFromV1, ingressToV1 } from './ingress-conversion.ts'

export const ingress = defineKind<Ingress>({
  group: 'networking.k8s.io',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  status: true,
  hasGeneration: true,
  others: [old('networking.k8s.io', '1.19'), old('extensions', '1.14')],
  columns: [nameColumn, text('Class'), text('Hosts'), text('Address'), text('Ports'), ageColumn],
  row: (o, now) => [
    o.metadata.name,
    o.spec?.ingressClassName ?? NONE,
    hosts(o),
    balancerAddresses(o.status?.loadBalancer).join(','),
    (o.spec?.tls?.length ?? 0) > 0 ? '80, 443' : '80',
    age(o, now),
  ],
})

function old(group: string, since: string) {
  return otherVersion<OldIngress, Ingress>({
    group,
    version: 'v1beta1',
    deprecated: deprecated(since, '1.22', 'networking.k8s.io/v1 Ingress'),
    defaults: ({ spec }) => {
      for (const rule of spec?.rules ?? [])
        for (const path of rule.http?.paths ?? []) path.pathType ??= 'ImplementationSpecific'
    },
    toStorage: ingressToV1,
    fromStorage: ingressFromV1(`${group}/v1beta1`),
  })
}

/** The first three hosts, then how many more there are; `*` when no rule names one. */
function hosts({ spec }: Ingress): string {
  const named = (spec?.rules ?? []).flatMap(({ host }) => host || [])
  if (named.length === 0) return '*'
  const first = named.slice(0, 3).join(',')
  return named.length > 3 ? `${first} + ${named.length - 3} more...` : first
}

export const ingressClass = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  cluster: true,
  hasGeneration: true,
  defaults: ({ spec }) => {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  others: [
    {
      group: 'networking.k8s.io',
      version: 'v1beta1',
      deprecated: deprecated('1.19', '1.22', 'networking.k8s.io/v1 IngressClass'),
    },
  ],
  columns: [nameColumn, text('Controller'), text('Parameters'), ageColumn],
  row: (o, now) => [
    isDefaultClass(o) ? `${o.metadata.name} (default)` : o.metadata.name,
    o.spec?.controller ?? '',
    parameters(o),
    age(o, now),
  ],
})

function parameters({ spec }: IngressClass): string {
  const p = spec?.parameters
  if (!p) return NONE
  return `${p.kind}${p.apiGroup ? `.${p.apiGroup}` : ''}/${p.name}`
}
