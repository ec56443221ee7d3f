import type { PolicyRule } from '#types/rbac.authorization.k8s.io/v1'
import { aggregated } from '../../../../src-kube/machinery/errors.ts'
import type { ObjectReader, UserInfo } from '../../admission/admission.ts'
import type { AccessAttributes, Authorizer, Decision } from './auth.ts'
import { BindingIndex, type Binding } from './binding-index.ts'

/** What the group `system:masters` may do. */
const everything: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

const allowed: Decision = { allowed: true }
const refused: Decision = { allowed: false }

/** What a user's roles allow in a namespace. */
export interface RulesOfUser {
  resourceRules: object[]
  nonResourceRules: object[]
  /** Of roles that bindings name and nobody made, in the words of what is not found. */
  missing: string[]
}

/** The authorizer, and what others ask of the same roles and bindings. */
export interface Rbac {
  authorize: Authorizer
  /** Roles or bindings changed: the index is built anew at the next question. */
  invalidate(): void
  /** For SelfSubjectRulesReview. */
  rulesFor(user: UserInfo, namespace: string): Promise<RulesOfUser>
  /** Every rule a user has in a namespace (`` for cluster-wide), for escalation checks. */
  policyRules(user: UserInfo, namespace: string): Promise<PolicyRule[]>
}

/**
 * Role based access control (kubernetes.io, "Using RBAC Authorization"). What a user's subjects come to is remembered until a role or
 * binding changes: a decision is then some comparisons.
 */
export function rbacAuthorizer(read: ObjectReader): Rbac {
  const index = new BindingIndex(read)
  return {
    authorize(attributes) {
      const { user } = attributes
      if (user.groups.includes('system:masters')) return allowed
      const known = index.known(user)
      return known ? decide(known, attributes) : index.of(user).then((bindings) => decide(bindings, attributes))
    },
    invalidate: () => index.invalidate(),
    async rulesFor(user, namespace) {
      const all = user.groups.includes('system:masters') ? everything : []
      const bindings = await index.of(user)
      const rules = [...all, ...rulesIn(namespace, bindings)]
      return {
        resourceRules: rules.filter((rule) => !rule.nonResourceURLs),
        nonResourceRules: rules.filter((rule) => rule.nonResourceURLs),
        missing: missingIn(namespace, bindings),
      }
    },
    async policyRules(user, namespace) {
      if (user.groups.includes('system:masters')) return everything
      return rulesIn(namespace, await index.of(user))
    },
  }
}

const rulesIn = (namespace: string, bindings: readonly Binding[]): PolicyRule[] =>
  bindings
    .filter((binding) => binding.namespace === '' || binding.namespace === namespace)
    .flatMap((binding) => binding.rules)

function decide(bindings: readonly Binding[], attributes: AccessAttributes): Decision {
  for (const binding of bindings) {
    if (binding.namespace !== '' && binding.namespace !== attributes.namespace) continue
    for (const rule of binding.rules)
      if (covers(rule, attributes)) return { allowed: true, reason: `RBAC: allowed by ${binding.words}` }
  }
  const missing = missingIn(attributes.namespace, bindings)
  return missing.length === 0 ? refused : { allowed: false, reason: `RBAC: ${aggregated(missing)}` }
}

/** Whoever is refused for want of a role is told of it: the binding looks as if it granted something. */
function missingIn(namespace: string, bindings: readonly Binding[]): string[] {
  const found = bindings.flatMap((binding) =>
    binding.missing && (binding.namespace === '' || binding.namespace === namespace) ? [binding.missing] : [],
  )
  return [...new Set(found)]
}

const any = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value))

/** Whether one rule allows a request. */
function covers(rule: PolicyRule, attributes: AccessAttributes): boolean {
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
