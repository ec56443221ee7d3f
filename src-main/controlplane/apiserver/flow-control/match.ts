import type { FlowSchema } from '#types/flowcontrol.apiserver.k8s.io/v1'
import type { UserInfo } from '../../admission/admission.ts'
import type { RequestInfo } from '../http/request-info.ts'

type Rule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number]
type Subject = Rule['subjects'][number]
type ResourceRule = NonNullable<Rule['resourceRules']>[number]
type NonResourceRule = NonNullable<Rule['nonResourceRules']>[number]

/** What a flow schema looks at. */
export type Asked = Pick<
  RequestInfo,
  'isResource' | 'verb' | 'group' | 'resource' | 'subresource' | 'namespace' | 'path'
>

/** Whether any rule of a flow schema covers a request (kubernetes.io, "API Priority and Fairness: FlowSchema"). */
export function matchesSchema({ spec }: FlowSchema, user: UserInfo, asked: Asked): boolean {
  return (spec?.rules ?? []).some(
    (rule) =>
      rule.subjects.some((subject) => matchesSubject(subject, user)) &&
      (asked.isResource
        ? (rule.resourceRules ?? []).some((one) => matchesResource(one, asked))
        : (rule.nonResourceRules ?? []).some((one) => matchesPath(one, asked))),
  )
}

function matchesSubject({ kind, user, group, serviceAccount }: Subject, { name, groups }: UserInfo): boolean {
  if (kind === 'User') return user !== undefined && (user.name === '*' || user.name === name)
  if (kind === 'Group') return group !== undefined && (group.name === '*' || groups.includes(group.name))
  if (kind !== 'ServiceAccount' || !serviceAccount) return false
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`
  return serviceAccount.name === '*' ? name.startsWith(prefix) : name === prefix + serviceAccount.name
}

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value))

function matchesResource(rule: ResourceRule, { verb, group, resource, subresource, namespace }: Asked): boolean {
  const whole = subresource ? `${resource}/${subresource}` : resource
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group) || !has(rule.resources, whole)) return false
  return namespace === '' ? rule.clusterScope === true : has(rule.namespaces, namespace)
}

/** A path of a rule ends in `*` to mean everything that begins as it does. */
function matchesPath(rule: NonResourceRule, { verb, path }: Asked): boolean {
  if (!has(rule.verbs, verb)) return false
  return rule.nonResourceURLs.some(
    (url) => url === '*' || url === path || (url.endsWith('/*') && path.startsWith(url.slice(0, -1))),
  )
}

/** Schemas in the order they are tried: the lowest precedence first, the name settles a tie. */
export function inOrder(schemas: Iterable<FlowSchema>): FlowSchema[] {
  return [...schemas].toSorted(
    (a, b) =>
      (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  )
}
