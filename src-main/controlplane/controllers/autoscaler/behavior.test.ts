import { describe, expect, it } from 'vitest'
import type { HorizontalPodAutoscaler, HPAScalingRules } from '#types/autoscaling/v2'
import { decide, type Memory } from './behavior.ts'

const MINUTE = 60_000
const hpa = (spec: object = {}) => ({ spec: { minReplicas: 2, maxReplicas: 100, ...spec } }) as HorizontalPodAutoscaler
const empty = (): Memory => ({ recommendations: [], events: [] })
const decided = (current: number, recommended: number, spec: object = {}, memory = empty(), now = 10 * MINUTE) => {
  const { replicas, able, limited } = decide(hpa(spec), current, recommended, memory, now)
  return [replicas, able.reason, limited.reason]
}
const behavior = (scaleUp: HPAScalingRules | undefined, scaleDown?: HPAScalingRules) => ({
  behavior: { ...(scaleUp ? { scaleUp } : {}), ...(scaleDown ? { scaleDown } : {}) },
})
const pods = (value: number, periodSeconds = 60) => ({ type: 'Pods', value, periodSeconds })
const percent = (value: number, periodSeconds = 60) => ({ type: 'Percent', value, periodSeconds })

describe('what may be done of a recommendation', () => {
  it.each<[string, number, number, object, unknown[]]>([
    ['all of it', 4, 6, {}, [6, 'ReadyForNewScale', 'DesiredWithinRange']],
    ['nothing when it is what there is', 4, 4, {}, [4, 'ReadyForNewScale', 'DesiredWithinRange']],
    ['no more than the most', 4, 200, { maxReplicas: 6 }, [6, 'ReadyForNewScale', 'TooManyReplicas']],
    ['no fewer than the least', 4, 1, {}, [2, 'ReadyForNewScale', 'TooFewReplicas']],
    ['twice as many at once where no behaviour is stated', 4, 50, {}, [8, 'ReadyForNewScale', 'ScaleUpLimit']],
    ['four where that is more', 1, 50, { minReplicas: 1 }, [4, 'ReadyForNewScale', 'ScaleUpLimit']],
    ['twice as many by default of one that is', 6, 50, behavior({}), [12, 'ReadyForNewScale', 'ScaleUpLimit']],
    ['four more when that is more', 2, 50, behavior({}), [6, 'ReadyForNewScale', 'ScaleUpLimit']],
    [
      'as much as the widest policy allows',
      10,
      50,
      behavior({ policies: [pods(3), percent(50)] }),
      [15, 'ReadyForNewScale', 'ScaleUpLimit'],
    ],
    [
      'as much as the narrowest one allows',
      10,
      50,
      behavior({ selectPolicy: 'Min', policies: [pods(3), percent(50)] }),
      [13, 'ReadyForNewScale', 'ScaleUpLimit'],
    ],
    [
      'no growth when that is disabled',
      10,
      50,
      behavior({ selectPolicy: 'Disabled' }),
      [10, 'ReadyForNewScale', 'ScaleUpLimit'],
    ],
    [
      'no faster down than the policy',
      50,
      10,
      behavior(undefined, { policies: [percent(10)] }),
      [45, 'ReadyForNewScale', 'ScaleDownLimit'],
    ],
    [
      'the slowest of several, if so asked',
      50,
      10,
      behavior(undefined, { selectPolicy: 'Min', policies: [percent(10), pods(1)] }),
      [49, 'ReadyForNewScale', 'ScaleDownLimit'],
    ],
    [
      'no shrinking when that is disabled',
      50,
      10,
      behavior(undefined, { selectPolicy: 'Disabled' }),
      [50, 'ReadyForNewScale', 'ScaleDownLimit'],
    ],
  ])('%s', (_what, current, recommended, spec, expected) => {
    expect(decided(current, recommended, spec)).toEqual(expected)
  })

  it('counts what was done in the period of a policy already', () => {
    const now = 10 * MINUTE
    const memory = {
      ...empty(),
      events: [
        { change: 3, at: now - 30_000 },
        { change: 50, at: now - 90_000 },
      ],
    }
    expect(decided(13, 50, behavior({ policies: [pods(4)] }), memory, now)[0]).toBe(14)
    const down = { ...empty(), events: [{ change: -3, at: now - 30_000 }] }
    expect(decided(7, 2, behavior(undefined, { policies: [pods(4)] }), down, now)[0]).toBe(6)
  })
})

describe('steadiness', () => {
  it('goes down only to the highest recommendation of five minutes', () => {
    const memory = empty()
    expect(decided(8, 8, {}, memory, 0)[0]).toBe(8)
    expect(decided(8, 3, {}, memory, 4 * MINUTE)).toEqual([8, 'ScaleDownStabilized', 'DesiredWithinRange'])
    expect(decided(8, 4, {}, memory, 6 * MINUTE)[0]).toBe(4)
  })

  it('goes up only to the lowest one of its window', () => {
    const memory = empty()
    const spec = behavior({ stabilizationWindowSeconds: 60 })
    expect(decided(3, 3, spec, memory, 0)[0]).toBe(3)
    expect(decided(3, 5, spec, memory, 30_000)).toEqual([3, 'ScaleUpStabilized', 'DesiredWithinRange'])
    expect(decided(3, 6, spec, memory, 70_000)[0]).toBe(5)
  })

  it('forgets what is older than an hour', () => {
    const memory = { recommendations: [{ replicas: 9, at: 0 }], events: [{ change: 1, at: 0 }] }
    decided(3, 3, {}, memory, 61 * MINUTE)
    expect(memory).toEqual({ recommendations: [{ replicas: 3, at: 61 * MINUTE }], events: [] })
  })
})
