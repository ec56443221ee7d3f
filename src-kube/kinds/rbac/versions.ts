import type { ClusterRoleBinding, RoleBinding } from '#types/rbac.authorization.k8s.io/v1'
import type { ServedVersion } from '../descriptor.ts'
import { otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

type Binding = RoleBinding | ClusterRoleBinding

/** rbac v1beta1: the same shape. */
export function oldRbac(kind: string, defaults?: (object: Binding) => void): ServedVersion {
  return otherVersion<Binding, Binding>({
    group: RBAC_GROUP,
    version: 'v1beta1',
    deprecated: deprecated('1.17', '1.22', `${RBAC_GROUP}/v1 ${kind}`),
    ...(defaults ? { defaults } : {}),
  })
}

/** Users and groups belong to the rbac group, as the reference to the role does; service accounts to the core group. */
export function defaultBinding(object: Binding): void {
  if (object.roleRef) object.roleRef.apiGroup ||= RBAC_GROUP
  for (const subject of object.subjects ?? [])
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP
}
