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
async function instance(prefix = '/shared', options: Parameters<typeof arrange>[0] = {}): Promise<Arranged> {
  const client = new EtcdClient({ servers: [etcd.url], clock })
  const store = await new EtcdStore({ client, keys: behind(prefix), clock, log: () => {} }).open()
  stores.push(store)
  return arrange({ ...options, store })
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

  it('give one address and one port to one service, whoever of them writes first', async () => {
    const services = at('v1', 'Service', 'default')
    const asking = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })
    const outcomes = (results: Array<PromiseSettledResult<unknown>>) =>
      results.map((one) => (one.status === 'fulfilled' ? 'made' : String(one.reason.message))).sort()
    const both = await Promise.allSettled(
      [a, b].map(({ registry, write }, i) =>
        registry.create(services, asking(`ip-${i}`, { clusterIP: '10.96.0.99', ports: [{ port: 80 }] }), write),
      ),
    )
    expect(outcomes(both)).toEqual([expect.stringContaining('10.96.0.99: provided IP is already allocated'), 'made'])
    const kept = await b.registry.listEntries(services, {})
    expect(kept.entries.filter((entry) => serviceOf(entry).spec.clusterIP === '10.96.0.99')).toHaveLength(1)

    const plain = { ports: [{ port: 80 }] }
    for (const name of ['np-0', 'np-1']) await a.registry.create(services, asking(name, plain), a.write)
    const spec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_999 }] }
    const patched = await Promise.allSettled(
      [a, b].map(({ registry, write }, i) =>
        registry.patch({ ...services, name: `np-${i}` }, 'application/merge-patch+json', { spec }, write),
      ),
    )
    expect(outcomes(patched)).toEqual([expect.stringContaining('provided port is already allocated'), 'made'])
  })

  it('choose anew when another wrote meanwhile, and hold nothing of what they chose before', async () => {
    const nodePortRange = { first: 30_000, last: 30_011 }
    const both = [await instance('/narrow', { nodePortRange }), await instance('/narrow', { nodePortRange })]
    const services = at('v1', 'Service', 'default')
    const ports = [
      { name: 'udp', port: 53, protocol: 'UDP' },
      { name: 'tcp', port: 53 },
    ]
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const { registry, write } = both[i % 2]!
        const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: `s-${i}` } }
        return registry.create(services, { ...service, spec: { type: 'NodePort', ports } }, write)
      }),
    )
    const specs = made.map((entry) => serviceOf(entry).spec)
    for (const spec of specs) expect(spec.ports![0]!.nodePort).toBe(spec.ports![1]!.nodePort)
    expect(new Set(specs.map(({ clusterIP }) => clusterIP)).size).toBe(12)
    expect(new Set(specs.map((spec) => spec.ports![0]!.nodePort)).size).toBe(12)
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
