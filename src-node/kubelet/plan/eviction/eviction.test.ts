import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { pressureRefusal } from './admission.ts'
import { type PodUsage, rankForEviction } from './ranking.ts'
import {
  type Amount,
  pressuresOf,
  type Pressure,
  resourceOf,
  seenNow,
  type Signal,
  thresholdsMet,
} from './thresholds.ts'
import { binary, evictionWords } from './words.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const observed = (facts: Partial<Record<Signal, Amount>>) => new Map(Object.entries(facts) as Array<[Signal, Amount]>)

describe('what a node should have left', () => {
  const met = (facts: Partial<Record<Signal, Amount>>) => thresholdsMet(observed(facts)).map(({ signal }) => signal)

  it.each([
    ['memory.available', { available: 100 * MIB - 1, capacity: 8 * GIB }, true],
    ['memory.available', { available: 100 * MIB, capacity: 8 * GIB }, false],
    ['nodefs.available', { available: 9, capacity: 100 }, true],
    ['nodefs.available', { available: 10, capacity: 100 }, false],
    ['imagefs.available', { available: 14, capacity: 100 }, true],
    ['nodefs.inodesFree', { available: 4, capacity: 100 }, true],
    ['imagefs.inodesFree', { available: 5, capacity: 100 }, false],
  ] as const)('%s: of %o', (signal, amount, low) => {
    expect(met({ [signal]: amount })).toEqual(low ? [signal] : [])
  })

  it('is no more of a large disk than pods will write', () => {
    expect(met({ 'nodefs.available': { available: 3 * GIB, capacity: 1000 * GIB } })).toEqual([])
    expect(met({ 'nodefs.available': { available: GIB, capacity: 1000 * GIB } })).toEqual(['nodefs.available'])
  })

  it('is not known of a file system that does not count its inodes', () => {
    expect(met({ 'nodefs.inodesFree': { available: 0, capacity: 0 } })).toEqual([])
  })

  it('is told of for five minutes after it was last short', () => {
    const [short] = thresholdsMet(observed({ 'memory.available': { available: 0, capacity: GIB } }))
    const seen = seenNow(new Map(), [short!], 1_000)
    expect([...pressuresOf(seen, 1_000)]).toEqual(['MemoryPressure'])
    expect([...pressuresOf(seenNow(seen, [], 2_000), 300_999)]).toEqual(['MemoryPressure'])
    expect([...pressuresOf(seen, 301_000)]).toEqual([])
  })
})

const pod = (name: string, more: { priority?: number; requests?: object; ending?: true; status?: object } = {}): Pod =>
  ({
    metadata: { name, ...(more.ending ? { deletionTimestamp: 'now' } : {}) },
    spec: {
      ...(more.priority === undefined ? {} : { priority: more.priority }),
      containers: [{ name: 'c', resources: { requests: more.requests ?? {} } }],
    },
    status: more.status ?? {},
  }) as Pod
const usage = (of: Pod, used: number): PodUsage => ({ pod: of, used, containers: new Map([['c', used]]) })

describe('pods on a node that runs low', () => {
  it('go by what they use over what they asked for, and by their priority', () => {
    const usages = [
      usage(pod('modest', { requests: { memory: '10' } }), 5),
      usage(pod('greedy'), 50),
      usage(pod('greedier'), 60),
      usage(pod('important', { priority: 1000 }), 900),
      usage(pod('critical', { priority: 2_000_001_000 }), 9000),
      usage(pod('ending', { ending: true }), 9000),
    ]
    expect(rankForEviction(usages, 'memory').map((one) => one.pod.metadata.name)).toEqual([
      'greedier',
      'greedy',
      'important',
      'modest',
    ])
  })

  it('may have asked for what they use as a whole', () => {
    const whole = pod('whole')
    whole.spec.resources = { requests: { memory: '100' } }
    const ranked = rankForEviction([usage(whole, 90), usage(pod('greedy'), 10)], 'memory')
    expect(ranked.map((one) => one.pod.metadata.name)).toEqual(['greedy', 'whole'])
  })

  it('are told what was short and which container used more than it asked for', () => {
    const met = { signal: 'memory.available', quantity: 100 * MIB, available: 91_244 * 1024 } as const
    const batch = usage(pod('batch', { requests: { memory: '256Mi' } }), 1843 * MIB)
    expect(evictionWords(met, batch)).toBe(
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 91244Ki. Container c was using 1843Mi, request is 256Mi, has larger consumption of memory. ',
    )
    const storage = { signal: 'nodefs.available', quantity: 1025, available: 0 } as const
    expect(evictionWords(storage, usage(pod('idle'), 0))).toBe(
      'The node was low on resource: ephemeral-storage. Threshold quantity: 1025, available: 0. ',
    )
    expect(evictionWords(storage, { ...usage(pod('other'), 1), containers: new Map() })).not.toContain('Container')
    expect([resourceOf('nodefs.inodesFree'), binary(3 * GIB)]).toEqual(['inodes', '3Gi'])
  })

  const refused = (of: Pod, ...pressures: Pressure[]) => pressureRefusal(of, new Set(pressures))?.words
  const quality = (qosClass: string, tolerations?: object[]): Pod => {
    const one = pod('p', { status: { qosClass } })
    return { ...one, spec: { ...one.spec, ...(tolerations ? { tolerations } : {}) } } as Pod
  }

  it('are not taken while the disk is short', () => {
    expect(refused(quality('Guaranteed'), 'DiskPressure')).toBe('The node had condition: [DiskPressure]. ')
    expect(refused(quality('Guaranteed'), 'MemoryPressure', 'DiskPressure')).toContain('[MemoryPressure DiskPressure]')
    expect(refused(pod('critical', { priority: 2_000_000_000 }), 'DiskPressure')).toBeUndefined()
    expect(refused(quality('BestEffort'))).toBeUndefined()
  })

  it('that ask for nothing are not taken while memory is short, unless they tolerate that', () => {
    expect(refused(quality('Burstable'), 'MemoryPressure')).toBeUndefined()
    expect(refused(quality('BestEffort'), 'MemoryPressure')).toBe('The node had condition: [MemoryPressure]. ')
    const key = 'node.kubernetes.io/memory-pressure'
    for (const toleration of [{ operator: 'Exists' }, { key, effect: 'NoSchedule' }])
      expect(refused(quality('BestEffort', [toleration]), 'MemoryPressure')).toBeUndefined()
    for (const toleration of [
      { key: 'other', operator: 'Exists' },
      { key, value: 'x' },
      { key, effect: 'NoExecute' },
    ])
      expect(refused(quality('BestEffort', [toleration]), 'MemoryPressure')).toBeDefined()
  })
})
