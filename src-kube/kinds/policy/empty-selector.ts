import type { LabelSelector } from '#types/meta/v1'
import type { PodDisruptionBudget } from '#types/policy/v1'
import type { PodDisruptionBudget as OldBudget } from '#types/policy/v1beta1'

const KEY = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match'
const none: LabelSelector = { matchExpressions: [{ key: KEY, operator: 'Exists' }] }
const all: LabelSelector = { matchExpressions: [{ key: KEY, operator: 'DoesNotExist' }] }

/**
 * A budget whose selector is empty is for no pods in v1beta1 and for all of its namespace in v1, so that each is said in the words of
 * the other by a label that no pod has, as kube-apiserver says it. Pure.
 */
export function budgetFromV1beta1(old: OldBudget): PodDisruptionBudget {
  return withSelector({ ...old, apiVersion: 'policy/v1' } as PodDisruptionBudget, [
    [isEmpty, none],
    [is(all), {}],
  ])
}

/** The inverse. */
export function budgetToV1beta1(budget: PodDisruptionBudget): OldBudget {
  return withSelector({ ...budget, apiVersion: 'policy/v1beta1' } as OldBudget, [
    [isEmpty, all],
    [is(none), {}],
  ])
}

type Rule = [matches: (selector: LabelSelector) => boolean, becomes: LabelSelector]

function withSelector<B extends PodDisruptionBudget | OldBudget>(budget: B, rules: readonly Rule[]): B {
  const { selector } = budget.spec ?? {}
  const rule = selector && rules.find(([matches]) => matches(selector))
  return rule ? { ...budget, spec: { ...budget.spec, selector: rule[1] } } : budget
}

const isEmpty = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length + matchExpressions.length === 0

const is =
  ({ matchExpressions: wanted }: LabelSelector) =>
  ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean => {
    const [first, ...more] = matchExpressions
    if (!first || more.length > 0 || Object.keys(matchLabels).length > 0) return false
    return first.key === KEY && first.operator === wanted?.[0]?.operator && !first.values?.length
  }
