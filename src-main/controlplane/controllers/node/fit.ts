import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '#types/core/v1'
import { tolerates } from '../../../../src-kube/machinery/tolerations.ts'

/** Whether a daemon's pod belongs on a node, and whether one that is there already may stay. */
export interface Fit {
  shouldRun: boolean
  mayStay: boolean
}

/** Node name, selector, required affinity and taints, as the scheduler would judge them; NoSchedule lets pods that run stay. */
export function fitsNode(spec: PodSpec, node: Node): Fit {
  const labels = node.metadata.labels ?? {}
  const named = !spec.nodeName || spec.nodeName === node.metadata.name
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const wanted = terms === undefined || matchesNode({ nodeSelectorTerms: terms }, node)
  if (!named || !selected || !wanted) return { shouldRun: false, mayStay: false }
  const untolerated = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(spec.tolerations, taint),
  )
  return { shouldRun: untolerated.length === 0, mayStay: !untolerated.some((taint) => taint.effect === 'NoExecute') }
}

/** Whether any term of a selector matches a node. */
export function matchesNode({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  return nodeSelectorTerms?.some((term) => termHolds(term, node)) ?? false
}

function termHolds({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const labels = node.metadata.labels ?? {}
  return (
    matchExpressions.every((r) => holds(r, labels[r.key])) &&
    matchFields.every((r) => r.key === 'metadata.name' && holds(r, node.metadata.name))
  )
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}
