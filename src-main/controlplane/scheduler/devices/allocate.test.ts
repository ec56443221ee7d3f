import type { Device, DeviceRequest, ResourceClaim, ResourceSlice } from '#types/resource.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { NodeInfo } from '../framework/node-info.ts'
import { node } from '../testing/arrange.ts'
import { ask, claim, device, deviceClass, slice } from '../testing/devices.ts'
import { allocate } from './allocate.ts'
import { addShares } from './capacity.ts'
import { indexPools } from './pools.ts'
import { requestsOf } from './requests.ts'
import { allocationOf } from './result.ts'

const classes = [
  deviceClass('gpu'),
  deviceClass('fast', { selectors: [{ cel: { expression: 'device.attributes["d"].?speed.orValue(0) > 5' } }] }),
]
const info = new NodeInfo('n1')
info.setNode(node('n1', { labels: { zone: 'a' } }))

function outcome(
  slices: readonly ResourceSlice[],
  claims: readonly ResourceClaim[],
  used: readonly string[] = [],
  shares = new Map<string, number>(),
) {
  const open = claims.map((one) => {
    const requests = requestsOf(one, (name) => classes.find(({ metadata }) => metadata.name === name))
    if ('rejected' in requests) throw new Error(requests.rejected)
    return { claim: one, requests }
  })
  const grants = allocate(open, indexPools(slices)(info), { whole: new Set(used), shares })
  return grants && [...grants].map(([of, granted]) => allocationOf(of, granted, 'n1'))
}

/** Which device each request of a claim gets: `request device`. */
function given(
  devices: readonly Device[],
  spec: NonNullable<ResourceClaim['spec']['devices']>,
  used: readonly string[] = [],
  more = {},
) {
  const [allocation] = outcome([slice('n1', devices, more)], [claim('c', spec)], used) ?? []
  return allocation?.devices?.results?.map(({ request, device: name }) => `${request} ${name}`)
}

const cel = (expression: string) => ({ selectors: [{ cel: { expression } }] })
const numbered = (count: number) => Array.from({ length: count }, (_, i) => device(`g${i}`))
const all = { allocationMode: 'All' as const, count: undefined }

describe('devices', () => {
  it.each<[string, readonly Device[], DeviceRequest[], readonly string[], unknown]>([
    ['are given in order', numbered(2), [ask('r')], [], ['r g0']],
    ['are given once', numbered(2), [ask('r')], ['d/n1/g0'], ['r g1']],
    ['are given as many as are asked for', numbered(3), [ask('r', { count: 2 })], [], ['r g0', 'r g1']],
    ['are not given when there are too few', numbered(1), [ask('r', { count: 2 })], [], undefined],
    ['are given as many as a claim can have', numbered(40), [ask('r', { count: 33 })], [], undefined],
    [
      'are given as many as a claim can have, of all its requests',
      numbered(40),
      [ask('r', { count: 16 }), ask('s', { count: 17 })],
      [],
      undefined,
    ],
    ['are given all', numbered(2), [ask('r', all)], [], ['r g0', 'r g1']],
    ['are not all given when somebody has one', numbered(2), [ask('r', all)], ['d/n1/g1'], undefined],
    ['are not all given when there is none', [], [ask('r', all)], [], undefined],
    [
      'are chosen by their class',
      [device('a', { speed: 1 }), device('b', { speed: 9 })],
      [ask('r', { deviceClassName: 'fast' })],
      [],
      ['r b'],
    ],
    [
      'are chosen by name',
      [device('a', { 'x.dev/kind': 'k' })],
      [ask('r', cel('device.driver == "d" && device.attributes["x.dev"].kind == "k"'))],
      [],
      ['r a'],
    ],
    [
      'are chosen by version',
      [device('a', { version: '1.2.0' }), device('b', { version: '1.10.0' })],
      [ask('r', cel('device.attributes["d"].version.isGreaterThan(semver("1.9.0"))'))],
      [],
      ['r b'],
    ],
    [
      'are chosen by capacity',
      [
        device('a', {}, { capacity: { memory: { value: '8Gi' } } }),
        device('b', {}, { capacity: { memory: { value: '80Gi' } } }),
      ],
      [ask('r', cel('device.capacity["d"].memory.compareTo(quantity("40Gi")) >= 0'))],
      [],
      ['r b'],
    ],
    [
      'are left to requests that can have no other',
      [device('a', { speed: 9 }), device('b', { speed: 1 })],
      [ask('any'), ask('fast', { deviceClassName: 'fast' })],
      [],
      ['any b', 'fast a'],
    ],
    [
      'are looked at by administrators though somebody has them',
      numbered(1),
      [ask('r', { ...all, adminAccess: true })],
      ['d/n1/g0'],
      ['r g0'],
    ],
    [
      'with a taint go to who tolerates it',
      [device('a', {}, { taints: [{ key: 'broken', effect: 'NoSchedule' }] })],
      [ask('r', { tolerations: [{ key: 'broken', operator: 'Exists', effect: 'NoSchedule' }] })],
      [],
      ['r a'],
    ],
    [
      'with a taint go to nobody else',
      [device('a', {}, { taints: [{ key: 'broken', effect: 'NoExecute' }] })],
      [ask('r')],
      [],
      undefined,
    ],
  ])('%s', (_what, devices, requests, used, expected) => {
    expect(given(devices, { requests }, used)).toEqual(expected)
  })

  it('are the first of a list that can be had', () => {
    const sub = (name: string, deviceClassName: string) => ({ name, deviceClassName, count: 1 })
    const requests = [{ name: 'r', firstAvailable: [sub('fast', 'fast'), sub('any', 'gpu')] }]
    const devices = [device('a', { speed: 1 }), device('b', { speed: 9 })]
    expect(given(devices, { requests })).toEqual(['r/fast b'])
    expect(given(devices, { requests }, ['d/n1/b'])).toEqual(['r/any a'])
  })

  it.each([
    ['matchAttribute', ['r b', 'r c']],
    ['distinctAttribute', ['r a', 'r b']],
  ] as const)('of a request meet its constraint: %s', (constraint, expected) => {
    const devices = [device('a', { socket: 0 }), device('b', { socket: 1 }), device('c', { socket: 1 }), device('x')]
    const requests = [ask('r', { count: 2 })]
    expect(given(devices, { requests, constraints: [{ requests: ['r'], [constraint]: 'd/socket' }] })).toEqual(expected)
    expect(given(devices, { requests, constraints: [{ requests: ['other'], [constraint]: 'd/socket' }] })).toEqual([
      'r a',
      'r b',
    ])
    expect(given(devices, { requests, constraints: [{}] })).toEqual(['r a', 'r b'])
  })

  it('are all given only when all meet a constraint', () => {
    const devices = [device('a', { socket: 0 }), device('b', { socket: 1 })]
    const constraints = [{ matchAttribute: 'd/socket' }]
    expect(given(devices, { requests: [ask('r', all)], constraints })).toBeUndefined()
    expect(given(devices.slice(1), { requests: [ask('r', all)], constraints })).toEqual(['r b'])
  })

  it('that share something are given while there is enough of it', () => {
    const part = (name: string, value: string) =>
      device(name, {}, { consumesCounters: [{ counterSet: 's', counters: { memory: { value } } }] })
    const devices = [part('whole', '8Gi'), part('half', '4Gi'), part('quarter', '2Gi')]
    const sharedCounters = [{ name: 's', counters: { memory: { value: '8Gi' } } }]
    expect(given(devices, { requests: [ask('r', { count: 2 })] }, [], { sharedCounters })).toEqual([
      'r half',
      'r quarter',
    ])
    expect(given(devices, { requests: [ask('r')] }, ['d/n1/half'], { sharedCounters })).toEqual(['r quarter'])
    expect(given(devices, { requests: [ask('r')] }, ['d/n1/whole'], { sharedCounters })).toBeUndefined()
  })

  it('that share something across nodes are not given where others have used it up', () => {
    const part = (name: string, nodeName: string) =>
      device(name, {}, { nodeName, consumesCounters: [{ counterSet: 's', counters: { memory: { value: '8Gi' } } }] })
    const sharedCounters = [{ name: 's', counters: { memory: { value: '8Gi' } } }]
    const more = { nodeName: undefined, perDeviceNodeSelection: true, sharedCounters }
    const devices = [part('far', 'n2'), part('near', 'n1')]
    expect(given(devices, { requests: [ask('r')] }, [], more)).toEqual(['r near'])
    expect(given(devices, { requests: [ask('r')] }, ['d/n1/far'], more)).toBeUndefined()
  })

  it('are not sought for ever', () => {
    const devices = Array.from({ length: 60 }, (_, i) => device(`g${i}`, { n: i }))
    const constraints = [{ matchAttribute: 'd/absent' }, { distinctAttribute: 'd/n' }]
    const requests = [ask('a', { count: 20 }), ask('b', { count: 20 }), ask('c', { count: 21 })]
    expect(given(devices, { requests, constraints: constraints.slice(1) })).toBeUndefined()
    expect(given(devices, { requests, constraints })).toBeUndefined()
  })
})

describe('pools', () => {
  const reach = (more: Partial<ResourceSlice['spec']>) => {
    const one = slice('n1', [device('a')], { nodeName: undefined, ...more })
    return outcome([one], [claim('c', { requests: [ask('r')] })])?.[0]
  }
  const term = { matchExpressions: [{ key: 'zone', operator: 'In' as const, values: ['a'] }] }

  it('of a node, of some nodes or of all tell where their devices can be used', () => {
    expect(reach({ nodeName: 'n1' })?.nodeSelector?.nodeSelectorTerms).toEqual([
      { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
    ])
    expect(reach({ nodeSelector: { nodeSelectorTerms: [term] } })?.nodeSelector?.nodeSelectorTerms).toEqual([term])
    expect(reach({ allNodes: true })).not.toHaveProperty('nodeSelector')
    expect(reach({ nodeName: 'n2' })).toBeUndefined()
    expect(reach({})).toBeUndefined()
  })

  it('may place each device', () => {
    const devices = [device('far', {}, { nodeName: 'n2' }), device('near', {}, { nodeName: 'n1' })]
    expect(given(devices, { requests: [ask('r')] }, [], { nodeName: undefined, perDeviceNodeSelection: true })).toEqual(
      ['r near'],
    )
  })

  it('are those of the newest generation', () => {
    const at = (generation: number, name: string) =>
      slice('n1', [device(name)], { pool: { name: 'n1', generation, resourceSliceCount: 1 } })
    const spec = claim('c', { requests: [ask('r')] })
    for (const slices of [
      [at(1, 'old'), at(2, 'new')],
      [at(2, 'new'), at(1, 'old')],
    ])
      expect(outcome(slices, [spec])?.[0]?.devices?.results?.[0]?.device).toBe('new')
  })

  it('that are not complete do not give all, and those with a name twice nothing', () => {
    const two = { pool: { name: 'n1', generation: 1, resourceSliceCount: 2 } }
    expect(() => given([device('a')], { requests: [ask('r', all)] }, [], two)).toThrow(
      'claim default/c, request r: asks for all devices, but resource pool n1 is currently being updated',
    )
    expect(given([device('a')], { requests: [ask('r')] }, [], two)).toEqual(['r a'])
    expect(() => given([device('a'), device('a')], { requests: [ask('r')] })).toThrow('resource pool n1 is invalid')
    const halves = [slice('n1', [device('a')], two), slice('n1', [device('b')], two)]
    const results = outcome(halves, [claim('c', { requests: [ask('r', all)] })])?.[0]?.devices?.results
    expect(results?.map(({ device: name }) => name)).toEqual(['a', 'b'])
  })
})

it('claims of a pod share no device, and keep their own configuration', () => {
  const opaque = (n: number) => ({ opaque: { driver: 'd', parameters: { n } } })
  const config = [
    { requests: ['r'], ...opaque(1) },
    { requests: ['x'], ...opaque(2) },
  ]
  const first = claim('a', { requests: [ask('r', { tolerations: [{ operator: 'Exists' }] })], config })
  const second = claim('b', { requests: [ask('r')] })
  const [one, two] = outcome([slice('n1', numbered(2))], [first, second]) ?? []
  expect(one?.devices).toEqual({
    results: [{ request: 'r', driver: 'd', pool: 'n1', device: 'g0', tolerations: [{ operator: 'Exists' }] }],
    config: [{ source: 'FromClaim', requests: ['r'], ...opaque(1) }],
  })
  expect(two?.devices?.results?.[0]?.device).toBe('g1')
})

describe('a device that many share', () => {
  const shared = (capacity: Device['capacity'], name = 'g') =>
    device(name, {}, { allowMultipleAllocations: true, capacity })
  const wants = (name: string, requests: Record<string, string>) => ask(name, { capacity: { requests } })
  const parts = (devices: readonly Device[], requests: DeviceRequest[], shares?: Map<string, number>) =>
    outcome([slice('n1', devices)], [claim('c', { requests })], [], shares)?.[0]?.devices?.results?.map(
      ({ device: name, consumedCapacity, shareID }) => [name, consumedCapacity, typeof shareID],
    )
  const memory = (value: string, requestPolicy?: object) => ({
    memory: { value, ...(requestPolicy ? { requestPolicy } : {}) },
  })

  it('is given in parts, as long as there is enough', () => {
    const both = [wants('a', { memory: '3Gi' }), wants('b', { 'd/memory': '5Gi' })]
    expect(parts([shared(memory('8Gi'))], both)).toEqual([
      ['g', { memory: '3Gi' }, 'string'],
      ['g', { memory: '5Gi' }, 'string'],
    ])
    expect(parts([shared(memory('7Gi'))], both)).toBeUndefined()
    expect(parts([shared(memory('7Gi')), shared(memory('4Gi'), 'h')], both)?.map(([name]) => name)).toEqual(['h', 'g'])
    const used = new Map([['d/n1/g memory', 6 * 1024 ** 3 * 1000]])
    expect(parts([shared(memory('8Gi'))], [wants('a', { memory: '3Gi' })], used)).toBeUndefined()
  })

  it.each<[string, object | undefined, Record<string, string>, string | undefined]>([
    ['wholly to who does not say how much', undefined, {}, '8Gi'],
    ['by its default to who does not say how much', { default: '2Gi', validRange: { min: '1Gi' } }, {}, '2Gi'],
    ['at least with its minimum', { validRange: { min: '1Gi' } }, { memory: '1Mi' }, '1Gi'],
    ['as asked for between its bounds', { validRange: { min: '1Gi', max: '4Gi' } }, { memory: '3Gi' }, '3Gi'],
    ['not beyond its maximum', { validRange: { min: '1Gi', max: '4Gi' } }, { memory: '5Gi' }, undefined],
    ['in its steps', { validRange: { min: '1', step: '2' } }, { memory: '4' }, '5'],
    ['in one of its sizes', { validValues: ['4Gi', '2Gi', '1Gi'] }, { memory: '1500Mi' }, '2Gi'],
    ['not where no size is enough', { validValues: ['1Gi'] }, { memory: '2Gi' }, undefined],
    ['not with more than it has', undefined, { memory: '9Gi' }, undefined],
    ['not with what it has not', undefined, { cores: '1' }, undefined],
  ])('is given %s', (_what, policy, asked, expected) => {
    const found = parts([shared(memory('8Gi', policy))], [wants('a', asked)])
    expect(found?.[0]?.[1]).toEqual(expected === undefined ? undefined : { memory: expected })
  })

  it('takes what it shares with others once, however many have a part of it', () => {
    const consumesCounters = [{ counterSet: 's', counters: { slots: { value: '1' } } }]
    const sharing = (name: string) => ({ ...shared(memory('8Gi'), name), consumesCounters })
    const given = (asked: string[], used = new Map<string, number>()) => {
      const requests = asked.map((amount, i) => wants(`r${i}`, { memory: amount }))
      const counted = { sharedCounters: [{ name: 's', counters: { slots: { value: '1' } } }] }
      const found = outcome([slice('n1', [sharing('g'), sharing('h')], counted)], [claim('c', { requests })], [], used)
      return found?.[0]?.devices?.results?.map(({ device: name }) => name)
    }
    expect(given(['3Gi', '5Gi'])).toEqual(['g', 'g'])
    expect(given(['6Gi', '5Gi'])).toBeUndefined()
    const used = new Map<string, number>()
    addShares(used, 'd/n1/h', { memory: '6Gi' }, 1)
    expect(given(['2Gi'], used)).toEqual(['h'])
    expect(given(['3Gi'], used)).toBeUndefined()
  })

  it("is otherwise somebody's alone, with enough of what is asked for", () => {
    const alone = device('g', {}, { capacity: memory('8Gi') })
    expect(parts([alone], [wants('a', { memory: '2Gi' })])).toEqual([['g', undefined, 'undefined']])
    expect(parts([alone], [wants('a', { memory: '9Gi' })])).toBeUndefined()
    expect(parts([alone], [wants('a', { memory: '2Gi' }), wants('b', { memory: '2Gi' })])).toBeUndefined()
  })
})
