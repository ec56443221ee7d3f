import { describe, expect, it } from 'vitest'
import type { Refusal } from '../api/watch-list.ts'
import { isWithheld, refusalsTogether, refusalWords } from './refusals.ts'

const refused = (...namespaces: Array<string | undefined>): Refusal[] =>
  namespaces.map((namespace) => ({ namespace, error: new Error('forbidden') }))

describe('what may not be listed', () => {
  it('is said of the cluster, or of the namespaces in which it is refused', () => {
    expect(refusalWords({ kind: 'Node' }, refused(undefined))).toEqual(['refused.cluster', { kind: 'Nodes' }])
    expect(refusalWords({ kind: 'Secret' }, refused('a', 'b'))).toEqual([
      'refused.in',
      { kind: 'Secrets', namespaces: 'a, b' },
    ])
  })

  it('is said once of all kinds that are refused in the same places, and not of those that are allowed', () => {
    const words = refusalsTogether([
      { view: { kind: 'Node' }, refusals: refused(undefined) },
      { view: { kind: 'Pod' }, refusals: refused('lab') },
      { view: { kind: 'Event' }, refusals: [] },
      { view: { kind: 'Job' }, refusals: refused('lab') },
    ])
    expect(words).toEqual([
      ['refused.cluster', { kind: 'Nodes' }],
      ['refused.in', { kind: 'Pods, Jobs', namespaces: 'lab' }],
    ])
  })
})

it('an object is withheld by the refusal of its namespace, or of the whole cluster', () => {
  const keys = ['a/web', 'b/web', 'node', '']
  expect(keys.map((key) => isWithheld(refused('a'), key))).toEqual([true, false, false, false])
  expect(keys.map((key) => isWithheld(refused(undefined), key))).toEqual([true, true, true, false])
})
