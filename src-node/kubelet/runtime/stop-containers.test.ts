import { expect, it, vi } from 'vitest'
import type { Pod } from '#types/core/v1'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type { Observed } from '../plan/observed.ts'
import type { PodContext } from '../pod-context.ts'
import { Grace } from './grace.ts'
import { stopContainers } from './stop-containers.ts'

it('a preStop hook that takes longer than there is time is left behind, and told of when it fails with its container', async () => {
  const clock = new FakeClock()
  const told: string[] = []
  const killed = Promise.withResolvers<never>()
  const handle = {
    exec: () => killed.promise,
    stop: () => Promise.resolve(told.push('stopped')),
  }
  const context = partial<PodContext>({
    clock,
    engine: { docker: { getContainer: () => handle }, look: () => Promise.resolve() },
    event: (_about: unknown, _type: string, reason: string) => void told.push(reason),
    log: () => undefined,
  })
  const container = { name: 'c', lifecycle: { preStop: { exec: { command: ['sleep', '100'] } } } }
  const pod = { metadata: { name: 'p', namespace: 'd' }, spec: { containers: [container] } } as Pod
  const running = [{ container, observed: { id: 'c' } as Observed }]
  const over = stopContainers(context, pod, running, new Grace(clock, 5))
  await clock.advance(4_999)
  expect(told).toEqual([])
  await clock.advance(1)
  await over
  expect(told).toEqual(['stopped'])
  killed.reject(new Error('container c is not running'))
  await vi.waitFor(() => expect(told).toEqual(['stopped', 'FailedPreStopHook']))
})
