import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { PodVerdict } from './pod-verdict.ts'

/** Seconds that a pod gets that says `own` for itself; undefined for as many as it says. */
function graceOf(own: number | undefined, eviction: { grace?: number; reason?: string }): number | undefined {
  const pod = { metadata: { name: 'p' }, spec: { terminationGracePeriodSeconds: own } } as Pod
  const context = { admit: () => Promise.resolve(undefined), clock: new FakeClock(), event: () => undefined }
  const verdict = new PodVerdict(context, { begun: true })
  verdict.evict(pod, { words: 'too much', ...eviction })
  return verdict.failure?.grace
}

it('a pod that must go at once has a second', () => {
  expect(graceOf(30, {})).toBe(1)
  expect(graceOf(0, {})).toBe(1)
})

it('a pod that goes for a soft threshold has its own time, up to what its node gives', () => {
  expect(graceOf(30, { grace: 60 })).toBe(30)
  expect(graceOf(90, { grace: 60 })).toBe(60)
  expect(graceOf(undefined, { grace: 60 })).toBe(60)
  expect(graceOf(30, { grace: 0 })).toBe(1)
  expect(graceOf(30, { grace: -1 })).toBeUndefined()
})

it('a pod that makes room for another has its own time', () => {
  expect(graceOf(30, { reason: 'Preempting' })).toBeUndefined()
})
