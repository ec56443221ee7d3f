/** Labels of the platform that a node says of itself (kubernetes.io, "Well-Known Labels", NodeRestriction). */
const own = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.kubernetes.io/region',
  'failure-domain.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
])
const under = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`)

/** Keys that one has and the other has not, or has otherwise; in order. */
export function changedLabels(now: Record<string, string>, before: Record<string, string>): string[] {
  const keys = new Set([...Object.keys(now), ...Object.keys(before)])
  return [...keys].filter((key) => now[key] !== before[key]).toSorted()
}

/** Keys a node may not set, change or take away itself. Labels outside the platform's domains are its own affair. */
export function forbiddenLabels(now: Record<string, string>, before: Record<string, string>): string[] {
  return changedLabels(now, before).filter(isForbidden)
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/')
  const domain = slash < 0 ? '' : key.slice(0, slash)
  if (under(domain, 'node-restriction.kubernetes.io')) return true
  if (!under(domain, 'kubernetes.io') && !under(domain, 'k8s.io')) return false
  return !own.has(key) && !under(domain, 'kubelet.kubernetes.io') && !under(domain, 'node.kubernetes.io')
}
