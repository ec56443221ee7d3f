import { describe, expect, test } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { warningsOf } from './warnings.ts'

const of = (spec: object): string[] =>
  warningsOf(partial({ kind: 'Deployment', apiVersion: 'apps/v1', metadata: {}, spec: { template: { spec } } }))
const AT = 'spec.template.spec'

describe('a pod is warned of', () => {
  test('addresses and secrets that are there twice, and names that are empty', () => {
    const hostAliases = [{ ip: '1.1.1.1' }, { ip: '2.2.2.2' }, { ip: '1.1.1.1' }]
    const imagePullSecrets = [{ name: 'a' }, { name: 'a' }, {}]
    expect(of({ containers: [], hostAliases, imagePullSecrets })).toEqual([
      `${AT}.hostAliases[2].ip: duplicate ip "1.1.1.1"`,
      `${AT}.imagePullSecrets[1].name: duplicate name "a"`,
      `${AT}.imagePullSecrets[2].name: invalid empty name ""`,
    ])
  })

  test.each<[object, object, string | undefined]>([
    [{}, {}, 'duplicate'],
    [{ protocol: 'TCP' }, {}, 'duplicate'],
    [{ protocol: 'UDP' }, {}, undefined],
    [{ hostPort: 80 }, {}, 'overlapping'],
    [{ hostPort: 80 }, { hostPort: 81 }, undefined],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80 }, 'dangerously ambiguous'],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.2' }, undefined],
  ])('ports %j and %j of two containers as %s', (one, other, words) => {
    const containers = [one, other].map((port, i) => ({ name: `c${i}`, ports: [{ containerPort: 80, ...port }] }))
    expect(of({ containers })).toEqual(
      words ? [`${AT}.containers[1].ports[0]: ${words} port definition with ${AT}.containers[0].ports[0]`] : [],
    )
  })

  test('terms of affinity that select nothing', () => {
    const empty = { topologyKey: 'a' }
    const full = { topologyKey: 'a', labelSelector: {} }
    const must = 'requiredDuringSchedulingIgnoredDuringExecution'
    const may = 'preferredDuringSchedulingIgnoredDuringExecution'
    const weighted = (podAffinityTerm: object): object => ({ weight: 1, podAffinityTerm })
    const affinity = {
      podAffinity: { [must]: [full, empty] },
      podAntiAffinity: { [may]: [weighted(empty), weighted(full)] },
    }
    expect(of({ containers: [], affinity })).toEqual([
      `${AT}.affinity.podAffinity.${must}[1].labelSelector: a null labelSelector results in matching no pod`,
      `${AT}.affinity.podAntiAffinity.${may}[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod`,
    ])
  })

  test('a variable that hides another, but not of one that goes on from it', () => {
    const env = (value: object): object[] => [
      { name: 'PATH', value: '/a' },
      { name: 'PATH', ...value },
    ]
    const told = (value: object): number => of({ containers: [{ name: 'c', env: env(value) }] }).length
    expect(told({ value: '$(PATH):/b' })).toBe(0)
    expect(told({ value: '/b' })).toBe(1)
    expect(told({ value: '$(PATH)' })).toBe(1)
    expect(told({ valueFrom: {} })).toBe(1)
  })
})
