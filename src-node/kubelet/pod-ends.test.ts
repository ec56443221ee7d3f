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
  const ends = new PodEnds(longest)
  const seen = waits.map((_, attempt) => {
    ends.note(pod, [ended(attempt)], () => undefined)
    return ends.backoffs.get('c')?.delay
  })
  expect(seen).toEqual(waits)
})
