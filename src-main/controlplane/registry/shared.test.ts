import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '#types/core/v1'
import { systemClock as clock } from '../../../src-kube/machinery/clock.ts'
import { EtcdClient } from '../store/etcd/client.ts'
import { EtcdStore } from '../store/etcd/etcd-store.ts'
import { behind } from '../store/etcd/testing/plain-keys.ts'
import { FakeEtcd } from '../store/etcd/testing/fake-etcd.ts'
import { arrange, at, configMap, type Arranged } from './testing/arrange.ts'

const etcd = new FakeEtcd()
const stores: EtcdStore[] = []
/** A registry over the one store that all share. */
async function instance(): Promise<Arranged> {
  const client = new EtcdClient({ servers: [etcd.url], clock })
  const store = await new EtcdStore({ client, keys: behind('/shared'), clock, log: () => {} }).open()
  stores.push(store)
  return arrange({ store })
}
let a: Arranged
let b: Arranged
beforeAll(async () => {
  await etcd.start()
  ;[a, b] = [await instance(), await instance()]
})
afterAll(async () => {
  for (const store of stores) await store.close()
  await etcd.away()
})

const all = at('v1', 'ConfigMap', 'default')
const named = (name: string) => at('v1', 'ConfigMap', 'default', name)
const serviceOf = ({ object }: { object: unknown }) => object as Service

describe('registries that share a store', () => {
  it('read, list and change what another has just acknowledged, also when they were not told of it yet', async () => {
    etcd.holdWatches = true
    const making = a.registry.create(all, configMap('a', { x: '1' }), a.write)
    const telling = setTimeout(() => etcd.tellAll(), 30)
    const { revision } = await making
    clearTimeout(telling)
    expect((await b.registry.read(named('a'))).revision).toBe(revision)
    const { entries, resourceVersion } = await b.registry.listEntries(all, {})
    expect([entries.length, resourceVersion]).toEqual([1, String(revision)])
    const patch = { data: { y: '2' } }
    const patched = await b.registry.patch(named('a'), 'application/merge-patch+json', patch, b.write)
    expect(patched.object['data']).toEqual({ x: '1', y: '2' })
    await b.registry.delete(named('a'), {}, b.write)
    await expect(a.registry.read(named('a'))).rejects.toMatchObject({ code: 404 })
    await a.registry.create(all, configMap('a'), a.write)
    await expect(b.registry.create(all, configMap('a'), b.write)).rejects.toMatchObject({ reason: 'AlreadyExists' })
  })

  it('ask nobody for what may be old', async () => {
    const asked = () => etcd.calls.get('/etcdserverpb.KV/Range')
    const before = asked()
    await b.registry.read(named('a'), { resourceVersion: '0' })
    await b.registry.listEntries(all, { resourceVersion: '0' })
    expect(asked()).toBe(before)
    await b.registry.read(named('a'))
    expect(asked()).toBe(before! + 1)
  })

  it('know revisions and places in lists that another has told of, also when nothing of theirs was written since', async () => {
    await a.registry.create(all, configMap('b'), a.write)
    etcd.write('/others', 'x')
    const first = await a.registry.listEntries(all, { limit: 1 })
    const rest = await b.registry.listEntries(all, { limit: 1, continue: first.continue })
    expect(rest.entries).toHaveLength(1)
    etcd.write('/others', 'y')
    const { resourceVersion } = await a.registry.listEntries(all, {})
    expect(Number(resourceVersion)).toBe(etcd.history.revision)
    const same = { resourceVersion, resourceVersionMatch: 'NotOlderThan' }
    expect((await b.registry.listEntries(all, same)).entries).toHaveLength(2)
  })

  it('hand out no cluster address and no node port that another has handed out, and those it freed', async () => {
    const service = (name: string, clusterIP?: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { type: 'NodePort', ports: [{ port: 80 }], ...(clusterIP ? { clusterIP } : {}) },
    })
    const services = at('v1', 'Service', 'default')
    // The second counts what is stored before the first adds to it.
    await b.registry.create(services, service('early'), b.write)
    const { spec } = serviceOf(await a.registry.create(services, service('one'), a.write))
    const again = b.registry.create(services, service('two', spec.clusterIP), b.write)
    await expect(again).rejects.toThrow('provided IP is already allocated')
    const taken = {
      ...service('two'),
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort: spec.ports![0]!.nodePort }] },
    }
    await expect(b.registry.create(services, taken, b.write)).rejects.toThrow('provided port is already allocated')
    await a.registry.delete({ ...services, name: 'one' }, {}, a.write)
    const two = serviceOf(await b.registry.create(services, service('two', spec.clusterIP), b.write))
    expect(two.spec.clusterIP).toBe(spec.clusterIP)
    await expect(a.registry.create(services, service('three', spec.clusterIP), a.write)).rejects.toThrow('allocated')
  })

  it('lose no change of many that two make to one object', async () => {
    const patches = Array.from({ length: 20 }, (_, i) => {
      const { registry, write } = i % 2 === 0 ? a : b
      return registry.patch(named('a'), 'application/merge-patch+json', { data: { [`k${i}`]: 'x' } }, write)
    })
    await Promise.all(patches)
    expect(Object.keys((await b.registry.read(named('a'))).object['data'] as object)).toHaveLength(20)
  })

  it('fail in etcd’s words while it does not answer its check', async () => {
    etcd.refusal = { code: 14, words: 'etcdserver: no leader' }
    await expect(a.registry.checkStore?.()).rejects.toThrow('etcdserver: no leader')
    etcd.refusal = undefined
    await expect(a.registry.checkStore?.()).resolves.toBeUndefined()
  })
})
