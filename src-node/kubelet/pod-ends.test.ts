import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Observed } from './plan/observed.ts'
import { containerHash } from './plan/naming.ts'
import { PodEnds } from './pod-ends.ts'

const container = { name: 'c', image: 'i' }
const pod = partial<Pod>({ metadata: { name: 'p', namespace: 'ns', uid: 'u' }, spec: { containers: [container] } })

/** The attempt of that number, which ran for a second. */
const ended = (attempt: number): Observed =>
  partial<Observed>({
    id: `c${attempt}`,
    name: 'c',
    attempt,
    state: 'exited',
    hash: containerHash(container),
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: '2026-01-01T00:00:01Z',
  })

it.each([
  [300_000, [0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000]],
  [25_000, [0, 10_000, 20_000, 25_000]],
  [2000, [0, 2000, 2000]],
])('a restart waits no longer than the %d ms that the node allows', (longest, waits) => {
  const ends = new PodEnds(longest, 0)
  const seen = waits.map((_, attempt) => {
    ends.note(pod, [ended(attempt)], () => undefined)
    return ends.backoffs.get('c')?.delay
  })
  expect(seen).toEqual(waits)
})

it('what ended with the machine, or before, makes nobody wait after its next start', () => {
  const ends = new PodEnds(300_000, Date.parse('2026-01-01T00:00:02Z'))
  const observed = [0, 1, 2, 3].map(ended)
  ends.note(pod, observed, () => undefined)
  expect(ends.backoffs.get('c')?.delay).toBe(0)
  const after = (attempt: number): Observed => ({
    ...ended(attempt),
    startedAt: '2026-01-01T00:00:03Z',
    finishedAt: '2026-01-01T00:00:04Z',
  })
  const delays = [4, 5, 6].map((attempt) => {
    ends.note(pod, [...observed, after(attempt)], () => undefined)
    return ends.backoffs.get('c')?.delay
  })
  expect(delays).toEqual([0, 10_000, 20_000])
})

it('what never started waits, whenever the machine started', () => {
  const ends = new PodEnds(300_000, Date.parse('2026-01-01T00:00:00Z'))
  const never = (attempt: number): Observed => ({ ...ended(attempt), startedAt: undefined })
  ends.note(pod, [never(0)], () => undefined)
  ends.note(pod, [never(0), never(1)], () => undefined)
  expect(ends.backoffs.get('c')?.delay).toBeGreaterThan(0)
})
