/**
 * What the person at the app may do, as the cluster says itself (kubernetes.io, "Authorization Overview: Checking API access"). One
 * SelfSubjectRulesReview tells of all that is granted in a namespace; where an authorizer other than RBAC makes it incomplete, and for what
 * belongs to no namespace, SelfSubjectAccessReviews answer one by one. Answers are kept for some minutes. As long as nobody knows, nothing
 * is said to be forbidden: the server has the last word in any case.
 */
import type { Kube } from '../api/kube.ts'
import { remembering } from '../api/remembering.ts'
import { listAt, textAt } from '../kinds/view.ts'

/** Something one may do, or may not. */
export interface Right {
  verb: string
  group: string
  resource: string
  subresource?: string
  /** Of what belongs to a namespace. */
  namespace?: string | undefined
  /** Undefined for all objects. */
  name?: string | undefined
}

/** Rules of a SelfSubjectRulesReview. */
export interface GrantedRule {
  verbs?: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
}

/** Whether rules grant a right (kubernetes.io, "Using RBAC Authorization: Referring to resources"). */
export function grants(rules: readonly GrantedRule[], { verb, group, resource, subresource, name }: Right): boolean {
  const resources = subresource ? [`${resource}/${subresource}`, `*/${subresource}`] : [resource]
  const has = (list: readonly string[] | undefined, ...wanted: string[]): boolean =>
    ['*', ...wanted].some((one) => list?.includes(one) === true)
  return rules.some(
    ({ verbs, apiGroups, resources: granted, resourceNames = [] }) =>
      has(verbs, verb) &&
      has(apiGroups, group) &&
      has(granted, ...resources) &&
      (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name))),
  )
}

/** Names of the objects that rules grant a verb on one by one. */
export function namesGranted(
  rules: readonly GrantedRule[],
  verb: string,
  { group, resource }: Pick<Right, 'group' | 'resource'>,
): string[] {
  const names = rules.flatMap(({ resourceNames = [], ...rule }) =>
    grants([rule], { verb, group, resource }) ? resourceNames : [],
  )
  return [...new Set(names)].sort()
}

/** What the person at the app may do, as the cluster tells (SelfSubjectRulesReview); asked once a namespace, and again when it changes. */
export interface Rights {
  /** Undefined as long as it is not known; what reads it follows. */
  may(right: Right): boolean | undefined
  /** All that is granted in a namespace, by roles of the cluster too; undefined where that is not known in full. */
  rulesIn(namespace: string): readonly GrantedRule[] | undefined
}

/** Milliseconds for which an answer is good. */
const fresh = 300_000

/** @param now milliseconds since the epoch */
export function createRights(kube: Kube, now: () => number = Date.now): Rights {
  const rulesIn = remembering((namespace: string) => askRules(kube, namespace), { fresh, now })
  const answers = remembering((right: Right) => askAccess(kube, right), { fresh, now })
  return {
    rulesIn(namespace) {
      const found = rulesIn.of(namespace)
      return found?.isComplete ? found.rules : undefined
    },
    may(right) {
      const { namespace } = right
      if (!namespace) return answers.of(right)
      const found = rulesIn.of(namespace)
      if (!found) return undefined
      if (grants(found.rules, right)) return true
      return found.isComplete ? false : answers.of(right)
    },
  }
}

const group = 'authorization.k8s.io'
const apiVersion = `${group}/v1`

async function askRules(kube: Kube, namespace: string): Promise<{ rules: GrantedRule[]; isComplete: boolean }> {
  const body = { apiVersion, kind: 'SelfSubjectRulesReview', spec: { namespace } }
  const { object } = await kube.send<object>('POST', `/apis/${apiVersion}/selfsubjectrulesreviews`, body)
  const { status } = object as { status?: { incomplete?: boolean } }
  return { rules: listAt(status, 'resourceRules') as GrantedRule[], isComplete: status?.incomplete !== true }
}

async function askAccess(kube: Kube, right: Right): Promise<boolean> {
  const body = { apiVersion, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: right } }
  const { object } = await kube.send<object>('POST', `/apis/${apiVersion}/selfsubjectaccessreviews`, body)
  return textAt(object, 'status', 'allowed') === 'true'
}
