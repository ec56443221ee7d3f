import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { deadlineLeft } from './failure.ts'

it('a pod may be active for its deadline from its start on, without one for ever', () => {
  const pod = (activeDeadlineSeconds?: number, startTime?: string) =>
    ({ spec: { activeDeadlineSeconds }, status: startTime ? { startTime } : undefined }) as Pod
  const start = '2026-01-01T00:00:00Z'
  const now = Date.parse(start) + 4_000
  expect(deadlineLeft(pod(10, start), now)).toBe(6_000)
  expect(deadlineLeft(pod(3, start), now)).toBe(-1_000)
  expect(deadlineLeft(pod(10), now)).toBe(Infinity)
  expect(deadlineLeft(pod(undefined, start), now)).toBe(Infinity)
})
