import { describe, expect, it } from 'vitest'
import type { Node, Taint, Toleration } from '#types/core/v1'
import { sameTaints, toleratedFor, wantedTaints } from './taints.ts'

const PREFIX = 'node.kubernetes.io/'
const node = (conditions: Record<string, string> | undefined, spec: object | undefined = {}): Node =>
  ({
    metadata: { name: 'n1' },
    spec,
    status: conditions && { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
  }) as Node
const texts = (taints: readonly Taint[]): string[] =>
  taints.map(({ key, effect }) => `${key.replace(PREFIX, '')}:${effect}`)

describe('wantedTaints', () => {
  it.each([
    [{ Ready: 'True', MemoryPressure: 'False' }, []],
    [{ Ready: 'False' }, ['not-ready:NoSchedule', 'not-ready:NoExecute']],
    [{ Ready: 'Unknown' }, ['unreachable:NoSchedule', 'unreachable:NoExecute']],
    [{ MemoryPressure: 'True' }, ['memory-pressure:NoSchedule']],
    [{ DiskPressure: 'True' }, ['disk-pressure:NoSchedule']],
    [{ PIDPressure: 'True' }, ['pid-pressure:NoSchedule']],
    [{ NetworkUnavailable: 'True' }, ['network-unavailable:NoSchedule']],
    [{ MemoryPressure: 'Unknown', Else: 'True' }, []],
  ])('of conditions %j are %j', (conditions, expected) => {
    expect(texts(wantedTaints(node(conditions), 'add', 0))).toEqual(expected)
  })

  it('of a node about which nothing is known are none', () => {
    expect(wantedTaints({ metadata: { name: 'n1' } } as Node, 'add', 0)).toEqual([])
  })

  it('keep the time since when, and lose what no longer holds', () => {
    const taints = [
      { key: `${PREFIX}unreachable`, effect: 'NoExecute', timeAdded: 'then' },
      { key: `${PREFIX}not-ready`, effect: 'NoExecute', timeAdded: 'then' },
      { key: `${PREFIX}disk-pressure`, effect: 'NoSchedule', timeAdded: 'then' },
    ]
    expect(wantedTaints(node({ Ready: 'Unknown' }, { taints }), 'add', 0)).toEqual([
      { key: `${PREFIX}unreachable`, effect: 'NoSchedule', timeAdded: '1970-01-01T00:00:00Z' },
      taints[0],
    ])
  })

  it('leave alone what users put there, also under a name of ours with another effect', () => {
    const taints = [
      { key: 'own', effect: 'NoExecute' },
      { key: `${PREFIX}not-ready`, effect: 'PreferNoSchedule' },
      { key: `${PREFIX}memory-pressure`, effect: 'NoExecute' },
    ]
    expect(wantedTaints(node({ Ready: 'True' }, { taints }), 'remove', 0)).toEqual(taints)
  })

  it('keep, add or lose NoExecute as the zone fares', () => {
    const taints = [{ key: `${PREFIX}unreachable`, effect: 'NoExecute' }]
    const [bare, tainted] = [node({ Ready: 'Unknown' }), node({ Ready: 'Unknown' }, { taints })]
    const noExecute = (one: Node, eviction: 'add' | 'keep' | 'remove'): boolean =>
      wantedTaints(one, eviction, 0).some(({ effect }) => effect === 'NoExecute')
    expect([noExecute(bare, 'add'), noExecute(bare, 'keep'), noExecute(bare, 'remove')]).toEqual([true, false, false])
    expect([noExecute(tainted, 'keep'), noExecute(tainted, 'remove')]).toEqual([true, false])
  })

  it('have one for a node that is cordoned', () => {
    expect(texts(wantedTaints(node({ Ready: 'True' }, { unschedulable: true }), 'add', 0))).toEqual([
      'unschedulable:NoSchedule',
    ])
  })
})

describe('sameTaints', () => {
  it('looks at key, value and effect, in any order', () => {
    const [a, b]: Taint[] = [
      { key: 'a', effect: 'NoSchedule' },
      { key: 'b', value: '1', effect: 'NoExecute', timeAdded: 'x' },
    ]
    expect(sameTaints([a!, b!], [{ ...b!, timeAdded: 'y' }, a!])).toBe(true)
    expect(sameTaints([a!], [a!, b!])).toBe(false)
    expect(sameTaints([b!], [{ ...b!, value: '2' }])).toBe(false)
  })
})

describe('toleratedFor', () => {
  const [a, b]: Taint[] = ['a', 'b'].map((key) => ({ key, effect: 'NoExecute' }))
  const during = (key: string, tolerationSeconds?: number): Toleration => ({
    key,
    operator: 'Exists',
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  })
  it.each<[string, Toleration[], number]>([
    ['nothing', [], 0],
    ['one of two', [during('a', 10)], 0],
    ['both for a time: the shorter', [during('a', 10), during('b', 5)], 5000],
    ['one for good', [during('a'), during('b', 5)], 5000],
    ['both for good', [during('a'), during('b')], Infinity],
    ['a negative time', [during('a', -3), during('b')], 0],
    ['everything first: what follows does not count', [{ operator: 'Exists' }, during('a', 1)], Infinity],
    ['a time first: what follows does not count', [during('a', 1), { operator: 'Exists' }], 1000],
  ])('%s', (_, tolerations, expected) => {
    expect(toleratedFor(tolerations, [a!, b!])).toBe(expected)
  })

  it('judges numbers as the scheduler does', () => {
    const taint: Taint = { key: 'sla', value: '950', effect: 'NoExecute' }
    expect(toleratedFor([{ key: 'sla', operator: 'Gt', value: '900' }], [taint])).toBe(Infinity)
    expect(toleratedFor([{ key: 'sla', operator: 'Lt', value: '900' }], [taint])).toBe(0)
  })
})
