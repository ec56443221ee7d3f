import type { PolicyRule } from '#types/rbac.authorization.k8s.io/v1'

const hasAll = (owned: readonly string[] | undefined, wanted: string): boolean =>
  owned !== undefined && (owned.includes('*') || owned.includes(wanted))

/** The single permissions of rules that nothing owned covers, put together again by resource, in the order of their words. */
export function notCovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing = wanted.flatMap(breakDown).filter((one) => !owned.some((rule) => coversOne(rule, one)))
  const compact = new Map<string, PolicyRule>()
  for (const rule of missing) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs])
    const known = compact.get(key)
    if (!known) compact.set(key, rule)
    else if (!known.verbs.includes(rule.verbs[0]!)) known.verbs = [...known.verbs, rule.verbs[0]!]
  }
  return [...compact.values()].toSorted((a, b) => (ruleWords(a) < ruleWords(b) ? -1 : 1))
}

/** One group, resource, name and verb each. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const { verbs, nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] } = rule
  const names = resourceNames.length > 0 ? resourceNames.map((name) => ({ resourceNames: [name] })) : [{}]
  const pairs = apiGroups.flatMap((group) => resources.map((one) => ({ apiGroups: [group], resources: [one] })))
  return verbs.flatMap((verb) => [
    ...nonResourceURLs.map((url) => ({ verbs: [verb], nonResourceURLs: [url] })),
    ...pairs.flatMap((pair) => names.map((name) => ({ verbs: [verb], ...pair, ...name }))),
  ])
}

function coversOne(owned: PolicyRule, one: PolicyRule): boolean {
  if (!hasAll(owned.verbs, one.verbs[0]!)) return false
  const url = one.nonResourceURLs?.[0]
  if (url !== undefined) return owned.nonResourceURLs?.some((pattern) => coversUrl(pattern, url)) ?? false
  if (!hasAll(owned.apiGroups, one.apiGroups![0]!)) return false
  if (!coversResource(owned.resources, one.resources![0]!)) return false
  if (!owned.resourceNames?.length) return true
  const name = one.resourceNames?.[0]
  return name !== undefined && owned.resourceNames.includes(name)
}

function coversResource(owned: readonly string[] | undefined, resource: string): boolean {
  if (hasAll(owned, resource)) return true
  const slash = resource.indexOf('/')
  return slash >= 0 && (owned?.includes(`*${resource.slice(slash)}`) ?? false)
}

const coversUrl = (pattern: string, url: string): boolean =>
  pattern === url || (pattern.endsWith('*') && url.startsWith(pattern.slice(0, -1)))

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` */
export function ruleWords(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const
  return `{${parts.flatMap(([name, list]) => (list?.length ? `${name}:${quotedList(list)}` : [])).join(', ')}}`
}

/** `["a" "b"]` */
export const quotedList = (list: readonly string[]): string => `[${list.map((item) => JSON.stringify(item)).join(' ')}]`
