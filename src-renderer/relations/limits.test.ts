import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { Level } from '../kinds/health.ts'
import { mapOf } from './graph.ts'
import { groupsOf, mostDrawn, sizeOf } from './groups.ts'
import type { Known, MapNode } from './join.ts'

/** A namespace of applications: each a Service over pods, of which `bad` are named so. */
function world(apps: number, pods: number, { namespace = 'shop', bad = 0 } = {}): Known {
  const made = (name: string, more: object): [string, KubeObject] => [
    `${namespace}/${name}`,
    {
      apiVersion: 'v1',
      kind: 'Any',
      metadata: { name, namespace, uid: `${namespace} ${name}` },
      ...more,
    } as KubeObject,
  ]
  const names = Array.from({ length: apps }, (_, at) => `app-${at}`)
  const services = names.map((app) => made(app, { spec: { selector: { app } } }))
  const all = names.flatMap((app) =>
    Array.from({ length: pods }, (_, at) => {
      const [key, pod] = made(`${app}-${at}${at >= pods - bad ? '-bad' : ''}`, {})
      return [key, { ...pod, metadata: { ...pod.metadata, labels: { app } } }] as [string, KubeObject]
    }),
  )
  return new Map([
    ['services', new Map(services)],
    ['pods', new Map(all)],
  ])
}
const named = (nodes: readonly MapNode[], view: string): string[] =>
  nodes.filter((node) => node.view === view).map(({ key, more }) => (more ? `${more} more` : key))

describe('a map of much', () => {
  it('has more pods behind one node the more there are, and leaves nothing out as long as it can', () => {
    expect(named(mapOf(world(1, 30), undefined).nodes, 'pods')).toHaveLength(12)
    const map = mapOf(world(20, 30), undefined, { nodes: 80 })
    expect(named(map.nodes, 'pods').slice(-1)).toEqual(['29 more'])
    expect([map.nodes.length, map.left]).toEqual([60, 0])
  })

  it('draws whole parts as far as there is room, and counts what is left out, with all that stood behind a node', () => {
    const map = mapOf(world(20, 30), undefined, { nodes: 31 })
    expect([map.nodes.length, map.left]).toEqual([30, 10 * 31])
    expect(map.edges).toHaveLength(20)
  })

  it('draws what fares badly first, and says how the worst of the others fares', () => {
    const rank = (node: MapNode): number => (node.key.endsWith('-bad') ? 0 : 1)
    const { nodes } = mapOf(world(1, 40, { bad: 14 }), undefined, { rank })
    const pods = named(nodes, 'pods')
    expect(pods.filter((name) => name.endsWith('-bad'))).toHaveLength(11)
    expect(pods.at(-1)).toBe('29 more')
    expect(nodes.find((node) => node.more)?.worst?.metadata.name).toMatch(/-bad$/)
  })

  it('shows by a name what is joined to it, and only that', () => {
    const { nodes } = mapOf(world(20, 3), undefined, { words: 'APP-7-1' })
    expect(nodes.map(({ key }) => key).sort()).toEqual(['shop/app-7', 'shop/app-7-0', 'shop/app-7-1', 'shop/app-7-2'])
    expect(mapOf(world(20, 3), undefined, { words: 'nothing' }).nodes).toEqual([])
  })
})

describe('namespaces in numbers', () => {
  const merged = (...all: Known[]): Known =>
    new Map(['services', 'pods'].map((view) => [view, new Map(all.flatMap((known) => [...(known.get(view) ?? [])]))]))
  const level = (view: string, { metadata }: KubeObject): Level | undefined =>
    view === 'pods' ? (metadata.name.endsWith('-bad') ? 'failed' : 'ok') : undefined

  it('count what is in each by kind, and what fares badly', () => {
    const known = merged(world(2, 3, { bad: 1 }), world(1, 1, { namespace: 'batch' }))
    expect(groupsOf(known, level)).toEqual([
      {
        namespace: 'batch',
        counts: [
          { view: 'services', count: 1 },
          { view: 'pods', count: 1 },
        ],
        levels: {},
      },
      {
        namespace: 'shop',
        counts: [
          { view: 'services', count: 2 },
          { view: 'pods', count: 6 },
        ],
        levels: { failed: 2 },
      },
    ])
  })

  it('say whether there is too much to draw', () => {
    expect(sizeOf(world(10, 39))).toBe(mostDrawn)
    expect(sizeOf(new Map())).toBe(0)
  })
})
