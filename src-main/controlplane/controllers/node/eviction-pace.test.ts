import { expect, it } from 'vitest'
import type { Node } from '#types/core/v1'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { EvictionPace } from './eviction-pace.ts'

const node = (name: string, zone = '', taints: object[] = []) =>
  partial<Node>({ metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } }, spec: { taints } })

it('lets one node of a zone go every ten seconds', async () => {
  const clock = new FakeClock()
  const pace = new EvictionPace(clock)
  expect(pace.take(node('a'))).toBe(0)
  expect(pace.take(node('b'))).toBe(10_000)
  await clock.advance(4000)
  expect(pace.take(node('b'))).toBe(6000)
  await clock.advance(6000)
  expect(pace.take(node('b'))).toBe(0)
  expect(pace.take(node('c'))).toBe(10_000)
})

it('takes each zone for itself, and asks nothing of a node that has had its turn', () => {
  const pace = new EvictionPace(new FakeClock())
  expect(pace.take(node('a', 'east'))).toBe(0)
  expect(pace.take(node('b', 'west'))).toBe(0)
  const taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }
  expect(pace.take(node('a', 'east', [taint]))).toBe(0)
  expect(pace.take(node('c', 'east', [{ ...taint, effect: 'NoSchedule' }]))).toBe(10_000)
})
