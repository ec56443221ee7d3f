import type { Node } from '#types/core/v1'
import type { Endpoint } from '#types/discovery.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { planZones } from './zone-hints.ts'
import { zoneShares } from './zone-shares.ts'

const endpoints = (counts: Record<string, number>): Endpoint[] =>
  Object.entries(counts).flatMap(([zone, count]) =>
    Array.from({ length: count }, (_, i) => ({ addresses: [`${zone}${i}`], zone, conditions: { ready: true } })),
  )
const even = new Map([
  ['a', 0.5],
  ['b', 0.5],
])
const nobody = () => undefined

/** How many endpoints serve each zone, or why none does. */
function served(
  all: Endpoint[],
  shares: ReadonlyMap<string, number> | undefined,
  before = nobody as (e: Endpoint) => string | undefined,
) {
  const plan = planZones(all, shares, before)
  if ('why' in plan) return plan.why
  const counts: Record<string, number> = {}
  for (const zone of plan.zones.values()) counts[zone] = (counts[zone] ?? 0) + 1
  return counts
}

describe('the endpoints of a service', () => {
  it.each<[string, Record<string, number>, ReadonlyMap<string, number> | undefined, unknown]>([
    ['serve their own zones where that is even', { a: 3, b: 3 }, even, { a: 3, b: 3 }],
    ['stay where one more would be hardly better', { a: 4, b: 3 }, even, { a: 4, b: 3 }],
    ['serve another zone that is short of them', { a: 5, b: 1 }, even, { a: 3, b: 3 }],
    [
      'serve a zone that has none, with its part of the CPU',
      { a: 6 },
      new Map([
        ['a', 0.67],
        ['b', 0.33],
      ]),
      { a: 4, b: 2 },
    ],
    [
      'serve no zone where nodes do not say where they are',
      { a: 3 },
      undefined,
      'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
    ],
    ['serve no zone when there are too few', { a: 1 }, even, 'Insufficient number of endpoints (1 endpoints, 2 zones)'],
    [
      'serve no zone when some would have too much to do',
      { a: 1, b: 2 },
      even,
      'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)',
    ],
    [
      'serve no zone when one is in none',
      { '': 1, a: 2, b: 3 },
      even,
      'One or more endpoints do not have a zone specified',
    ],
  ])('%s', (_what, counts, shares, expected) => {
    expect(served(endpoints(counts), shares)).toEqual(expected)
  })

  it('that are not ready serve nobody', () => {
    const [first, ...others] = endpoints({ a: 4, b: 3 })
    const plan = planZones([{ ...first!, conditions: { ready: false } }, ...others], even, nobody)
    expect('zones' in plan && plan.zones.size).toBe(6)
  })

  it('that serve another zone go on with it', () => {
    const all = endpoints({ a: 5, b: 1 })
    const before = ({ addresses }: Endpoint) => (addresses[0] === 'a3' || addresses[0] === 'a4' ? 'b' : 'a')
    const plan = planZones(all, even, before)
    const moved = 'zones' in plan ? [...plan.zones].filter(([{ zone }, to]) => zone !== to) : []
    expect(moved.map(([{ addresses }, to]) => `${addresses[0]} ${to}`)).toEqual(['a3 b', 'a4 b'])
  })
})

describe('the shares of zones', () => {
  const node = (zone: string | undefined, cpu: string | undefined, more: { ready?: string; role?: string } = {}) =>
    ({
      metadata: {
        labels: {
          ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}),
          ...(more.role ? { [`node-role.kubernetes.io/${more.role}`]: '' } : {}),
        },
      },
      status: { allocatable: cpu ? { cpu } : {}, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
    }) as Node

  it.each<[string, Node[], Array<[string, number]> | undefined]>([
    [
      'are those of the CPU of their ready nodes',
      [node('a', '1'), node('a', '2'), node('b', '1'), node('c', '9', { ready: 'False' })],
      [
        ['a', 0.75],
        ['b', 0.25],
      ],
    ],
    [
      'leave the control plane out',
      [node('a', '1'), node('b', '1'), node(undefined, '8', { role: 'control-plane' })],
      [
        ['a', 0.5],
        ['b', 0.5],
      ],
    ],
    ['are not known when a node is in no zone', [node('a', '1'), node('b', '1'), node(undefined, '1')], undefined],
    ['are not known when a node has no CPU', [node('a', '1'), node('b', undefined)], undefined],
    ['are not asked for with one zone', [node('a', '1'), node('a', '1')], undefined],
  ])('%s', (_what, nodes, expected) => {
    const shares = zoneShares(nodes)
    expect(shares && [...shares]).toEqual(expected)
  })
})
