import type { LabelSelector } from '#types/meta/v1'
import type { PodDisruptionBudget } from '#types/policy/v1'
import { describe, expect, it } from 'vitest'
import { budgetFromV1beta1, budgetToV1beta1 } from './empty-selector.ts'

const budget = (selector: LabelSelector | undefined) =>
  ({ apiVersion: 'policy/v1', metadata: { name: 'b' }, spec: { minAvailable: 1, selector } }) as PodDisruptionBudget
const old = (selector: LabelSelector | undefined) => ({ ...budget(selector), apiVersion: 'policy/v1beta1' })
const by = (operator: 'Exists' | 'DoesNotExist') => ({
  matchExpressions: [{ key: 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match', operator }],
})

// kubernetes.io, "Deprecated API Migration Guide": an empty selector of v1beta1 is for no pods, one of v1 for all.
describe('the selector of a disruption budget', () => {
  it.each([
    ['nothing of v1beta1 is a label that no pod has', {}, by('Exists')],
    ['everything of v1beta1 is an empty one of v1', by('DoesNotExist'), {}],
    ['labels are the same in both', { matchLabels: { a: 'b' } }, { matchLabels: { a: 'b' } }],
    ['none is none in both', undefined, undefined],
  ])('%s', (_what, before, after) => {
    expect(budgetFromV1beta1(old(before))).toEqual(budget(after))
    expect(budgetToV1beta1(budget(after))).toEqual(old(before))
  })
})
