import { describe, expect, it } from 'vitest'
import type { Node } from '#types/core/v1'
import { evictionOf, zoneOf, zoneState } from './zones.ts'

const node = (name: string, labels?: Record<string, string>): Node =>
  ({ metadata: { name, ...(labels ? { labels } : {}) } }) as Node
const many = (count: number, prefix: string, labels?: Record<string, string>): Node[] =>
  Array.from({ length: count }, (_, i) => node(`${prefix}${i}`, labels))

describe('zoneState', () => {
  it.each([
    [3, 0, 'Normal'],
    [0, 0, 'Normal'],
    [0, 1, 'FullDisruption'],
    [1, 2, 'Normal'],
    [2, 3, 'PartialDisruption'],
    [3, 3, 'Normal'],
    [9, 11, 'PartialDisruption'],
  ])('of %d ready and %d lost nodes is %s', (ready, lost, state) => {
    expect(zoneState(ready, lost)).toBe(state)
  })
})

describe('zoneOf', () => {
  it('is region and zone together; nodes without labels share one', () => {
    const labels = { 'topology.kubernetes.io/region': 'a', 'topology.kubernetes.io/zone': 'b' }
    expect(zoneOf(node('x', labels))).not.toBe(zoneOf(node('y', { ...labels, 'topology.kubernetes.io/region': 'c' })))
    expect(zoneOf(node('x'))).toBe(zoneOf(node('y', {})))
  })
})

describe('evictionOf', () => {
  const [lost, ...rest] = many(5, 'n')
  const livesAmong = (count: number) => (one: Node) => rest.slice(0, count).includes(one)

  it('adds while most nodes of the zone live, keeps when most are lost, removes when none lives', () => {
    const all = [lost!, ...rest]
    expect([4, 3, 2, 1, 0].map((count) => evictionOf(lost!, all, livesAmong(count)))).toEqual([
      'add',
      'add',
      'keep',
      'keep',
      'remove',
    ])
  })

  it('goes on in a large cluster', () => {
    const others = many(60, 'm')
    expect(evictionOf(lost!, [lost!, ...others], (one) => others.indexOf(one) < 5)).toBe('add')
  })

  it('judges a zone by its own nodes, and adds where a whole zone is lost but another lives', () => {
    const [a, b] = ['a', 'b'].map((zone) => many(4, zone, { 'topology.kubernetes.io/zone': zone }))
    const all = [...a!, ...b!]
    expect(evictionOf(a![0]!, all, (one) => b!.includes(one))).toBe('add')
    expect(evictionOf(a![0]!, all, (one) => b!.includes(one) || one === a![1])).toBe('keep')
  })

  it('does not count the node itself as one that lives', () => {
    expect(evictionOf(lost!, [lost!], () => true)).toBe('remove')
  })
})
