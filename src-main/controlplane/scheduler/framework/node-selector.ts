import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '#types/core/v1'
import type { NodeInfo } from './node-info.ts'

/** Whether any term matches; a selector without terms, like a term without requirements, matches nothing. */
export function matchesNodeSelector(selector: NodeSelector, node: NodeInfo): boolean {
  for (const term of selector.nodeSelectorTerms ?? []) if (matchesTerm(term, node)) return true
  return false
}

/** Whether all requirements of a term hold; a term without any matches no node (kubernetes.io, "Assigning Pods to Nodes"). */
export function matchesTerm(term: NodeSelectorTerm, node: NodeInfo): boolean {
  const { matchExpressions, matchFields } = term
  if (!matchExpressions?.length && !matchFields?.length) return false
  for (const requirement of matchExpressions ?? [])
    if (!meets(requirement, labelOf(node, requirement.key))) return false
  for (const requirement of matchFields ?? [])
    if (!meets(requirement, requirement.key === 'metadata.name' ? node.name : undefined)) return false
  return true
}

/** Whether every `key: value` of a plain node selector is among the labels. */
export function hasLabels(node: NodeInfo, wanted: Readonly<Record<string, string>>): boolean {
  for (const key in wanted) if (labelOf(node, key) !== wanted[key]) return false
  return true
}

/** The node names to which `metadata.name` fields bind the selector, none when they contradict each other; undefined when some term leaves them open. */
export function namedNodes(selector: NodeSelector): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  for (const term of selector.nodeSelectorTerms ?? []) {
    const fields = (term.matchFields ?? []).filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    if (fields.length === 0) return undefined
    const common = fields[0]!.values?.filter((name) => fields.every((field) => field.values?.includes(name)))
    for (const name of common ?? []) names.add(name)
  }
  return selector.nodeSelectorTerms?.length ? names : undefined
}

function labelOf(node: NodeInfo, key: string): string | undefined {
  return Object.hasOwn(node.labels, key) ? node.labels[key] : undefined
}

const INTEGER = /^-?\d+$/

function meets({ operator, values }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && !!values?.includes(value)
    case 'NotIn':
      return value === undefined || !values?.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt': {
      const bound = values?.[0] ?? ''
      if (value === undefined || !INTEGER.test(value) || !INTEGER.test(bound)) return false
      return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound)
    }
  }
}
