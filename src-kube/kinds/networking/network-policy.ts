import type { NetworkPolicy } from '#types/networking.k8s.io/v1'
import { age, ageColumn, nameColumn, selectorCell, text } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'

export const networkPolicy = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  hasGeneration: true,
  defaults,
  others: [
    otherVersion<NetworkPolicy, NetworkPolicy>({
      group: 'extensions',
      version: 'v1beta1',
      deprecated: deprecated('1.9', '1.16', 'networking.k8s.io/v1 NetworkPolicy'),
      defaults,
    }),
  ],
  columns: [nameColumn, text('Pod-Selector'), ageColumn],
  row: (o, now) => [o.metadata.name, selectorCell(o.spec?.podSelector), age(o, now)],
})

/** A policy that says nothing isolates all pods of its namespace from what comes to them. */
function defaults(policy: NetworkPolicy): void {
  const spec = (policy.spec ??= {})
  spec.podSelector ??= {}
  const rules = [...(spec.ingress ?? []), ...(spec.egress ?? [])]
  for (const rule of rules) for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
  if (!spec.policyTypes || spec.policyTypes.length === 0)
    spec.policyTypes = (spec.egress?.length ?? 0) > 0 ? ['Ingress', 'Egress'] : ['Ingress']
}
