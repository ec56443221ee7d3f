import type { Affinity, NodeAffinity, NodeSelectorTerm, PodSpec } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { same } from '../same.ts'

/** The one gate that a change adds, of which it is told; gates only go (KEP-3521). */
export function addedGate(now: PodSpec, before: PodSpec, path: FieldPath): FieldError[] {
  const old = new Set(before.schedulingGates?.map((gate) => gate.name))
  const at = now.schedulingGates?.findIndex((gate) => !old.has(gate.name)) ?? -1
  if (at < 0) return []
  const words = `only deletion is allowed, but found new scheduling gate '${now.schedulingGates![at]!.name}'`
  return [path.child('schedulingGates').index(at).child('name').forbidden(words)]
}

/**
 * What a change of a pod that waits for its gates may not do to where it may run: the nodes it could go to only get fewer (kubernetes.io, "Pod
 * Scheduling Readiness", "Mutable Pod scheduling directives").
 */
export function widened(now: PodSpec, before: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const kept = Object.entries(before.nodeSelector ?? {}).every(([key, value]) => now.nodeSelector?.[key] === value)
  if (!kept) {
    const words = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
    errors.push(path.child('nodeSelector').invalid(now.nodeSelector ?? null, words))
  }
  const terms = path
    .child('affinity')
    .child('nodeAffinity')
    .child('requiredDuringSchedulingIgnoredDuringExecution')
    .child('nodeSelectorTerms')
  return [...errors, ...widenedTerms(termsOf(now), termsOf(before), terms)]
}

const termsOf = ({ affinity }: PodSpec): readonly NodeSelectorTerm[] =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []

/** Terms are alternatives: one more would widen, an expression more in one of them narrows. Where there were none, any may be set. */
function widenedTerms(
  now: readonly NodeSelectorTerm[],
  before: readonly NodeSelectorTerm[],
  path: FieldPath,
): FieldError[] {
  if (before.length === 0) return []
  if (before.length !== now.length)
    return [path.invalid(now, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  return before.flatMap((old, i) =>
    onlyAdds(now[i]!, old)
      ? []
      : [path.index(i).invalid(now[i], 'only additions are allowed (no mutations or deletions)')],
  )
}

/** A term of nothing matches no node, so that whatever is added to it would widen. */
function onlyAdds(now: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const { matchExpressions = [], matchFields = [] } = before
  const [expressions, fields] = [now.matchExpressions ?? [], now.matchFields ?? []]
  if (matchExpressions.length === 0 && matchFields.length === 0) return expressions.length === 0 && fields.length === 0
  return (
    same(expressions.slice(0, matchExpressions.length), matchExpressions) &&
    same(fields.slice(0, matchFields.length), matchFields)
  )
}

/** A gated pod's new directives with those put back that may change, to compare the rest. */
export function directivesAsBefore(now: PodSpec, before: PodSpec): Pick<PodSpec, 'nodeSelector' | 'affinity'> {
  return {
    nodeSelector: before.nodeSelector,
    affinity: withNodeAffinity(now.affinity, before.affinity, before.affinity?.nodeAffinity),
  } as Pick<PodSpec, 'nodeSelector' | 'affinity'>
}

function withNodeAffinity(
  now: Affinity | undefined,
  before: Affinity | undefined,
  old: NodeAffinity | undefined,
): Affinity | undefined {
  const { nodeAffinity: _, ...others } = now ?? {}
  if (old) return { ...others, nodeAffinity: old }
  return before || Object.keys(others).length > 0 ? others : undefined
}
