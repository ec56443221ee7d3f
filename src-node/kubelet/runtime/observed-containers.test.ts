import { expect, it } from 'vitest'
import type { Observed } from '../plan/observed.ts'
import { ObservedContainers } from './observed-containers.ts'

const seen = (id: string, pod: string, attempt = 0): Observed =>
  ({ id, podUid: pod, podName: `${pod}-name`, podNamespace: 'd', attempt }) as Observed

function filled(): ObservedContainers {
  const containers = new ObservedContainers()
  for (const one of [seen('a1', 'a'), seen('b1', 'b'), seen('a2', 'a')]) containers.set(one)
  return containers
}
const idsOf = (containers: ObservedContainers, pod: string): string[] => containers.ofPod(pod).map(({ id }) => id)

it('containers are kept by pod, in the order in which they were first seen', () => {
  const containers = filled()
  containers.set(seen('a1', 'a', 1))
  expect(containers.ofPod('a')).toEqual([seen('a1', 'a', 1), seen('a2', 'a')])
  expect(containers.ofPod('gone')).toEqual([])
  expect(containers.pods()).toEqual([
    { uid: 'a', name: 'a-name', namespace: 'd' },
    { uid: 'b', name: 'b-name', namespace: 'd' },
  ])
})

it('a pod whose last container is gone is forgotten with it', () => {
  const containers = filled()
  for (const id of ['b1', 'b1', 'never']) containers.delete(id)
  expect(containers.pods().map(({ uid }) => uid)).toEqual(['a'])
})

it('what is not there any more goes at once', () => {
  const containers = filled()
  containers.keep(new Set(['a2']))
  expect([idsOf(containers, 'a'), idsOf(containers, 'b')]).toEqual([['a2'], []])
})

it('what was told of a pod before does not change with it', () => {
  const containers = filled()
  const before = containers.ofPod('a')
  containers.delete('a1')
  expect(before).toHaveLength(2)
})
