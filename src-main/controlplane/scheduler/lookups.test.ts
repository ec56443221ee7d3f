import { expect, it } from 'vitest'
import { informerFactory } from '../../../src-kube/client/informer-factory.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { settle } from '../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { podInfoOf } from './framework/pod-info.ts'
import { informerLookups } from './lookups.ts'
import { pod } from './testing/arrange.ts'

function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const informers = informerFactory({ client: createClient(server), clock, signal: new AbortController().signal })
  return { server, lookups: informerLookups(informers) }
}
const named = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'default' }, ...more })
const owned = (kind: string, name: string) =>
  pod(
    'p',
    {},
    {
      labels: { app: 'web', tier: 'x' },
      ownerReferences: [{ apiVersion: 'v1', kind, name, uid: 'u', controller: true }],
    },
  )

it('the selectors that own a pod are those of its services and of its controller', async () => {
  const { server, lookups } = arrange()
  const selector = { matchLabels: { app: 'web' } }
  server.put(refs.services, named('web', { spec: { selector: { app: 'web' } } }))
  server.put(refs.services, named('other', { spec: { selector: { app: 'db' } } }))
  server.put(refs.services, named('all', { spec: { selector: {} } }))
  server.put(refs.services, named('none', { spec: {} }))
  server.put(refs.services, { metadata: { name: 'far', namespace: 'elsewhere' }, spec: { selector: { app: 'web' } } })
  server.put(refs.replicaSets, named('rs', { spec: { selector } }))
  server.put(refs.statefulSets, named('sts', { spec: { selector } }))
  server.put(refs.replicationControllers, named('rc', { spec: { selector: { tier: 'x' } } }))
  server.put(refs.replicationControllers, named('bare', {}))
  await settle()
  const owning = (kind: string, name: string) =>
    lookups.owningSelectors(podInfoOf(owned(kind, name))).map((matcher) => matcher.toString())
  expect(owning('ReplicaSet', 'rs')).toEqual(['app=web', 'app=web'])
  expect(owning('StatefulSet', 'sts')).toEqual(['app=web', 'app=web'])
  expect(owning('ReplicationController', 'rc')).toEqual(['app=web', 'tier=x'])
  expect(owning('ReplicationController', 'bare')).toEqual(['app=web', ''])
  expect(owning('ReplicaSet', 'gone')).toEqual(['app=web'])
  expect(owning('ReplicationController', 'gone')).toEqual(['app=web'])
  expect(owning('Job', 'j')).toEqual(['app=web'])
  expect(lookups.owningSelectors(podInfoOf(pod('loner')))).toEqual([])
})

it('what plugins look up is what the server last told', async () => {
  const { server, lookups } = arrange()
  server.put(refs.namespaces, { metadata: { name: 'default', labels: { team: 'blue' } } })
  server.put(refs.persistentVolumeClaims, named('c'))
  server.put(refs.persistentVolumes, { metadata: { name: 'pv' }, spec: { storageClassName: 'slow' } })
  server.put(refs.storageClasses, { metadata: { name: 'fast' } })
  server.put(refs.podDisruptionBudgets, named('b'))
  await settle()
  expect(lookups.namespaceLabels('default')).toEqual({ team: 'blue' })
  expect(lookups.namespaceLabels('none')).toBeUndefined()
  expect(lookups.claim('default/c')?.metadata.name).toBe('c')
  expect(lookups.volume('pv')?.metadata.name).toBe('pv')
  expect(lookups.volumesOfClass('slow').map(({ metadata }) => metadata.name)).toEqual(['pv'])
  expect(lookups.volumesOfClass('fast')).toEqual([])
  expect(lookups.storageClass('fast')?.metadata.name).toBe('fast')
  expect(lookups.budgets('default').map(({ metadata }) => metadata.name)).toEqual(['b'])
  expect(lookups.budgets('elsewhere')).toEqual([])
})

it('of classes that stand for one extended resource the newest counts, of those of one age the first by name', async () => {
  const { server, lookups } = arrange()
  const put = (name: string, creationTimestamp: string, extendedResourceName = 'x.dev/gpu') =>
    server.put(refs.deviceClasses, { metadata: { name, creationTimestamp }, spec: { extendedResourceName } })
  put('old', '2026-01-01T00:00:00Z')
  put('b', '2026-01-02T00:00:00Z')
  put('a', '2026-01-02T00:00:00Z')
  put('other', '2026-01-03T00:00:00Z', 'x.dev/nic')
  await settle()
  const found = (name: string) => lookups.classOfResource(name)?.metadata.name
  expect(found('x.dev/gpu')).toBe('a')
  expect(found('x.dev/none')).toBeUndefined()
  expect(found('deviceclass.resource.kubernetes.io/old')).toBe('old')
})
