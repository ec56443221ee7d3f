import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { allContainers, fieldPath, findContainer, graceOf } from './pod-containers.ts'

it('containers of every kind are found, and named by where they stand', () => {
  const spec = {
    containers: [{ name: 'main' }],
    initContainers: [{ name: 'init' }],
    ephemeralContainers: [{ name: 'debug' }],
  }
  const pod = { spec } as Pod
  expect(allContainers(pod).map((container) => fieldPath(pod, container))).toEqual([
    'spec.containers{main}',
    'spec.initContainers{init}',
    'spec.ephemeralContainers{debug}',
  ])
  expect(findContainer(pod, 'none')).toBeUndefined()
  const plain = { spec: { containers: [{ name: 'main' }] } } as Pod
  expect(fieldPath(plain, { name: 'main' })).toBe('spec.containers{main}')
})

it('a pod ends in the time it asks for, thirty seconds by default, and in one where it asks for less than none', () => {
  const asking = (terminationGracePeriodSeconds?: number) => graceOf({ spec: { terminationGracePeriodSeconds } } as Pod)
  expect([asking(), asking(0), asking(7), asking(-3)]).toEqual([30, 0, 7, 1])
})
