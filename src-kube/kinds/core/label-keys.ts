import type { PodAffinityTerm, PodSpec, WeightedPodAffinityTerm } from '#types/core/v1'
import type { LabelSelector, LabelSelectorRequirement } from '#types/meta/v1'

type Labels = Readonly<Record<string, string>> | undefined

interface LabelKeys {
  readonly labelSelector?: LabelSelector | undefined
  readonly matchLabelKeys?: string[] | undefined
  readonly mismatchLabelKeys?: string[] | undefined
}

/** What `matchLabelKeys` and `mismatchLabelKeys` ask for, given the labels of the pod that has them; keys it lacks ask for nothing. */
export function labelKeyRequirements(labels: Labels, keys: LabelKeys): LabelSelectorRequirement[] {
  const having = (list: string[] | undefined, operator: 'In' | 'NotIn') =>
    (list ?? []).flatMap((key) => {
      const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined
      return value === undefined ? [] : [{ key, operator, values: [value] }]
    })
  return [...having(keys.matchLabelKeys, 'In'), ...having(keys.mismatchLabelKeys, 'NotIn')]
}

/** A copy whose selector asks for the values too; the same object where nothing is to be added, or where nothing is selected anyway. */
function merged<T extends LabelKeys>(labels: Labels, term: T): T {
  const { labelSelector } = term
  if (!labelSelector || (!term.matchLabelKeys?.length && !term.mismatchLabelKeys?.length)) return term
  const more = labelKeyRequirements(labels, term)
  if (more.length === 0) return term
  const matchExpressions = [...(labelSelector.matchExpressions ?? []), ...more]
  return { ...term, labelSelector: { ...labelSelector, matchExpressions } }
}

interface Terms {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[] | undefined
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[] | undefined
}

function mergedTerms<T extends Terms>(labels: Labels, terms: T): T {
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = terms
  const { preferredDuringSchedulingIgnoredDuringExecution: preferred } = terms
  const weighted = (one: WeightedPodAffinityTerm) =>
    one.podAffinityTerm ? { ...one, podAffinityTerm: merged(labels, one.podAffinityTerm) } : one
  return {
    ...terms,
    ...(required && { requiredDuringSchedulingIgnoredDuringExecution: required.map((one) => merged(labels, one)) }),
    ...(preferred && { preferredDuringSchedulingIgnoredDuringExecution: preferred.map(weighted) }),
  }
}

/**
 * The spec of a new pod with its label keys written into the selectors beside them, of pod affinity and anti-affinity (KEP-3633) and of
 * topology spread (KEP-3243): labels that change later change nothing. Never writes into what it is given.
 */
export function mergeLabelKeys(labels: Labels, spec: PodSpec): PodSpec {
  const { affinity, topologySpreadConstraints: spread } = spec
  if (!affinity?.podAffinity && !affinity?.podAntiAffinity && !spread) return spec
  const { podAffinity, podAntiAffinity } = affinity ?? {}
  return {
    ...spec,
    ...(affinity && {
      affinity: {
        ...affinity,
        ...(podAffinity && { podAffinity: mergedTerms(labels, podAffinity) }),
        ...(podAntiAffinity && { podAntiAffinity: mergedTerms(labels, podAntiAffinity) }),
      },
    }),
    ...(spread && { topologySpreadConstraints: spread.map((one) => merged(labels, one)) }),
  }
}
