import type { PodSpec } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { labelKeyRequirements, mergeLabelKeys } from './label-keys.ts'

const labels = { app: 'web', hash: '1' }
const TOPOLOGY_KEY = 'zone'
const spec = (more: object) => ({ containers: [], ...more }) as PodSpec
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'
const has = { key: 'hash', operator: 'In', values: ['1'] }
const lacks = { key: 'hash', operator: 'NotIn', values: ['1'] }

describe('the label keys of a new pod', () => {
  it('are written into the selectors of its terms, required and preferred', () => {
    const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: TOPOLOGY_KEY, matchLabelKeys: ['hash'] }
    const away = { labelSelector: {}, topologyKey: TOPOLOGY_KEY, mismatchLabelKeys: ['hash', 'absent'] }
    const given = spec({
      affinity: {
        podAffinity: { [REQUIRED]: [term], [PREFERRED]: [{ weight: 1, podAffinityTerm: term }] },
        podAntiAffinity: { [REQUIRED]: [away] },
      },
    })
    const before = structuredClone(given)
    const merged = { ...term, labelSelector: { matchLabels: { app: 'web' }, matchExpressions: [has] } }
    expect(mergeLabelKeys(labels, given).affinity).toEqual({
      podAffinity: { [REQUIRED]: [merged], [PREFERRED]: [{ weight: 1, podAffinityTerm: merged }] },
      podAntiAffinity: { [REQUIRED]: [{ ...away, labelSelector: { matchExpressions: [lacks] } }] },
    })
    expect(given).toEqual(before)
  })

  it('are written into its spread constraints, after what stands there', () => {
    const other = { key: 'a', operator: 'Exists' as const }
    const constraint = {
      labelSelector: { matchExpressions: [other] },
      topologyKey: TOPOLOGY_KEY,
      matchLabelKeys: ['hash'],
    }
    const { topologySpreadConstraints: merged } = mergeLabelKeys(
      labels,
      spec({ topologySpreadConstraints: [constraint] }),
    )
    expect(merged?.[0]?.labelSelector).toEqual({ matchExpressions: [other, has] })
  })

  it('leave a constraint alone that selects nothing or has none, or whose keys the pod lacks', () => {
    const constraints = [
      { topologyKey: TOPOLOGY_KEY, matchLabelKeys: ['hash'] },
      { topologyKey: TOPOLOGY_KEY, labelSelector: {} },
      { topologyKey: TOPOLOGY_KEY, labelSelector: {}, matchLabelKeys: ['absent'] },
    ]
    const given = spec({ topologySpreadConstraints: constraints, affinity: { nodeAffinity: {} } })
    expect(mergeLabelKeys(labels, given)).toEqual(given)
    expect(mergeLabelKeys(undefined, given)).toEqual(given)
    const none = spec({ affinity: { podAffinity: {}, podAntiAffinity: { [PREFERRED]: [{ weight: 1 }] } } })
    expect(mergeLabelKeys(labels, none)).toEqual(none)
  })

  it('cost a pod without any nothing', () => {
    const plain = spec({ affinity: { nodeAffinity: {} } })
    expect(mergeLabelKeys(labels, plain)).toBe(plain)
  })
})

it('keys that are named like what every object has are labels or nothing', () => {
  expect(labelKeyRequirements({}, { matchLabelKeys: ['constructor'] })).toEqual([])
})
