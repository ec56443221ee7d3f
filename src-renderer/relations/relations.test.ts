import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { mapAround, mapOf } from './graph.ts'
import type { Known } from './join.ts'
import { layoutOf } from './layout.ts'
import { podSelectorOf } from './selectors.ts'

const object = (name: string, more: object = {}, meta: object = {}): KubeObject =>
  ({ metadata: { name, namespace: 'shop', uid: name, ...meta }, ...more }) as KubeObject
const ownedBy = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: name, controller: true }],
})
const template = {
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  serviceAccountName: 'robot',
  containers: [
    {
      name: 'web',
      envFrom: [{ configMapRef: { name: 'config' } }, { secretRef: { name: 'maybe', optional: true } }],
      env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } }],
    },
  ],
}
const pod = (name: string): KubeObject =>
  object(name, { spec: { ...template, nodeName: 'n1' } }, { labels: { app: 'web' }, ...ownedBy('ReplicaSet', 'web-1') })

/** A shop: Ingress → Service → pods of a Deployment, which uses configuration and storage. */
function shop(pods = 2): Known {
  const lists: Record<string, KubeObject[]> = {
    'ingresses.networking.k8s.io': [
      object('web', {
        spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'web', port: { number: 80 } } } }] } }] },
      }),
    ],
    services: [
      object('web', { spec: { selector: { app: 'web' } } }),
      object('other', { spec: { selector: { app: 'x' } } }),
    ],
    'deployments.apps': [object('web', { spec: { template: { spec: template } } })],
    'replicasets.apps': [object('web-1', { spec: { template: { spec: template } } }, ownedBy('Deployment', 'web'))],
    'horizontalpodautoscalers.autoscaling': [
      object('web', { spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' } } }),
    ],
    pods: Array.from({ length: pods }, (_, at) => pod(`web-1-${at}`)),
    configmaps: [object('config'), object('unused')],
    secrets: [],
    serviceaccounts: [object('robot')],
    persistentvolumeclaims: [object('data', { spec: { volumeName: 'pv-1' } })],
    persistentvolumes: [object('pv-1', {}, { namespace: undefined })],
    nodes: [object('n1', {}, { namespace: undefined }), object('n2', {}, { namespace: undefined })],
  }
  return new Map(
    Object.entries(lists).map(([view, all]) => [
      view,
      new Map(all.map((one) => [one.metadata.namespace ? `shop/${one.metadata.name}` : one.metadata.name, one])),
    ]),
  )
}
const told = ({ edges }: ReturnType<typeof mapAround>): string[] =>
  edges.map(({ from, to, role }) => `${from} ${role} ${to}`).sort()

describe('the map around an object', () => {
  it('leads from an Ingress to the pods and their node', () => {
    expect(told(mapAround(shop(1), 'ingresses.networking.k8s.io shop/web', 'shop'))).toEqual([
      'deployments.apps shop/web owns replicasets.apps shop/web-1',
      'horizontalpodautoscalers.autoscaling shop/web scales deployments.apps shop/web',
      'ingresses.networking.k8s.io shop/web routes services shop/web',
      'pods shop/web-1-0 runs nodes n1',
      'replicasets.apps shop/web-1 owns pods shop/web-1-0',
      'services shop/web selects pods shop/web-1-0',
    ])
  })

  it('tells what a Deployment uses once, not again of its ReplicaSet and pods', () => {
    const edges = told(mapAround(shop(), 'deployments.apps shop/web', 'shop'))
    expect(edges.filter((edge) => edge.includes(' uses '))).toEqual([
      'deployments.apps shop/web uses configmaps shop/config',
      'deployments.apps shop/web uses persistentvolumeclaims shop/data',
      'deployments.apps shop/web uses secrets shop/login',
      'deployments.apps shop/web uses serviceaccounts shop/robot',
    ])
    expect(edges).toContain('persistentvolumeclaims shop/data binds persistentvolumes pv-1')
  })

  it('joins the pods of a StatefulSet with the claims made for each of them, which its template does not name', () => {
    const claim = (name: string): object => ({ persistentVolumeClaim: { claimName: name } })
    const spec = { volumes: [claim('data-db-0'), claim('shared')] }
    const of = (view: string, one: KubeObject): [string, Map<string, KubeObject>] => [
      view,
      new Map([[`shop/${one.metadata.name}`, one]]),
    ]
    const known = new Map([
      of('statefulsets.apps', object('db')),
      of('pods', object('db-0', { spec }, ownedBy('StatefulSet', 'db'))),
      of('persistentvolumeclaims', object('data-db-0')),
    ])
    expect(told(mapAround(known, 'statefulsets.apps shop/db', 'shop'))).toEqual([
      'pods shop/db-0 uses persistentvolumeclaims shop/data-db-0',
      'statefulsets.apps shop/db owns pods shop/db-0',
    ])
  })

  it('shows what a pod itself uses, though a ReplicaSet owns it', () => {
    expect(told(mapAround(shop(), 'pods shop/web-1-0', 'shop'))).toContain(
      'pods shop/web-1-0 uses configmaps shop/config',
    )
  })

  it('shows the users of a ConfigMap and what stands before them', () => {
    const { nodes } = mapAround(shop(), 'configmaps shop/config', 'shop')
    expect(nodes.map((node) => node.id).sort()).toEqual([
      'configmaps shop/config',
      'deployments.apps shop/web',
      'horizontalpodautoscalers.autoscaling shop/web',
    ])
    expect(mapAround(shop(), 'configmaps shop/unused', 'shop')).toMatchObject({
      edges: [],
      nodes: [{ key: 'shop/unused' }],
    })
  })

  it('marks what is named and not there, unless it is optional or its kind is not known', () => {
    const missing = (known: Known): string[] =>
      mapAround(known, 'deployments.apps shop/web', 'shop')
        .nodes.filter((node) => !node.object)
        .map((node) => node.id)
    expect(missing(shop())).toEqual(['secrets shop/login'])
    const unknown = new Map(shop())
    unknown.delete('secrets')
    expect(missing(unknown)).toEqual([])
    const drawn = (known: Known): number => mapOf(known, undefined).nodes.filter(({ object }) => !object).length
    const unread = (isUnread: NonNullable<Known['isUnread']>): Known => Object.assign(new Map(shop()), { isUnread })
    expect(missing(unread((view, namespace) => view === 'secrets' && namespace === 'shop'))).toEqual([])
    expect([drawn(shop()), drawn(unread(() => true))]).toEqual([1, 0])
    expect(missing(unread((view, namespace) => view === 'secrets' && namespace === 'lab'))).toEqual([
      'secrets shop/login',
    ])
  })

  it('gathers many alike into one that says how many', () => {
    const { nodes, edges } = mapAround(shop(500), 'deployments.apps shop/web', 'shop', 10)
    expect(nodes.filter((node) => node.view === 'pods')).toHaveLength(10)
    expect(nodes.find((node) => node.more)).toMatchObject({ view: 'pods', more: 491 })
    expect(edges.filter((edge) => edge.from.startsWith('more'))).toHaveLength(1)
  })

  it('does not lead from one pod to all others of its node', () => {
    const { nodes } = mapAround(shop(3), 'pods shop/web-1-0', 'shop')
    expect(nodes.filter((node) => node.view === 'pods')).toHaveLength(1)
    expect(mapAround(shop(3), 'nodes n1', undefined).nodes.filter((node) => node.view === 'pods')).toHaveLength(3)
  })

  it('is empty when the object is gone', () => {
    expect(mapAround(shop(), 'pods shop/gone', 'shop')).toEqual({ nodes: [], edges: [] })
  })
})

describe('the map of a namespace', () => {
  it('has all that is joined and nothing that stands alone', () => {
    const ids = mapOf(shop(), 'shop').nodes.map((node) => node.id)
    expect(ids).toContain('services shop/web')
    expect(ids).not.toContain('services shop/other')
    expect(ids.filter((id) => id.startsWith('nodes'))).toEqual([])
  })

  it('is made of 10,000 pods in no time that one notices', () => {
    const known = shop(10_000)
    const begun = process.cpuUsage()
    mapOf(known, 'shop')
    // Microseconds of the processor: how busy the machine is does not count.
    expect(process.cpuUsage(begun).user).toBeLessThan(5_000_000)
  })
})

describe('rights', () => {
  it('join an account by its binding to a role', () => {
    const known: Known = new Map([
      ['serviceaccounts', new Map([['shop/robot', object('robot')]])],
      ['roles.rbac.authorization.k8s.io', new Map([['shop/reader', object('reader')]])],
      [
        'rolebindings.rbac.authorization.k8s.io',
        new Map([
          [
            'shop/read',
            object('read', {
              roleRef: { kind: 'Role', name: 'reader' },
              subjects: [
                { kind: 'ServiceAccount', name: 'robot' },
                { kind: 'User', name: 'eve' },
              ],
            }),
          ],
        ]),
      ],
    ])
    expect(told(mapAround(known, 'serviceaccounts shop/robot', 'shop'))).toEqual([
      'rolebindings.rbac.authorization.k8s.io shop/read binds roles.rbac.authorization.k8s.io shop/reader',
      'serviceaccounts shop/robot binds rolebindings.rbac.authorization.k8s.io shop/read',
    ])
  })
})

describe('selectors', () => {
  const matches = (expression: object, labels: Record<string, string>): boolean =>
    podSelectorOf(
      'poddisruptionbudgets.policy',
      object('b', { spec: { selector: { matchExpressions: [expression] } } }),
    )!.matches(labels)
  it('know the four operators', () => {
    expect(matches({ key: 'a', operator: 'In', values: ['1', '2'] }, { a: '2' })).toBe(true)
    expect(matches({ key: 'a', operator: 'In', values: ['1'] }, {})).toBe(false)
    expect(matches({ key: 'a', operator: 'NotIn', values: ['1'] }, {})).toBe(true)
    expect(matches({ key: 'a', operator: 'NotIn', values: ['1'] }, { a: '1' })).toBe(false)
    expect(matches({ key: 'a', operator: 'Exists' }, { a: '' })).toBe(true)
    expect(matches({ key: 'a', operator: 'DoesNotExist' }, { a: '' })).toBe(false)
  })
  it('that say nothing choose nothing', () => {
    expect(
      podSelectorOf('networkpolicies.networking.k8s.io', object('p', { spec: { podSelector: {} } })),
    ).toBeUndefined()
    expect(podSelectorOf('configmaps', object('c'))).toBeUndefined()
  })
})

describe('the layout', () => {
  it('puts everything right of what leads to it, and nothing upon another', () => {
    const map = mapOf(shop(6), 'shop')
    const { placed, lines } = layoutOf(map)
    const x = new Map(placed.map((one) => [one.node.id, one.x]))
    for (const { edge } of lines) expect(x.get(edge.from)).toBeLessThan(x.get(edge.to)!)
    expect(lines).toHaveLength(map.edges.length)
    expect(new Set(placed.map((one) => `${one.x} ${one.y}`)).size).toBe(map.nodes.length)
  })

  it('puts parts that nothing joins below each other', () => {
    const node = (id: string) => ({ id, view: 'pods', key: id, object: undefined })
    const edge = (from: string, to: string) => ({ from, to, role: 'owns' as const })
    const map = { nodes: ['a', 'b', 'c', 'd', 'e'].map(node), edges: [edge('a', 'b'), edge('c', 'd'), edge('c', 'e')] }
    const y = new Map(layoutOf(map).placed.map((one) => [one.node.id, one.y]))
    expect(Math.max(y.get('c')!, y.get('d')!, y.get('e')!)).toBeLessThan(Math.min(y.get('a')!, y.get('b')!))
  })

  it('stands objects that own each other, which no cluster should have', () => {
    const node = (id: string) => ({ id, view: 'pods', key: id, object: undefined })
    const edges = [
      { from: 'a', to: 'b', role: 'owns' as const },
      { from: 'b', to: 'a', role: 'owns' as const },
    ]
    expect(layoutOf({ nodes: [node('a'), node('b')], edges }).placed).toHaveLength(2)
  })
})
