import type { ClusterRole, PolicyRule, Role, RoleBinding } from '#types/rbac.authorization.k8s.io/v1'
import { forbidden, notFound } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader, UserInfo } from '../admission.ts'
import { refusalName } from '../refusal-name.ts'
import { notCovered, quotedList, ruleWords } from './rbac-rules.ts'

const GROUP = 'rbac.authorization.k8s.io'
const full: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** One thing that somebody may be allowed (`escalate` a role, `approve` for a signer). */
export interface AskedAccess {
  verb: string
  /** That of RBAC when absent. */
  group?: string
  resource: string
  /** `` where the resource has none. */
  namespace: string
  name: string
}

/** What the one who asks holds already. */
export interface HeldAccess {
  may(user: UserInfo, asked: AskedAccess): Promise<boolean>
  /** Every rule a user has in a namespace; `` for cluster-wide. */
  rules(user: UserInfo, namespace: string): Promise<readonly PolicyRule[]>
}

/**
 * Nobody hands out by a role or binding what they do not hold themselves, unless they may `escalate` or `bind`
 * (kubernetes.io, "Using RBAC Authorization: Privilege escalation prevention and bootstrapping").
 */
export function rbacEscalation(read: ObjectReader, held: HeldAccess): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((plural) => `${plural}.${GROUP}`),
    handles: ({ operation, user }) =>
      (operation === 'CREATE' || operation === 'UPDATE') && !user.groups.includes('system:masters'),
    async validate(attributes) {
      const { descriptor, user, namespace, object } = attributes
      if (descriptor.plural.endsWith('roles')) {
        const wanted = rulesOfRole(attributes)
        const { name } = object!.metadata
        if (!wanted || (await held.may(user, { verb: 'escalate', resource: descriptor.plural, namespace, name })))
          return
        return confirm(attributes, held, wanted)
      }
      const { roleRef, subjects } = object as RoleBinding
      const before = attributes.oldObject as RoleBinding | undefined
      if (before && equal(before.roleRef, roleRef) && equal(before.subjects, subjects)) return
      const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles'
      if (await held.may(user, { verb: 'bind', resource: plural, namespace, name: roleRef.name })) return
      const where = plural === 'roles' ? namespace : ''
      const role = (await read.get(GROUP, plural, where, roleRef.name)) as Role | undefined
      if (!role) throw notFound({ group: GROUP, resource: plural }, roleRef.name)
      await confirm(attributes, held, role.rules ?? [])
    },
  }
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

/** What a role would grant anew; undefined when the write changes nothing of it. An aggregated role may come to grant anything. */
function rulesOfRole({ object, oldObject }: AdmissionAttributes): readonly PolicyRule[] | undefined {
  const role = object as ClusterRole
  const before = oldObject as ClusterRole | undefined
  if (before && equal(before.rules, role.rules) && equal(before.aggregationRule, role.aggregationRule)) return undefined
  return role.aggregationRule?.clusterRoleSelectors?.length ? full : (role.rules ?? [])
}

async function confirm(attributes: AdmissionAttributes, held: HeldAccess, wanted: readonly PolicyRule[]) {
  const { user, namespace, descriptor } = attributes
  const missing = notCovered(await held.rules(user, namespace), wanted)
  if (missing.length === 0) return
  const who = `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)})`
  const words = `${who} is attempting to grant RBAC permissions not currently held:\n${missing.map(ruleWords).join('\n')}`
  throw forbidden({ group: GROUP, resource: descriptor.plural }, refusalName(attributes), words)
}
