import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { arrange, at, configMap, deployment, pod } from './testing/arrange.ts'

const maps = at('v1', 'ConfigMap', 'd', 'a')
const pods = at('v1', 'Pod', 'd', 'p')
const web = at('apps/v1', 'Deployment', 'd', 'web')
const copy = (object: KubeObject): KubeObject => structuredClone(object)

describe('update', () => {
  test('writes on the revision it names, and on no other', async () => {
    const { registry, write } = await arrange()
    const { object } = await registry.create(maps, configMap('a', { x: '1' }), write)
    const next = await registry.update(maps, { ...copy(object), data: { x: '2' } }, write)
    expect(next.object).toMatchObject({
      data: { x: '2' },
      metadata: { resourceVersion: '2', uid: object.metadata.uid },
    })
    await expect(registry.update(maps, { ...copy(object), data: { x: '3' } }, write)).rejects.toMatchObject({
      code: 409,
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    })
  })

  test('of a kind that wants to know what it replaces names a revision', async () => {
    const { registry, write } = await arrange()
    const target = at('node.k8s.io/v1', 'RuntimeClass', '', 'r')
    const body = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'r' }, handler: 'h' }
    let created = 0
    await registry.update(target, body, { ...write, created: () => void created++ })
    expect(created).toBe(1)
    await expect(registry.update(target, body, write)).rejects.toMatchObject({
      code: 422,
      message:
        'runtimeclasses.node.k8s.io "r" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
    })
    const driver = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'd' }, spec: {} }
    const missing = registry.update(at('storage.k8s.io/v1', 'CSIDriver', '', 'd'), driver, write)
    await expect(missing).rejects.toMatchObject({ code: 404 })
  })

  test('creates a service that is not there', async () => {
    const { registry, write } = await arrange()
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } }
    const { object } = await registry.update(at('v1', 'Service', 'd', 's'), service, write)
    expect(object['spec']).toMatchObject({ clusterIP: expect.stringMatching(/^10\.96\./) })
  })

  test('creates what is not there at whichever revision it was read, but not another object', async () => {
    const { registry, write } = await arrange()
    const target = at('coordination.k8s.io/v1', 'Lease', 'd', 'l')
    const lease = (metadata: object) =>
      partial<KubeObject>({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'l', ...metadata },
        spec: {},
      })
    const words = (uid: string): string =>
      `Operation cannot be fulfilled on leases.coordination.k8s.io "l": StorageError: invalid object, Code: 4, Key: /registry/leases/d/l, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u, UID in object meta: ${uid}`
    const other = registry.update(target, lease({ uid: 'u' }), write)
    await expect(other).rejects.toMatchObject({ code: 409, reason: 'Conflict', message: words('') })
    const { object } = await registry.update(target, lease({ resourceVersion: '7' }), write)
    // The uid is looked at first: without a revision the kind would refuse the write for that.
    const { uid } = object.metadata
    await expect(registry.update(target, lease({ uid: 'u' }), write)).rejects.toThrow(words(uid))
    await expect(registry.update(maps, configMap('a', {}, { uid: 'u' }), write)).rejects.toMatchObject({ code: 404 })
  })

  test('overwrites when no revision is named', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a', { x: '1' }), write)
    const both = await Promise.all(['2', '3'].map((x) => registry.update(maps, configMap('a', { x }), write)))
    expect(new Set(both.map((entry) => entry.revision))).toEqual(new Set([2, 3]))
  })

  test('cannot say when an object goes, but may say what is so', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a', {}, { finalizers: ['example.com/wait'], generateName: 'x-' }), write)
    const sent = (metadata: object) => registry.update(maps, configMap('a', {}, metadata), write)
    const times = { deletionTimestamp: '2030-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 }
    await expect(sent(times)).rejects.toMatchObject({
      code: 422,
      message:
        'ConfigMap "a" is invalid: [metadata.deletionTimestamp: Invalid value: 2030-01-01 00:00:00 +0000 UTC: field is immutable, metadata.deletionGracePeriodSeconds: Invalid value: 5: field is immutable]',
    })
    const kept = await sent({ finalizers: ['example.com/wait'] })
    expect(kept.object.metadata.generateName).toBeUndefined()
    const { entry } = await registry.delete(maps, {}, write)
    const { deletionTimestamp } = entry.object.metadata
    const finalizers = ['example.com/wait']
    for (const same of [
      { deletionTimestamp },
      { deletionGracePeriodSeconds: 0 },
      { deletionTimestamp: times.deletionTimestamp },
    ]) {
      const { object } = await sent({ finalizers, ...same })
      expect(object.metadata).toMatchObject({ deletionTimestamp, deletionGracePeriodSeconds: 0 })
    }
    await expect(sent({ finalizers, deletionGracePeriodSeconds: 7 })).rejects.toMatchObject({ code: 422 })
  })

  test('refuses another uid, another name and none', async () => {
    const { registry, write } = await arrange()
    const { object } = await registry.create(maps, configMap('a'), write)
    await expect(registry.update(maps, configMap('a', {}, { uid: 'u' }), write)).rejects.toThrow(
      `Precondition failed: UID in precondition: u, UID in object meta: ${object.metadata.uid}`,
    )
    const patched = registry.patch(maps, 'application/merge-patch+json', { metadata: { uid: 'u' } }, write)
    await expect(patched).rejects.toMatchObject({
      code: 422,
      message: 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "u": field is immutable',
    })
    await expect(registry.update(maps, configMap('b'), write)).rejects.toMatchObject({
      code: 400,
      message: 'the name of the object (b) does not match the name on the URL (a)',
    })
    await expect(registry.update(maps, { ...configMap(''), metadata: {} }, write)).rejects.toMatchObject({ code: 400 })
  })

  test('answers 404 for what is not there, and creates where the kind allows it', async () => {
    const { registry, write } = await arrange()
    await expect(registry.update(maps, configMap('a'), write)).rejects.toMatchObject({ code: 404 })
    const lease = at('coordination.k8s.io/v1', 'Lease', 'd', 'l')
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} }
    expect((await registry.update(lease, body, write)).revision).toBe(1)
  })

  test('changes nothing when nothing changes', async () => {
    const { registry, write, store } = await arrange()
    const made = await registry.create(web, deployment('web'), write)
    expect(await registry.update(web, deployment('web'), write)).toBe(made)
    expect(store.revision).toBe(1)
  })

  test('keeps the status out of a write of the object, and all but the status out of a write of the status', async () => {
    const { registry, write } = await arrange()
    const { object } = await registry.create(web, deployment('web'), write)
    const spec = { ...(object['spec'] as object), replicas: 3 }
    const status = { ...web, subresource: 'status' }
    const first = await registry.update(status, { ...copy(object), spec, status: { replicas: 2 } }, write)
    expect(first.object).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 2 }, metadata: { generation: 1 } })
    const second = await registry.update(web, { ...copy(first.object), spec, status: { replicas: 9 } }, write)
    expect(second.object).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 2 }, metadata: { generation: 2 } })
  })

  test('counts generations by changes of the spec alone', async () => {
    const { registry, write } = await arrange()
    await registry.create(web, deployment('web'), write)
    const label = { metadata: { labels: { x: 'y' } } }
    const labelled = await registry.patch(web, 'application/merge-patch+json', label, write)
    expect(labelled.object.metadata.generation).toBe(1)
  })

  test('ends an object whose last finalizer goes', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a', {}, { finalizers: ['example.com/hold'] }), write)
    const { gone, entry } = await registry.delete(maps, {}, write)
    expect(gone).toBe(false)
    expect(entry.object.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z')
    await registry.update(
      maps,
      { ...copy(entry.object), metadata: { ...entry.object.metadata, finalizers: [] } },
      write,
    )
    await expect(registry.read(maps)).rejects.toMatchObject({ code: 404 })
  })

  test('a dry run shows the result and leaves the object', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a', { x: '1' }), write)
    const tried = await registry.update(maps, configMap('a', { x: '2' }), { ...write, dryRun: true })
    expect(tried.object['data']).toEqual({ x: '2' })
    expect((await registry.read(maps)).object['data']).toEqual({ x: '1' })
  })
})

describe('patch', () => {
  test('merges lists by their keys when strategic', async () => {
    const { registry, write } = await arrange()
    await registry.create(web, deployment('web'), write)
    const patch = { spec: { template: { spec: { containers: [{ name: 'd', image: 'nginx' }] } } } }
    const patched = await registry.patch(web, 'application/strategic-merge-patch+json', patch, write)
    const { containers } = (patched.object['spec'] as { template: { spec: { containers: Array<{ name: string }> } } })
      .template.spec
    expect(containers.map((c) => c.name)).toEqual(expect.arrayContaining(['c', 'd']))
  })

  test('applies JSON and merge patches', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a', { x: '1', y: '1' }), write)
    await registry.patch(maps, 'application/merge-patch+json', { data: { x: null } }, write)
    const op = { op: 'replace', path: '/data/y', value: '2' }
    const patched = await registry.patch(maps, 'application/json-patch+json', [op], write)
    expect(patched.object['data']).toEqual({ y: '2' })
  })

  test('of the same moment all take effect', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a'), write)
    const keys = ['p', 'q', 'r']
    await Promise.all(
      keys.map((key) => registry.patch(maps, 'application/merge-patch+json', { data: { [key]: '1' } }, write)),
    )
    expect((await registry.read(maps)).object['data']).toEqual({ p: '1', q: '1', r: '1' })
  })

  test('that names an old revision is refused', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a'), write)
    await registry.update(maps, configMap('a', { x: '1' }), write)
    const patch = { metadata: { resourceVersion: '1' }, data: { x: '2' } }
    await expect(registry.patch(maps, 'application/merge-patch+json', patch, write)).rejects.toMatchObject({
      code: 409,
    })
  })

  test('of what is not there is 404, but an apply creates', async () => {
    const { registry, write } = await arrange()
    await expect(registry.patch(maps, 'application/merge-patch+json', {}, write)).rejects.toMatchObject({ code: 404 })
    await registry.patch(maps, 'application/apply-patch+yaml', configMap('a', { x: '1' }), write)
    expect((await registry.read(maps)).object['data']).toEqual({ x: '1' })
  })

  test('of a pod keeps what is immutable', async () => {
    const { registry, write } = await arrange()
    await registry.create(pods, pod('p'), write)
    const patch = { spec: { hostNetwork: true } }
    await expect(registry.patch(pods, 'application/merge-patch+json', patch, write)).rejects.toMatchObject({
      code: 422,
    })
  })
})
