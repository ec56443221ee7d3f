import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { type Backoff, backoffAfter, backoffAfterProbe } from './backoff.ts'
import type { Observed } from './observed.ts'
import { probeKillWords } from './probe-kill.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
/** A container that ran between two seconds. */
const ran = (from: number, to: number) =>
  ({
    attempt: 0,
    startedAt: new Date(start + from * 1000).toISOString(),
    finishedAt: new Date(start + to * 1000).toISOString(),
  }) as Observed

describe('a container that is ended for its probe', () => {
  it.each([
    ['Always', ['c'], 'Container c failed liveness probe, will be restarted'],
    ['OnFailure', ['c'], 'Container c failed liveness probe, will be restarted'],
    ['Never', ['c', 'd'], 'Container c failed liveness probe'],
    ['Never', ['c'], 'Stopping container c'],
  ])('with the policy %s among %j is told of as: %s', (restartPolicy, names, words) => {
    const containers = names.map((name) => ({ name }))
    const pod = { spec: { restartPolicy, containers } } as Pod
    expect(probeKillWords(pod, containers[0]!, { state: 'running', exitCode: 0 } as Observed, 'liveness')).toBe(words)
  })

  it('starts at once, and waits only where it ran for a shorter time than it would wait', () => {
    const waits: number[] = []
    let backoff: Backoff | undefined
    for (const [from, to] of [
      [0, 5],
      [5, 10],
      [10, 15],
      [25, 50],
      [50, 85],
    ] as const) {
      backoff = backoffAfterProbe(backoff, ran(from, to))
      waits.push(backoff.delay)
    }
    expect(waits).toEqual([0, 0, 10_000, 0, 40_000])
    // One that ends by itself then waits as if it always had.
    expect(backoffAfter(backoff, ran(125, 126)).delay).toBe(80_000)
    expect(backoffAfterProbe(backoff, ran(125, 900))).toMatchObject({ ends: 0, delay: 0 })
  })
})
