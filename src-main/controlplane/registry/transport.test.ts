import { describe, expect, test } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import type { WatchEvent } from '../../../src-kube/machinery/meta.ts'
import { admin, arrange, configMap, pod } from './testing/arrange.ts'
import { inProcessTransport } from './transport.ts'

const resource = refs.configMaps
const NAMESPACE = 'd'

async function connected() {
  const arranged = await arrange()
  return { ...arranged, transport: inProcessTransport(arranged.registry, admin) }
}

describe('the transport in process', () => {
  test('returns the shared objects themselves', async () => {
    const { transport, registry } = await connected()
    const made = await transport.request({ verb: 'create', resource, namespace: NAMESPACE, body: configMap('a') })
    const read = await transport.request({ verb: 'get', resource, namespace: NAMESPACE, name: 'a' })
    expect(read).toBe(made)
    expect(read).toBe(await registry.get('', 'configmaps', 'd', 'a'))
    expect(Object.isFrozen(read.metadata)).toBe(true)
  })

  test.each(['get', 'create', 'update', 'patch', 'delete'] as const)(
    'finds nothing at a subresource that the kind does not have: %s',
    async (verb) => {
      const { transport, registry } = await connected()
      await transport.request({ verb: 'create', resource, namespace: NAMESPACE, body: configMap('a') })
      const asked = { resource, namespace: NAMESPACE, name: 'a', subresource: 'scale', body: configMap('a') }
      await expect(transport.request({ verb, ...asked })).rejects.toMatchObject({
        code: 404,
        reason: 'NotFound',
        message: 'the server could not find the requested resource',
      })
      expect(await registry.get('', 'configmaps', NAMESPACE, 'a')).toBeDefined()
    },
  )

  test.each([
    ['system:kube-controller-manager', 'kube-controller-manager'],
    ['system:apiserver', 'kube-apiserver'],
    ['jane', 'jane'],
  ])('%s owns fields as %s', async (name, manager) => {
    const { registry } = await connected()
    const transport = inProcessTransport(registry, { ...admin, name })
    const patch = (
      patchType: 'application/apply-patch+yaml' | 'application/merge-patch+json',
      body: object,
      query = {},
    ) => transport.request({ verb: 'patch', resource, namespace: NAMESPACE, name: 'a', patchType, body, query })
    await patch('application/apply-patch+yaml', configMap('a', { x: '1' }), { fieldManager: 'applier' })
    const made = await patch('application/merge-patch+json', { data: { y: '2' } })
    expect(made.metadata.managedFields?.map((one) => one.manager)).toEqual(['applier', manager])
  })

  test('leaves the draft to the caller', async () => {
    const { transport } = await connected()
    const body = pod('p')
    const made = await transport.request({ verb: 'create', resource: refs.pods, namespace: NAMESPACE, body })
    expect(body).toEqual(pod('p'))
    body.spec.containers[0]!.image = 'other'
    expect(made['spec']).toMatchObject({ containers: [{ image: 'busybox' }] })
  })

  test('lists with selectors, limit and continue', async () => {
    const { transport } = await connected()
    for (const name of ['a', 'b', 'c'])
      await transport.request({
        verb: 'create',
        resource,
        namespace: NAMESPACE,
        body: configMap(name, {}, { labels: { l: name } }),
      })
    const list = async (query: Record<string, string>) => {
      const found = await transport.request({ verb: 'list', resource, namespace: NAMESPACE, query })
      const items = found['items'] as Array<{ metadata: { name: string } }>
      const { continue: more } = found.metadata as { continue?: string }
      return { kind: found.kind, names: items.map((item) => item.metadata.name), more }
    }
    expect(await list({ labelSelector: 'l in (a,c)' })).toMatchObject({ kind: 'ConfigMapList', names: ['a', 'c'] })
    expect((await list({ fieldSelector: 'metadata.name=b' })).names).toEqual(['b'])
    const first = await list({ limit: '2' })
    expect(first.names).toEqual(['a', 'b'])
    expect((await list({ limit: '2', continue: first.more! })).names).toEqual(['c'])
  })

  test('takes undefined in a patch as absent', async () => {
    const { transport } = await connected()
    await transport.request({ verb: 'create', resource, namespace: NAMESPACE, body: configMap('a', { x: '1' }) })
    const body = { data: { x: undefined, y: '2' } }
    const patched = await transport.request({ verb: 'patch', resource, namespace: NAMESPACE, name: 'a', body })
    expect(patched['data']).toEqual({ x: '1', y: '2' })
  })

  test.each(['query', 'body'])('tries a delete in vain when the %s says so', async (where) => {
    const { transport, store } = await connected()
    await transport.request({ verb: 'create', resource, namespace: NAMESPACE, body: configMap('a') })
    const dry = where === 'query' ? { query: { dryRun: 'All' } } : { body: { dryRun: ['All'] } }
    await transport.request({ verb: 'delete', resource, namespace: NAMESPACE, name: 'a', ...dry })
    expect(store.revision).toBe(1)
  })

  test('watches until the signal aborts, initial events and their end included', async () => {
    const { transport } = await connected()
    await transport.request({ verb: 'create', resource, namespace: NAMESPACE, body: configMap('a') })
    const abort = new AbortController()
    const query = { allowWatchBookmarks: 'true', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
    const seen: WatchEvent[] = []
    for await (const event of transport.watch({ resource, namespace: NAMESPACE, query, signal: abort.signal })) {
      seen.push(event)
      if (event.type === 'BOOKMARK') abort.abort()
    }
    expect(seen.map((event) => event.type)).toEqual(['ADDED', 'BOOKMARK'])
    expect(seen[1]!.object).toMatchObject({
      kind: 'ConfigMap',
      metadata: { resourceVersion: '1', annotations: { 'k8s.io/initial-events-end': 'true' } },
    })
  })

  test('answers 404 for a resource that is not served', async () => {
    const { transport } = await connected()
    const unknown = { ...resource, resource: 'nothings' }
    await expect(transport.request({ verb: 'get', resource: unknown, name: 'a' })).rejects.toMatchObject({
      code: 404,
      message: 'the server could not find the requested resource',
    })
  })

  test('serves the typed client', async () => {
    const { client } = await connected()
    const pods = client.resource(refs.pods)
    const metadata = { name: 'p', namespace: NAMESPACE }
    await pods.create({ ...pod('p'), metadata, apiVersion: 'v1', kind: 'Pod' })
    const { status } = await pods.get('p', NAMESPACE)
    expect(status?.phase).toBe('Pending')
  })
})
