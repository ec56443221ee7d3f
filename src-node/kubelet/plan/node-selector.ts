import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '#types/core/v1'

/** Whether `nodeSelector` and the required node affinity let a pod on a node (kubernetes.io, "Assigning Pods to Nodes"). Pure. */
export function selectsNode({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return (
    Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (terms === undefined || matchesTerms(terms, node))
  )
}

/** Whether a node is one of those that one of the terms is for. Pure. */
export const matchesTerms = (terms: readonly NodeSelectorTerm[], node: Node): boolean =>
  terms.some((term) => matches(term, node))

/** A term that asks for nothing matches no node. */
function matches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const field = (key: string): string | undefined => (key === 'metadata.name' ? metadata.name : undefined)
  return (
    matchExpressions.every((one) => holds(one, metadata.labels?.[one.key])) &&
    matchFields.every((one) => holds(one, field(one.key)))
  )
}

const INTEGER = /^[+-]?\d+$/

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  if (operator === 'DoesNotExist') return value === undefined
  if (operator === 'NotIn') return value === undefined || !values.includes(value)
  if (value === undefined) return false
  if (operator === 'Exists') return true
  if (operator === 'In') return values.includes(value)
  const bound = values[0] ?? ''
  if (!INTEGER.test(value) || !INTEGER.test(bound)) return false
  return operator === 'Gt' ? Number(value) > Number(bound) : operator === 'Lt' && Number(value) < Number(bound)
}
