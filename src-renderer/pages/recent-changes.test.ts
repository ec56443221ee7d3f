import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { createLiveMap } from '../api/live-map.ts'
import { views } from '../kinds/index.ts'
import { recentChanges } from './recent-changes.ts'

const view = views.find((one) => one.id === 'deployments.apps')!
const born = '2026-01-01T00:00:00Z'
const entry = (manager: string, time: string, subresource = '') => ({ manager, time, operation: 'Update', subresource })
const deployment = (name: string, ...managedFields: object[]): KubeObject =>
  partial<KubeObject>({
    metadata: { name, namespace: 'shop', resourceVersion: '1', creationTimestamp: born, managedFields },
  })
/** As they stand in a list that is watched, which keeps no managed fields. */
function listed(...objects: KubeObject[]): Iterable<KubeObject> {
  const map = createLiveMap((apply) => apply(), Date.now)
  map.part().replace(objects)
  return map.objects.value.values()
}
const told = (...objects: KubeObject[]) =>
  recentChanges([{ view, objects: listed(...objects) }], 10).map(({ object, by, created, at }) => [
    object.metadata.name,
    by,
    created,
    new Date(at).toISOString().slice(11, 19),
  ])

describe('what changed of late', () => {
  it('names who wrote last, the latest change first', () => {
    const web = deployment('web', entry('kubectl-create', born), entry('kubectl-set', '2026-01-01T00:05:00Z'))
    const cart = deployment('cart', entry('helm', '2026-01-01T00:09:00Z'))
    expect(told(web, cart)).toEqual([
      ['cart', 'helm', false, '00:09:00'],
      ['web', 'kubectl-set', false, '00:05:00'],
    ])
  })

  it('does not take the work of controllers, or a status, for a change; a scale is one', () => {
    const own = [entry('kubectl', born), entry('kube-controller-manager', '2026-01-01T01:00:00Z')]
    expect(told(deployment('web', ...own))).toEqual([['web', 'kubectl', true, '00:00:00']])
    const status = entry('operator', '2026-01-01T02:00:00Z', 'status')
    const scale = entry('kubectl', '2026-01-01T00:30:00Z', 'scale')
    expect(told(deployment('web', ...own, status, scale))).toEqual([['web', 'kubectl', false, '00:30:00']])
  })

  it('says not who of what a controller made', () => {
    const pod = deployment('web-1', entry('kubectl', born))
    pod.metadata.ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u' }]
    expect(told(pod)).toEqual([['web-1', '', true, '00:00:00']])
  })

  it('falls back on when an object was made, and says no more than it is asked for', () => {
    expect(told(deployment('a'), deployment('b'))).toEqual([
      ['a', '', true, '00:00:00'],
      ['b', '', true, '00:00:00'],
    ])
    expect(recentChanges([{ view, objects: [deployment('a'), deployment('b')] }], 1)).toHaveLength(1)
    expect(told({ metadata: { name: 'x', resourceVersion: '1' } } as KubeObject)).toEqual([])
  })
})
