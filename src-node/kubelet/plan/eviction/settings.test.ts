import { describe, expect, it } from 'vitest'
import { defaultSettings, evictionSettings } from './settings.ts'
import { dueNow, metSince, type Signal, thresholdsMet } from './thresholds.ts'

const GIB = 2 ** 30

describe('what a node goes by when it runs low', () => {
  it('is upstream’s default where nothing is said', () => {
    expect(evictionSettings(undefined)).toEqual(defaultSettings)
    expect(evictionSettings({ kind: 'KubeletConfiguration' })).toEqual(defaultSettings)
  })

  it('is what the configuration says', () => {
    const settings = evictionSettings({
      evictionHard: { 'memory.available': '1Gi', 'pid.available': '10%' },
      evictionSoft: { 'nodefs.available': '15.5%', 'nodefs.inodesFree': '5k' },
      evictionSoftGracePeriod: { 'nodefs.available': '1h2m3s', 'nodefs.inodesFree': '500ms' },
      evictionMinimumReclaim: { 'memory.available': '0', 'nodefs.available': '500Mi' },
      evictionMaxPodGracePeriod: -1,
      evictionPressureTransitionPeriod: '0s',
    })
    expect(settings).toEqual({
      thresholds: [
        { signal: 'memory.available', quantity: GIB, reclaim: { quantity: 0 } },
        { signal: 'pid.available', part: 0.1 },
        { signal: 'nodefs.available', part: 0.155, grace: 3_723_000, reclaim: { quantity: 500 * 2 ** 20 } },
        { signal: 'nodefs.inodesFree', quantity: 5000, grace: 500 },
      ],
      mostPodGrace: -1,
      transition: 0,
    })
  })

  it.each([
    [{ evictionHard: { 'odd.available': '1' } }, 'evictionHard: unknown eviction signal odd.available'],
    [{ evictionHard: { 'memory.available': '-1' } }, 'evictionHard.memory.available: "-1" is neither'],
    [{ evictionHard: { 'memory.available': undefined } }, 'is neither a quantity nor a percentage'],
    [{ evictionSoft: { 'memory.available': '1' } }, 'grace period must be specified for the soft eviction threshold'],
    [{ evictionPressureTransitionPeriod: '5' }, 'evictionPressureTransitionPeriod: "5" is no duration'],
  ])('is not %j', (configuration, words) => {
    expect(() => evictionSettings(configuration)).toThrow(words)
  })
})

describe('a threshold', () => {
  const [low, more] = [
    { available: 9, capacity: 100 },
    { available: 12, capacity: 100 },
  ]
  const on = (signal: Signal, amount = low) => new Map([[signal, amount]])
  const soft = { signal: 'nodefs.available', quantity: 10, grace: 5000 } as const

  it('that is soft is due once it was met for its grace without a break', () => {
    const met = thresholdsMet(on('nodefs.available'), [soft])
    const first = metSince(new Map(), met, 1000)
    expect(dueNow(met, first, 5999)).toEqual([])
    expect(dueNow(met, metSince(first, met, 6000), 6000)).toEqual(met)
    const broken = metSince(first, [], 3000)
    expect(dueNow(met, metSince(broken, met, 6000), 6000)).toEqual([])
    expect(dueNow(met, new Map(), 6000)).toEqual([])
  })

  it('that was met is met until as much more is there as it wants', () => {
    const hungry = { signal: 'nodefs.available', quantity: 10, reclaim: { part: 0.05 } } as const
    expect(thresholdsMet(on('nodefs.available', more), [hungry])).toEqual([])
    expect(thresholdsMet(on('nodefs.available', more), [hungry], new Set([hungry]))).toHaveLength(1)
    const enough = { available: 15, capacity: 100 }
    expect(thresholdsMet(on('nodefs.available', enough), [hungry], new Set([hungry]))).toEqual([])
  })

  it('of memory comes first', () => {
    const both = new Map([...on('nodefs.available'), ...on('memory.available')])
    const met = thresholdsMet(both, [soft, { signal: 'memory.available', quantity: 10 }])
    expect(met.map(({ signal }) => signal)).toEqual(['memory.available', 'nodefs.available'])
  })

  it('of processes is told of as such', () => {
    expect(thresholdsMet(on('pid.available', { available: 499, capacity: 4_000_000 }))[0]?.quantity).toBe(500)
    expect(thresholdsMet(on('pid.available', { available: 500, capacity: 4_000_000 }))).toEqual([])
  })
})
