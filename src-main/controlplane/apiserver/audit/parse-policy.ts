import { load } from 'js-yaml'
import { isRecord } from '../../../../src-kube/machinery/record.ts'
import { levels, auditStages, type AuditPolicy, type AuditRule } from './policy.ts'

/** What stands in the way of a policy, all of it. */
export class AuditPolicyError extends Error {
  override readonly name = 'AuditPolicyError'
}

const lists = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs', 'omitStages'] as const
const ruleFields: readonly string[] = ['level', 'resources', 'omitManagedFields', ...lists]

/** Reads the text of an `audit.k8s.io/v1` Policy. Throws {@link AuditPolicyError}: a server that tells less than it was asked to is worse than none. */
export function parsePolicy(text: string): AuditPolicy {
  let document: unknown
  try {
    document = load(text)
  } catch (cause) {
    throw new AuditPolicyError(`no YAML: ${(cause as Error).message.split('\n')[0]}`, { cause })
  }
  if (!isRecord(document)) throw new AuditPolicyError('no object')
  const { apiVersion, kind, rules, omitStages, omitManagedFields } = document
  const faults: string[] = []
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy')
    faults.push(`want apiVersion audit.k8s.io/v1 and kind Policy, have ${String(apiVersion)} and ${String(kind)}`)
  if (!Array.isArray(rules) || rules.length === 0) faults.push('loaded illegal policy with 0 rules')
  else rules.forEach((rule, i) => faults.push(...faultsOfRule(rule, `rules[${i}]`)))
  faults.push(...faultsOfStages(omitStages, 'omitStages'), ...faultsOfFlag(omitManagedFields, 'omitManagedFields'))
  if (faults.length > 0) throw new AuditPolicyError(faults.join('; '))
  return document as unknown as AuditPolicy
}

function faultsOfRule(rule: unknown, path: string): string[] {
  if (!isRecord(rule)) return [`${path}: no object`]
  const faults = Object.keys(rule)
    .filter((field) => !ruleFields.includes(field))
    .map((field) => `${path}.${field}: unknown field`)
  if (rule['level'] === undefined) faults.push(`${path}.level: Required value`)
  else if (!levels.includes(rule['level'] as AuditRule['level']))
    faults.push(
      `${path}.level: Unsupported value: ${JSON.stringify(rule['level'])}: supported values: ${words(levels)}`,
    )
  for (const field of lists) if (!isTexts(rule[field])) faults.push(`${path}.${field}: must be a list of strings`)
  const { resources, nonResourceURLs, namespaces, omitStages, omitManagedFields } = rule as unknown as AuditRule
  faults.push(...faultsOfStages(omitStages, `${path}.omitStages`))
  faults.push(...faultsOfFlag(omitManagedFields, `${path}.omitManagedFields`))
  if (isTexts(nonResourceURLs)) faults.push(...faultsOfUrls(nonResourceURLs ?? [], `${path}.nonResourceURLs`))
  if (nonResourceURLs?.length && (resources?.length || namespaces?.length))
    faults.push(`${path}.nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs`)
  return [...faults, ...faultsOfResources(resources, `${path}.resources`)]
}

function faultsOfResources(resources: unknown, path: string): string[] {
  if (resources === undefined || resources === null) return []
  if (!Array.isArray(resources)) return [`${path}: must be a list`]
  return resources.flatMap((one: unknown, i) => {
    const at = `${path}[${i}]`
    if (!isRecord(one)) return [`${at}: no object`]
    if (!isTexts(one['resources']) || !isTexts(one['resourceNames'])) return [`${at}: must be lists of strings`]
    const group = one['group'] ?? ''
    if (typeof group !== 'string' || group.includes('/'))
      return [`${at}.group: must be the name of a group, without a version`]
    const names = one['resourceNames'] as string[] | undefined
    return names?.length && !(one['resources'] as string[] | undefined)?.length
      ? [`${at}.resourceNames: using resourceNames requires at least one resource`]
      : []
  })
}

const faultsOfUrls = (urls: readonly string[], path: string): string[] =>
  urls.flatMap((url, i) => {
    if (url === '*') return []
    if (!url.startsWith('/')) return [`${path}[${i}]: non-resource URL rules must begin with a '/' character`]
    return url.slice(0, -1).includes('*')
      ? [`${path}[${i}]: non-resource URL wildcards '*' must be the final character of the rule`]
      : []
  })

const faultsOfStages = (stages: unknown, path: string): string[] =>
  Array.isArray(stages)
    ? stages
        .map((stage, i) =>
          auditStages.includes(stage) ? '' : `${path}[${i}]: allowed stages are ${auditStages.join(',')}`,
        )
        .filter((fault) => fault !== '')
    : isTexts(stages)
      ? []
      : [`${path}: must be a list of strings`]

const faultsOfFlag = (flag: unknown, path: string): string[] =>
  flag === undefined || flag === null || typeof flag === 'boolean' ? [] : [`${path}: must be true or false`]

const isTexts = (value: unknown): value is string[] | undefined =>
  value === undefined || value === null || (Array.isArray(value) && value.every((one) => typeof one === 'string'))

const words = (values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(', ')
