import type { ResourceQuota } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../machinery/meta.ts'
import { partial } from '../../machinery/testing/partial.ts'
import { inScope } from './scopes.ts'

const quota = (scopeName: string, operator: string, values?: string[]) =>
  ({ spec: { scopeSelector: { matchExpressions: [{ scopeName, operator, values }] } } }) as ResourceQuota
const claim = (asked?: string, current?: string, target?: string) =>
  partial<KubeObject>({
    spec: asked === undefined ? {} : { volumeAttributesClassName: asked },
    status: {
      currentVolumeAttributesClassName: current,
      ...(target === undefined ? {} : { modifyVolumeStatus: { targetVolumeAttributesClassName: target } }),
    },
  })
const SCOPE = 'VolumeAttributesClass'

describe('a quota for volume attributes classes', () => {
  it.each<[string, string[] | undefined, KubeObject, boolean]>([
    ['In', ['gold'], claim('gold'), true],
    ['In', ['gold'], claim('silver'), false],
    ['In', ['gold'], claim('silver', 'gold'), true],
    ['In', ['gold'], claim('silver', 'silver', 'gold'), true],
    ['In', ['gold'], claim(), false],
    ['NotIn', ['gold'], claim('gold'), false],
    ['NotIn', ['gold'], claim(), true],
    ['Exists', undefined, claim('gold'), true],
    ['Exists', undefined, claim(), false],
    ['DoesNotExist', undefined, claim(), true],
    ['DoesNotExist', undefined, claim('gold'), false],
  ])('%s %j: %j is meant: %s', (operator, values, object, meant) => {
    expect(inScope(quota(SCOPE, operator, values), 'persistentvolumeclaims', object)).toBe(meant)
  })

  it('is for claims only, and quotas of other scopes are not for claims', () => {
    expect(inScope(quota(SCOPE, 'Exists'), 'pods', partial<KubeObject>({ spec: {} }))).toBe(false)
    expect(inScope(quota(SCOPE, 'DoesNotExist'), 'services', claim())).toBe(false)
    expect(inScope(quota('PriorityClass', 'DoesNotExist'), 'persistentvolumeclaims', claim('gold'))).toBe(false)
  })
})

it('a quota for priority classes is for the pods that have them', () => {
  const pod = (priorityClassName?: string) => partial<KubeObject>({ spec: { priorityClassName } })
  expect(inScope(quota('PriorityClass', 'In', ['high']), 'pods', pod('high'))).toBe(true)
  expect(inScope(quota('PriorityClass', 'NotIn', ['high']), 'pods', pod('high'))).toBe(false)
  expect(inScope(quota('PriorityClass', 'Exists'), 'pods', pod())).toBe(false)
})

it('a quota for pods of best effort is for those that ask for nothing, as a whole neither', () => {
  const meant = (spec: object) =>
    ['BestEffort', 'NotBestEffort'].map((scope) =>
      inScope(quota(scope, 'Exists'), 'pods', partial<KubeObject>({ spec: { containers: [{ name: 'c' }], ...spec } })),
    )
  expect(meant({})).toEqual([true, false])
  expect(meant({ resources: { requests: { cpu: '1' } } })).toEqual([false, true])
  expect(meant({ containers: [{ name: 'c', resources: { limits: { memory: '1' } } }] })).toEqual([false, true])
})
