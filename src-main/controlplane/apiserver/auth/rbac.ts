import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '#types/rbac.authorization.k8s.io/v1'
import type { ObjectReader, UserInfo } from '../../admission/admission.ts'
import type { AccessAttributes, Authorizer, Decision } from './auth.ts'

const GROUP = 'rbac.authorization.k8s.io'
/** What the group `system:masters` may do. */
const EVERYTHING: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

const ALLOWED: Decision = { allowed: true }
const REFUSED: Decision = { allowed: false }

interface Binding {
  /** `` for a cluster role binding: everywhere. */
  namespace: string
  subjects: readonly Subject[]
  rules: readonly PolicyRule[]
  /** For the reason: `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. */
  words: string
}

export interface Rbac {
  authorize: Authorizer
  /** Roles or bindings changed: the index is built anew at the next question. */
  invalidate(): void
  /** For SelfSubjectRulesReview. */
  rulesFor(user: UserInfo, namespace: string): Promise<{ resourceRules: object[]; nonResourceRules: object[] }>
  /** Every rule a user has in a namespace (`` for cluster-wide), for escalation checks. */
  policyRules(user: UserInfo, namespace: string): Promise<PolicyRule[]>
}

/**
 * Role based access control (kubernetes.io, "Using RBAC Authorization"). Bindings are indexed by subject, and what a user's subjects
 * come to is remembered until a role or binding changes: a decision is then some comparisons.
 */
export function rbacAuthorizer(read: ObjectReader): Rbac {
  let index: Promise<Map<string, Binding[]>> | undefined
  let ready: Map<string, Binding[]> | undefined

  // A build that was overtaken by a change must not become the index: revoked rights would live on.
  const current = (): Promise<Map<string, Binding[]>> => {
    if (index) return index
    const building = buildIndex(read)
    index = building
    building.then(
      (built) => {
        if (index === building) ready = built
      },
      () => {
        if (index === building) index = undefined
      },
    )
    return building
  }
  // What a user's subjects come to in the index they were looked up in. Authentication gives the same object for the same user.
  let known = new WeakMap<UserInfo, readonly Binding[]>()
  let knownOf: Map<string, Binding[]> | undefined
  const allOf = (built: Map<string, Binding[]>, user: UserInfo): readonly Binding[] => {
    if (knownOf !== built) {
      known = new WeakMap()
      knownOf = built
    }
    let found = known.get(user)
    if (!found) {
      found = subjectsOf(user).flatMap((subject) => built.get(subject) ?? [])
      known.set(user, found)
    }
    return found
  }
  const bindingsOf = (built: Map<string, Binding[]>, user: UserInfo, namespace: string): readonly Binding[] =>
    allOf(built, user).filter((binding) => binding.namespace === '' || binding.namespace === namespace)

  return {
    authorize(attributes) {
      if (attributes.user.groups.includes('system:masters')) return ALLOWED
      return ready
        ? decide(allOf(ready, attributes.user), attributes)
        : current().then((built) => decide(allOf(built, attributes.user), attributes))
    },
    invalidate() {
      index = undefined
      ready = undefined
    },
    async rulesFor(user, namespace) {
      const all = user.groups.includes('system:masters') ? EVERYTHING : []
      const rules = [...all, ...bindingsOf(await current(), user, namespace).flatMap((binding) => binding.rules)]
      return {
        resourceRules: rules.filter((rule) => !rule.nonResourceURLs),
        nonResourceRules: rules.filter((rule) => rule.nonResourceURLs),
      }
    },
    async policyRules(user, namespace) {
      if (user.groups.includes('system:masters')) return EVERYTHING
      return bindingsOf(await current(), user, namespace).flatMap((binding) => binding.rules)
    },
  }
}

function decide(bindings: readonly Binding[], attributes: AccessAttributes): Decision {
  for (const binding of bindings) {
    if (binding.namespace !== '' && binding.namespace !== attributes.namespace) continue
    for (const rule of binding.rules)
      if (covers(rule, attributes)) return { allowed: true, reason: `RBAC: allowed by ${binding.words}` }
  }
  return REFUSED
}

function subjectsOf(user: UserInfo): string[] {
  return [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)]
}

const keyOf = (subject: Subject, namespace: string): string =>
  subject.kind === 'ServiceAccount'
    ? `User system:serviceaccount:${subject.namespace || namespace}:${subject.name}`
    : `${subject.kind} ${subject.name}`

async function buildIndex(read: ObjectReader): Promise<Map<string, Binding[]>> {
  const [roles, clusterRoles, bindings, clusterBindings] = await Promise.all(
    ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((resource) => read.list(GROUP, resource)),
  )
  const rules = new Map<string, readonly PolicyRule[]>()
  for (const role of roles as unknown as Role[])
    rules.set(`Role ${role.metadata.namespace}/${role.metadata.name}`, role.rules ?? [])
  for (const role of clusterRoles as unknown as ClusterRole[])
    rules.set(`ClusterRole ${role.metadata.name}`, role.rules ?? [])
  const index = new Map<string, Binding[]>()
  const add = (binding: RoleBinding | ClusterRoleBinding, namespace: string): void => {
    const { kind, name } = binding.roleRef
    const found = rules.get(kind === 'Role' ? `Role ${namespace}/${name}` : `ClusterRole ${name}`)
    if (!found) return
    for (const subject of binding.subjects ?? []) {
      const own =
        namespace === ''
          ? `ClusterRoleBinding ${JSON.stringify(binding.metadata.name)}`
          : `RoleBinding ${JSON.stringify(`${binding.metadata.name}/${namespace}`)}`
      const words = `${own} of ${kind} ${JSON.stringify(name)} to ${subject.kind} ${JSON.stringify(subject.name)}`
      const key = keyOf(subject, namespace)
      index.set(key, [...(index.get(key) ?? []), { namespace, subjects: [subject], rules: found, words }])
    }
  }
  for (const binding of bindings as unknown as RoleBinding[]) add(binding, binding.metadata.namespace ?? '')
  for (const binding of clusterBindings as unknown as ClusterRoleBinding[]) add(binding, '')
  return index
}

const any = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value))

/** Whether one rule allows a request. */
export function covers(rule: PolicyRule, attributes: AccessAttributes): boolean {
  if (!any(rule.verbs, attributes.verb)) return false
  if (attributes.resource === '')
    return rule.nonResourceURLs?.some((pattern) => matchesPath(pattern, attributes.path)) ?? false
  if (!any(rule.apiGroups, attributes.group)) return false
  if (!matchesResource(rule.resources, attributes.resource, attributes.subresource)) return false
  return !rule.resourceNames?.length || rule.resourceNames.includes(attributes.name)
}

function matchesResource(resources: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (!resources) return false
  const whole = subresource ? `${resource}/${subresource}` : resource
  return resources.some((r) => r === '*' || r === whole || (subresource !== '' && r === `*/${subresource}`))
}

const matchesPath = (pattern: string, path: string): boolean =>
  pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))
