import type { Endpoint, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { planSlices, type SliceGroup } from './slice-plan.ts'

const labels = { 'kubernetes.io/service-name': 'web' }
const ports = [{ name: '', port: 80, protocol: 'TCP' as const }]
const at = (address: string, more: Partial<Endpoint> = {}): Endpoint => ({
  addresses: [address],
  conditions: { ready: true },
  targetRef: { kind: 'Pod', name: address, uid: address },
  ...more,
})
const many = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => at(`10.0.${Math.floor((from + i) / 250)}.${(from + i) % 250}`))
const group = (endpoints: Endpoint[], more: Partial<SliceGroup> = {}): SliceGroup => ({
  addressType: 'IPv4',
  ports,
  endpoints,
  ...more,
})
const slice = (name: string, endpoints: Endpoint[] | undefined, more: object = {}) =>
  partial<EndpointSlice>({
    metadata: { name, labels },
    addressType: 'IPv4',
    ports,
    ...(endpoints ? { endpoints } : {}),
    ...more,
  })
/** What a plan writes: sizes by the name of the slice. */
function writes(existing: EndpointSlice[], groups: SliceGroup[], wanted = labels) {
  const plan = planSlices(existing, groups, wanted)
  return {
    create: plan.create.map(({ endpoints }) => endpoints.length),
    update: Object.fromEntries(
      plan.update.map(({ slice: one, content }) => [one.metadata.name, content.endpoints.length]),
    ),
    remove: plan.remove.map(({ metadata }) => metadata.name),
  }
}
const nothing = { create: [], update: {}, remove: [] }

// kubernetes.io, "EndpointSlices: Distribution of EndpointSlices".
describe('slices', () => {
  it.each<[string, EndpointSlice[], SliceGroup[], object]>([
    ['are made for new endpoints', [], [group(many(0, 3))], { ...nothing, create: [3] }],
    ['hold a hundred each', [], [group(many(0, 250))], { ...nothing, create: [100, 100, 50] }],
    ['are left alone when nothing changed', [slice('a', many(0, 3))], [group(many(0, 3))], nothing],
    [
      'take new endpoints where there is room',
      [slice('a', many(0, 3))],
      [group(many(0, 5))],
      { ...nothing, update: { a: 5 } },
    ],
    [
      'are filled where something changes anyway before others',
      [slice('a', many(0, 50)), slice('b', many(50, 50))],
      [group([...many(0, 50), ...many(51, 50)])],
      { ...nothing, update: { b: 50 } },
    ],
    [
      'spill over into a new one when all are full',
      [slice('a', many(0, 100))],
      [group(many(0, 101))],
      { ...nothing, create: [1] },
    ],
    [
      'go when they are empty',
      [slice('a', many(0, 3)), slice('b', many(3, 1))],
      [group(many(0, 3))],
      { ...nothing, remove: ['b'] },
    ],
    [
      'stay, one and empty, when nobody is there',
      [slice('a', many(0, 3)), slice('b', many(3, 1))],
      [group([])],
      { ...nothing, update: { a: 0 }, remove: ['b'] },
    ],
    ['are made empty when nobody is there and none exists', [], [group([])], { ...nothing, create: [0] }],
    ['that are empty already stay as they are', [slice('a', undefined)], [group([])], nothing],
    [
      'of other ports go',
      [slice('a', many(0, 1), { ports: [{ port: 81 }] })],
      [group(many(0, 1))],
      { ...nothing, create: [1], remove: ['a'] },
    ],
    [
      'of another family go',
      [slice('a', [at('fd00::1')], { addressType: 'IPv6' })],
      [group(many(0, 1))],
      { ...nothing, create: [1], remove: ['a'] },
    ],
    [
      'without ports serve services without ports',
      [slice('a', many(0, 1), { ports: undefined })],
      [group(many(0, 1), { ports: [] })],
      nothing,
    ],
    ['all go with the last group', [slice('a', many(0, 1))], [], { ...nothing, remove: ['a'] }],
  ])('%s', (_what, existing, groups, expected) => {
    expect(writes(existing, groups)).toEqual(expected)
  })

  it('follow a change of an endpoint in the slice that has it', () => {
    const unready = at('10.0.0.0', { conditions: { ready: false } })
    const plan = planSlices([slice('a', many(0, 2))], [group([unready, ...many(1, 1)])], labels)
    expect(plan.update[0]?.content.endpoints).toEqual([unready, ...many(1, 1)])
  })

  it('tell a new pod from an old one at the same address', () => {
    const old = slice('a', [at('10.0.0.1', { targetRef: { kind: 'Pod', name: 'old', uid: 'u1' } })])
    const replaced = group([at('10.0.0.1', { targetRef: { kind: 'Pod', name: 'new', uid: 'u2' } })])
    expect(writes([old], [replaced])).toEqual({ ...nothing, update: { a: 1 } })
  })

  it('know endpoints that are no pods by address, host name and node', () => {
    const bare = (hostname: string): Endpoint => ({ addresses: ['192.0.2.1'], hostname, nodeName: 'n1' })
    expect(writes([slice('a', [bare('x')])], [group([bare('x')])])).toEqual(nothing)
    expect(writes([slice('a', [bare('x')])], [group([bare('x'), bare('y')])])).toEqual({ ...nothing, update: { a: 2 } })
  })

  it('take over the labels of their service', () => {
    const withTeam = { ...labels, team: 'x' }
    expect(writes([slice('a', many(0, 1))], [group(many(0, 1))], withTeam)).toEqual({
      ...nothing,
      update: { a: 1 },
    })
    expect(writes([slice('a', many(0, 1), { metadata: { name: 'a' } })], [group(many(0, 1))])).toEqual({
      ...nothing,
      update: { a: 1 },
    })
  })

  it('never lose or double an endpoint, whatever came before', () => {
    let existing: EndpointSlice[] = []
    for (const [from, count] of [
      [0, 120],
      [60, 150],
      [200, 30],
      [0, 0],
      [10, 333],
    ] as const) {
      const plan = planSlices(existing, [group(many(from, count))], labels)
      const updated = new Map(plan.update.map(({ slice: one, content }) => [one, content.endpoints]))
      existing = [
        ...existing
          .filter((one) => !plan.remove.includes(one))
          .map((one) => slice(one.metadata.name, updated.get(one) ?? one.endpoints)),
        ...plan.create.map(({ endpoints }, i) => slice(`${from}-${i}`, endpoints)),
      ]
      const all = existing.flatMap(({ endpoints }) => endpoints ?? []).map(({ addresses }) => addresses[0])
      expect(all).toHaveLength(count)
      expect(new Set(all)).toEqual(new Set(many(from, count).map(({ addresses }) => addresses[0])))
      expect(Math.max(...existing.map(({ endpoints }) => endpoints?.length ?? 0))).toBeLessThanOrEqual(100)
    }
  })
})
