import type { ClusterRole, Role } from '#types/rbac.authorization.k8s.io/v1'
import { createdAtColumn, nameColumn } from '../cells.ts'
import { defineKind } from '../define.ts'
import { oldRbac, RBAC_GROUP } from './versions.ts'

export const role = defineKind<Role>({
  group: RBAC_GROUP,
  kind: 'Role',
  plural: 'roles',
  others: [oldRbac('Role')],
  columns: [nameColumn, createdAtColumn],
  row: (o) => [o.metadata.name, o.metadata.creationTimestamp ?? null],
})

export const clusterRole = defineKind<ClusterRole>({
  group: RBAC_GROUP,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  cluster: true,
  others: [oldRbac('ClusterRole')],
  columns: [nameColumn, createdAtColumn],
  row: (o) => [o.metadata.name, o.metadata.creationTimestamp ?? null],
})
