import type { ClusterRoleBinding, RoleBinding } from '#types/rbac.authorization.k8s.io/v1'
import { age, ageColumn, type Cell, nameColumn, text, wideText } from '../cells.ts'
import { defineKind } from '../define.ts'
import { defaultBinding, oldRbac, RBAC_GROUP } from './versions.ts'

const columns = [
  nameColumn,
  text('Role'),
  ageColumn,
  wideText('Users'),
  wideText('Groups'),
  wideText('ServiceAccounts'),
]

export const roleBinding = defineKind<RoleBinding>({
  group: RBAC_GROUP,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  defaults: defaultBinding,
  others: [oldRbac('RoleBinding', defaultBinding)],
  columns,
  row,
})

export const clusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: RBAC_GROUP,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  cluster: true,
  defaults: defaultBinding,
  others: [oldRbac('ClusterRoleBinding', defaultBinding)],
  columns,
  row,
})

function row(object: RoleBinding | ClusterRoleBinding, now: number): Cell[] {
  const of = (kind: string) => (object.subjects ?? []).filter((s) => s.kind === kind)
  return [
    object.metadata.name,
    `${object.roleRef.kind}/${object.roleRef.name}`,
    age(object, now),
    of('User')
      .map((s) => s.name)
      .join(', '),
    of('Group')
      .map((s) => s.name)
      .join(', '),
    of('ServiceAccount')
      .map((s) => `${s.namespace}/${s.name}`)
      .join(', '),
  ]
}
