import type { Pod } from '#types/core/v1'
import { expect, test } from 'vitest'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import { validateLabelKeys } from './label-keys.ts'
import { podStrategy } from './pod.ts'

const wordsOf = (term: object) =>
  validateLabelKeys(term, fieldPath('t')).map(({ field, message }) => `${field}: ${message}`)
const expression = (key: string) => ({ key, operator: 'In', values: ['1'] })

test.each<[string, object, string[]]>([
  ['are allowed beside a selector', { labelSelector: {}, matchLabelKeys: ['a'], mismatchLabelKeys: ['b'] }, []],
  [
    'need a selector',
    { matchLabelKeys: ['a'] },
    ['t.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set'],
  ],
  [
    'are names of labels',
    { labelSelector: {}, mismatchLabelKeys: ['/a'] },
    ['t.mismatchLabelKeys[0]: Invalid value: "/a": prefix part must be non-empty'],
  ],
  [
    'may be in the selector once, as they are written there',
    { labelSelector: { matchExpressions: [expression('a')] }, matchLabelKeys: ['a'] },
    [],
  ],
  [
    'are not labels of the selector too',
    { labelSelector: { matchLabels: { b: '1' }, matchExpressions: [expression('b')] }, matchLabelKeys: ['a', 'b'] },
    ['t[1]: Invalid value: "b": exists in both matchLabelKeys and labelSelector'],
  ],
  [
    'are not repeated in the selector',
    { labelSelector: { matchExpressions: [expression('a'), expression('a')] }, matchLabelKeys: ['a'] },
    ['t[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector'],
  ],
  [
    'are asked to match or not to match',
    { labelSelector: {}, matchLabelKeys: ['a'], mismatchLabelKeys: ['b', 'a'] },
    ['t.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys'],
  ],
])('label keys %s', (_what, term, expected) => {
  expect(wordsOf(term)).toEqual(expected)
})

test('a new pod has the values of its label keys in its selectors, frozen or not', async () => {
  const constraint = {
    maxSkew: 1,
    topologyKey: 'z',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: {},
    matchLabelKeys: ['hash'],
  } as const
  const spec = Object.freeze({ containers: [], topologySpreadConstraints: [Object.freeze(constraint)] })
  const pod = partial<Pod>({ metadata: { name: 'p', labels: { hash: '7' } }, spec })
  await podStrategy.prepareForCreate?.(partial({}), pod)
  expect(pod.spec.topologySpreadConstraints?.[0]?.labelSelector).toEqual({
    matchExpressions: [{ key: 'hash', operator: 'In', values: ['7'] }],
  })
})
