import type { UserInfo } from '../../admission/admission.ts'
import type { RequestInfo } from '../http/request-info.ts'

/** How much is told, from nothing to both bodies (kubernetes.io, "Auditing: Audit policy"). */
export const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
/** How much is written of a request, from nothing to its bodies (kubernetes.io, "Auditing"). */
export type AuditLevel = (typeof levels)[number]

/** Of a request, in the order in which they come; `Panic` instead of the last. */
export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const
/** At which moments of a request an event is written. */
export type AuditStage = (typeof auditStages)[number]

interface GroupResources {
  group?: string
  /** `pods`, `pods/log`, `pods/*`, `*\/scale`, `*`; of all of the group when empty. */
  resources?: string[]
  resourceNames?: string[]
}

/** One rule: it is for requests that all its fields match; those that are left out match any. */
export interface AuditRule {
  level: AuditLevel
  users?: string[]
  userGroups?: string[]
  verbs?: string[]
  resources?: GroupResources[]
  namespaces?: string[]
  nonResourceURLs?: string[]
  omitStages?: AuditStage[]
  omitManagedFields?: boolean
}

/** `audit.k8s.io/v1` Policy (kubernetes.io, "Auditing"). */
export interface AuditPolicy {
  rules: AuditRule[]
  omitStages?: AuditStage[]
  omitManagedFields?: boolean
}

/** What is to be told of one request. */
export interface AuditVerdict {
  level: AuditLevel
  omitted: ReadonlySet<AuditStage>
  omitManagedFields: boolean
}

const nothing: AuditVerdict = { level: 'None', omitted: new Set(), omitManagedFields: false }

/** Whether so much is told. */
export const isAtLeast = (level: AuditLevel, least: AuditLevel): boolean =>
  levels.indexOf(level) >= levels.indexOf(least)

/** The first rule that matches decides; without one nothing is told. */
export function judge(policy: AuditPolicy, user: UserInfo, info: RequestInfo): AuditVerdict {
  const rule = policy.rules.find((one) => matches(one, user, info))
  if (!rule || rule.level === 'None') return nothing
  return {
    level: rule.level,
    omitted: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
  }
}

const allows = <T>(list: readonly T[] | undefined, value: T): boolean => !list?.length || list.includes(value)

function matches(rule: AuditRule, user: UserInfo, info: RequestInfo): boolean {
  if (!allows(rule.users, user.name) || !allows(rule.verbs, info.verb)) return false
  if (rule.userGroups?.length && !rule.userGroups.some((group) => user.groups.includes(group))) return false
  if (rule.namespaces?.length || rule.resources?.length) return matchesResource(rule, info)
  if (rule.nonResourceURLs?.length)
    return !info.isResource && rule.nonResourceURLs.some((url) => isPath(info.path, url))
  return true
}

function matchesResource({ namespaces, resources }: AuditRule, info: RequestInfo): boolean {
  if (!info.isResource || !allows(namespaces, info.namespace)) return false
  if (!resources?.length) return true
  const { group, resource, subresource, name } = info
  const whole = subresource ? `${resource}/${subresource}` : resource
  const isMeant = (pattern: string): boolean =>
    pattern === whole ||
    pattern === '*' ||
    (subresource !== '' && (pattern === `*/${subresource}` || pattern === `${resource}/*`))
  return resources.some(
    (one) =>
      (one.group ?? '') === group &&
      (!one.resources?.length || (allows(one.resourceNames, name) && one.resources.some(isMeant))),
  )
}

/** `*` is any path, and ends one that it stands for the rest of. */
const isPath = (path: string, pattern: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
