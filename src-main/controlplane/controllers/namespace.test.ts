import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { resourceSource } from './discovery.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { namespaceController } from './namespace.ts'
import type { OtherContent } from './namespace-content.ts'
import { rootCaPublisher } from './root-ca-publisher.ts'
import { serviceAccountController } from './service-account.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
const content = resourceSource([refs.pods, refs.configMaps, refs.serviceAccounts], undefined)
const namespace = () => h.server.peek(refs.namespaces, 'a')
const condition = (type: string) => namespace()?.status?.conditions?.find((c) => c.type === type)
beforeEach(async () => {
  h = harness([namespaceController(content), serviceAccountController(), rootCaPublisher('PEM')])
  h.server.put(refs.namespaces, {
    metadata: { name: 'a' },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })
  await h.start()
})
afterEach(() => {
  h.finish()
})

describe('a namespace', () => {
  it('gets its default service account and the CA, and again when they are removed or changed', async () => {
    await h.settle()
    const map = h.server.peek(refs.configMaps, 'kube-root-ca.crt', 'a')
    expect(map?.data).toEqual({ 'ca.crt': 'PEM' })
    h.server.remove(refs.serviceAccounts, 'default', 'a')
    await h.client.resource(refs.configMaps).update({ ...map!, data: { 'ca.crt': 'forged' } })
    await h.settle()
    expect(h.server.peek(refs.serviceAccounts, 'default', 'a')).toBeDefined()
    expect(h.server.peek(refs.configMaps, 'kube-root-ca.crt', 'a')?.data).toEqual({ 'ca.crt': 'PEM' })
  })

  it('is emptied and goes when it is deleted', async () => {
    await h.settle()
    await h.client.resource(refs.namespaces).delete('a')
    await h.pass(10_000)
    expect(namespace()).toBeUndefined()
    expect(h.server.all(refs.configMaps)).toEqual([])
    expect(h.server.all(refs.serviceAccounts)).toEqual([])
  })

  it('waits for its pods to end first, and says so', async () => {
    h.server.put(refs.pods, { metadata: { name: 'p', namespace: 'a' }, spec: { nodeName: 'n1', containers: [] } })
    await h.client.resource(refs.namespaces).delete('a')
    await h.pass(20_000)
    expect(condition('NamespaceContentRemaining')).toMatchObject({
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: 'Some resources are remaining: pods. has 1 resource instances',
    })
    expect(h.server.peek(refs.configMaps, 'kube-root-ca.crt', 'a')).toBeDefined()
    h.server.remove(refs.pods, 'p', 'a')
    await h.pass(10_000)
    expect(namespace()).toBeUndefined()
  })

  it('names the finalizers that hold its content', async () => {
    h.server.put(refs.configMaps, { metadata: { name: 'c', namespace: 'a', finalizers: ['test/hold'] } })
    await h.client.resource(refs.namespaces).delete('a')
    await h.pass(10_000)
    expect(condition('NamespaceFinalizersRemaining')?.message).toBe(
      'Some content in the namespace has finalizers remaining: test/hold in 1 resource instances',
    )
  })
})

describe('a namespace with content of other servers', () => {
  const ref = { group: 'o.example.com', version: 'v1', resource: 'things', kind: 'Thing', namespaced: true }
  const thing = { apiVersion: 'o.example.com/v1', kind: 'Thing', metadata: { name: 't', namespace: 'a' } } as KubeObject
  let held: KubeObject[] = []
  let silent: string[] = []
  const others: OtherContent = {
    list: () => [ref],
    silent: () => silent,
    items: () => Promise.resolve(held),
    empty: () => Promise.resolve(void (held = held.filter(({ metadata }) => metadata.finalizers))),
  }
  beforeEach(async () => {
    h.finish()
    h = harness([namespaceController(content, others)])
    h.server.put(refs.namespaces, { metadata: { name: 'a' }, spec: { finalizers: ['kubernetes'] } })
    await h.start()
  })

  it('has it emptied, too', async () => {
    ;[held, silent] = [[thing], []]
    await h.client.resource(refs.namespaces).delete('a')
    await h.pass(10_000)
    expect([held, namespace()]).toEqual([[], undefined])
  })

  it('waits for what is held there', async () => {
    held = [{ ...thing, metadata: { ...thing.metadata, finalizers: ['test/hold'] } }]
    await h.client.resource(refs.namespaces).delete('a')
    await h.pass(10_000)
    expect(condition('NamespaceContentRemaining')?.message).toBe(
      'Some resources are remaining: things.o.example.com has 1 resource instances',
    )
  })

  it('stays while it is not known what is left of theirs, and says so', async () => {
    ;[held, silent] = [[], ['o.example.com/v1']]
    await h.client.resource(refs.namespaces).delete('a')
    await h.pass(10_000)
    expect(condition('NamespaceDeletionDiscoveryFailure')).toMatchObject({
      status: 'True',
      reason: 'DiscoveryFailed',
      message:
        'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ' +
        'o.example.com/v1: stale GroupVersion discovery: o.example.com/v1',
    })
    silent = []
    await h.pass(10_000)
    expect(namespace()).toBeUndefined()
  })
})
