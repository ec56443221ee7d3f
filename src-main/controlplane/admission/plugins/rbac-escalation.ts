import { isDeepStrictEqual } from 'node:util'
import type { ClusterRole, PolicyRule, Role, RoleBinding } from '#types/rbac.authorization.k8s.io/v1'
import { forbidden, notFound, type StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
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
      const { descriptor, user, namespace, object, oldObject } = attributes
      // Labels say which roles others are made of: of these, too, a write grants what they hold.
      if (oldObject && isSame(object!, oldObject)) return
      if (descriptor.plural.endsWith('roles')) return confirmRole(attributes, held)
      const { roleRef } = object as RoleBinding
      const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles'
      if (await held.may(user, { verb: 'bind', resource: plural, namespace, name: roleRef.name })) return
      const where = plural === 'roles' ? namespace : ''
      const role = (await read.get(GROUP, plural, where, roleRef.name)) as Role | undefined
      if (!role) throw notFound({ group: GROUP, resource: plural }, roleRef.name)
      const missing = await notHeld(attributes, held, role.rules ?? [])
      if (missing.length > 0) throw granting(attributes, missing)
    },
  }
}

/** An aggregated role may come to grant anything, one that was may have gathered it. */
async function confirmRole(attributes: AdmissionAttributes, held: HeldAccess): Promise<void> {
  const { descriptor, user, namespace } = attributes
  const role = attributes.object as ClusterRole
  const asked = { verb: 'escalate', resource: descriptor.plural, namespace, name: role.metadata.name }
  if (await held.may(user, asked)) return
  const missing = await notHeld(attributes, held, role.rules ?? [])
  if (missing.length > 0) throw granting(attributes, missing)
  const aggregates = [role, attributes.oldObject as ClusterRole | undefined].some(
    (one) => one?.aggregationRule?.clusterRoleSelectors?.length,
  )
  if (aggregates && (await notHeld(attributes, held, full)).length > 0)
    throw denial(attributes, 'must have cluster-admin privileges to use the aggregationRule')
}

/** Whether a write changes nothing but what garbage collection writes, which anybody may who may write the object. */
function isSame(object: KubeObject, old: KubeObject): boolean {
  return isDeepStrictEqual(withoutCollected(object), withoutCollected(old))
}

/** As JSON has it: fields that are undefined are absent. */
function withoutCollected({ metadata, ...rest }: KubeObject): unknown {
  const { ownerReferences: _, finalizers: _2, managedFields: _3, resourceVersion: _4, ...kept } = metadata
  return JSON.parse(JSON.stringify({ ...rest, metadata: kept }))
}

async function notHeld({ user, namespace }: AdmissionAttributes, held: HeldAccess, wanted: readonly PolicyRule[]) {
  return notCovered(await held.rules(user, namespace), wanted)
}

function granting(attributes: AdmissionAttributes, missing: readonly PolicyRule[]): StatusError {
  const { user } = attributes
  const who = `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)})`
  const rules = missing.map(ruleWords).join('\n')
  return denial(attributes, `${who} is attempting to grant RBAC permissions not currently held:\n${rules}`)
}

const denial = (attributes: AdmissionAttributes, words: string): StatusError =>
  forbidden({ group: GROUP, resource: attributes.descriptor.plural }, refusalName(attributes), words)
