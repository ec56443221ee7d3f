import { expect, it } from 'vitest'
import type { ContainerStatus, Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { limitMessages } from './message-limit.ts'

const podOf = (count: number) =>
  ({
    metadata: {},
    spec: { containers: Array.from({ length: count }, (_, i) => ({ name: `c${i}` })) },
  }) as Pod
const ended = (message: string): ContainerStatus =>
  partial({
    name: 'c',
    state: { terminated: { exitCode: 1, message } },
    lastState: { terminated: { exitCode: 2, message } },
  })
const lengthsOf = (count: number, message: string) => {
  const [status] = limitMessages(podOf(count), [ended(message)])
  return [status?.state, status?.lastState].map((state) => Buffer.byteLength(state?.terminated?.message ?? ''))
}

it.each([
  [3, 'x'.repeat(4096), 4096],
  [12, 'x'.repeat(4096), 1024],
  [12, 'x'.repeat(1024), 1024],
  [12, 'é'.repeat(1000), 1024],
  [12, `x${'é'.repeat(1000)}`, 1023],
])('with %i containers words keep to their share', (count, message, bytes) =>
  expect(lengthsOf(count, message)).toEqual([bytes, bytes]),
)

it('leaves alone what says nothing', () => {
  const quiet = [{ name: 'c', state: { running: {} }, lastState: {} }, { name: 'd' }] as ContainerStatus[]
  expect(limitMessages(podOf(2), quiet)).toEqual(quiet)
})
