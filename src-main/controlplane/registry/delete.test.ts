import { describe, expect, test } from 'vitest'
import { parseLabelSelector } from '../../../src-kube/machinery/labels.ts'
import { arrange, at, configMap, deployment, pod } from './testing/arrange.ts'

const maps = at('v1', 'ConfigMap', 'd')
const map = at('v1', 'ConfigMap', 'd', 'a')
const pods = at('v1', 'Pod', 'd')
const bound = at('v1', 'Pod', 'd', 'p')

async function boundPod() {
  const arranged = await arrange()
  await arranged.registry.create(pods, pod('p'), arranged.write)
  await arranged.registry.create(
    { ...bound, subresource: 'binding' },
    { metadata: { name: 'p' }, target: { name: 'n1' } },
    arranged.write,
  )
  return arranged
}

describe('delete', () => {
  test('is at once where nothing holds the object', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a'), write)
    const { gone, entry } = await registry.delete(map, {}, write)
    expect([gone, entry.revision]).toEqual([true, 2])
    await expect(registry.delete(map, {}, write)).rejects.toMatchObject({
      code: 404,
      message: 'configmaps "a" not found',
    })
  })

  test('leaves a name taken until the object has gone, and says so', async () => {
    const { registry, write } = await boundPod()
    await expect(registry.create(pods, pod('p'), write)).rejects.toThrow(/^pods "p" already exists$/)
    await registry.delete(bound, {}, write)
    await expect(registry.create(pods, pod('p'), write)).rejects.toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'object is being deleted: pods "p" already exists',
    })
  })

  test('without grace answers with a pod that has none left', async () => {
    const { registry, write, clock } = await boundPod()
    await registry.delete(bound, {}, write)
    const begun = clock.now()
    await clock.advance(2000)
    const { gone, entry } = await registry.delete(bound, { gracePeriodSeconds: 0 }, write)
    expect(gone).toBe(true)
    const metadata = {
      deletionGracePeriodSeconds: 0,
      deletionTimestamp: new Date(begun).toISOString().replace('.000', ''),
    }
    expect(entry.object).toMatchObject({ metadata })
    expect(JSON.parse(entry.json(bound.served).toString())).toMatchObject({ apiVersion: 'v1', metadata })
  })

  test('without grace shows watchers a pod out of time before it is gone', async () => {
    const { registry, write } = await boundPod()
    const signal = new AbortController().signal
    const events = await registry.watch(bound, { bookmarks: false, sendInitialEvents: false, signal })
    await registry.delete(bound, { gracePeriodSeconds: 0 }, write)
    const seen: unknown[] = []
    for await (const batch of events) {
      for (const event of batch)
        if (event.type !== 'BOOKMARK')
          seen.push([event.type, event.entry.revision, event.entry.object.metadata.deletionGracePeriodSeconds])
      if (seen.length >= 2) break
    }
    expect(seen).toEqual([
      ['MODIFIED', 3, 0],
      ['DELETED', 4, 0],
    ])
  })

  test('asks for the object it was told of', async () => {
    const { registry, write } = await arrange()
    const { object } = await registry.create(maps, configMap('a'), write)
    await expect(registry.delete(map, { preconditions: { uid: 'u' } }, write)).rejects.toThrow(
      `the UID in the precondition (u) does not match the UID in record (${object.metadata.uid}). The object might have been deleted and then recreated`,
    )
    await expect(registry.delete(map, { preconditions: { resourceVersion: '9' } }, write)).rejects.toMatchObject({
      code: 409,
    })
    await registry.delete(map, { preconditions: { uid: object.metadata.uid, resourceVersion: '1' } }, write)
  })

  test.each([
    [
      { propagationPolicy: 'Bogus' },
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Bogus": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    [
      { propagationPolicy: 'Orphan', orphanDependents: true },
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    ],
  ])('with options %j deletes nothing', async (options, message) => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a'), write)
    await expect(registry.delete(map, options, write)).rejects.toMatchObject({ code: 422, message })
    await registry.read(map)
  })

  test.each([
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ] as const)('with policy %s waits for the garbage collector', async (propagationPolicy, finalizer) => {
    const { registry, write } = await arrange()
    const target = at('apps/v1', 'Deployment', 'd', 'web')
    await registry.create(target, deployment('web'), write)
    const { gone, entry } = await registry.delete(target, { propagationPolicy }, write)
    expect(gone).toBe(false)
    expect(entry.object.metadata).toMatchObject({
      finalizers: [finalizer],
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    })
  })

  test('gives a pod on a node its grace period, and ends it when the kubelet says so', async () => {
    const { registry, write } = await boundPod()
    const first = await registry.delete(bound, {}, write)
    expect(first.gone).toBe(false)
    expect(first.entry.object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
    })
    const again = await registry.delete(bound, {}, write)
    expect(again.entry).toBe(first.entry)
    const sooner = await registry.delete(bound, { gracePeriodSeconds: 5 }, write)
    expect(sooner.entry.object.metadata.deletionTimestamp).toBe('2026-01-01T00:00:05Z')
    expect((await registry.delete(bound, { gracePeriodSeconds: 0 }, write)).gone).toBe(true)
  })

  test('takes a pod on no node at once', async () => {
    const { registry, write } = await arrange()
    await registry.create(pods, pod('p'), write)
    expect((await registry.delete(bound, {}, write)).gone).toBe(true)
  })

  test('keeps a going pod until its finalizers are gone too', async () => {
    const { registry, write } = await boundPod()
    const hold = { metadata: { finalizers: ['example.com/hold'] } }
    await registry.patch(bound, 'application/merge-patch+json', hold, write)
    await registry.delete(bound, {}, write)
    expect((await registry.delete(bound, { gracePeriodSeconds: 0 }, write)).gone).toBe(false)
    await registry.patch(bound, 'application/merge-patch+json', { metadata: { finalizers: null } }, write)
    await expect(registry.read(bound)).rejects.toMatchObject({ code: 404 })
  })

  test('takes no new finalizers for an object that goes', async () => {
    const { registry, write } = await arrange()
    await registry.create(maps, configMap('a', {}, { finalizers: ['example.com/hold'] }), write)
    await registry.delete(map, {}, write)
    const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } }
    await expect(registry.patch(map, 'application/merge-patch+json', more, write)).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining('no new finalizers can be added if the object is being deleted'),
    })
  })

  test('of a namespace waits until it is finalized', async () => {
    const { registry, write } = await arrange()
    const target = at('v1', 'Namespace', '', 'd')
    await registry.create(target, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'd' } }, write)
    const { gone, entry } = await registry.delete(target, {}, write)
    expect(gone).toBe(false)
    expect(entry.object['status']).toEqual({ phase: 'Terminating' })
    expect(entry.object.metadata).not.toHaveProperty('deletionGracePeriodSeconds')
    expect((await registry.delete(target, {}, write)).entry.revision).toBe(entry.revision)
    const body = { ...entry.object, spec: { finalizers: [] } }
    await registry.update({ ...target, subresource: 'finalize' }, body, write)
    await expect(registry.read(target)).rejects.toMatchObject({ code: 404 })
  })

  test('as a dry run changes nothing', async () => {
    const { registry, write, store } = await arrange()
    await registry.create(maps, configMap('a'), write)
    expect((await registry.delete(map, {}, { ...write, dryRun: true })).gone).toBe(true)
    expect(store.revision).toBe(1)
  })

  test('of a collection takes what the list selects', async () => {
    const { registry, write } = await arrange()
    for (const name of ['a', 'b', 'c'])
      await registry.create(maps, configMap(name, {}, { labels: { keep: String(name === 'b') } }), write)
    const labels = parseLabelSelector('keep=false')
    const removed = await registry.deleteCollection(maps, { labels }, {}, write)
    expect(removed.entries).toHaveLength(2)
    expect((await registry.list('', 'configmaps')).map((object) => object.metadata.name)).toEqual(['b'])
  })

  test('of a kind of old keeps what it owns, unless the client says otherwise', async () => {
    const { registry, write, warnings } = await arrange()
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const controller = {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'a' },
      spec: { selector: { a: 'b' }, template },
    }
    const target = at('v1', 'ReplicationController', 'd', 'a')
    await registry.create({ ...target, name: '' }, controller, write)
    expect((await registry.delete(target, {}, write)).entry.object.metadata.finalizers).toEqual(['orphan'])
    // Once said, it is so.
    expect((await registry.delete(target, {}, write)).gone).toBe(false)
    expect((await registry.delete(target, { propagationPolicy: 'Background' }, write)).gone).toBe(true)
    expect(warnings).toEqual([])
    const apps = at('apps/v1', 'Deployment', 'd', 'web')
    await registry.create({ ...apps, name: '' }, deployment('web'), write)
    expect((await registry.delete(apps, {}, write)).gone).toBe(true)
  })

  test('of a job without a policy warns that its pods stay', async () => {
    const { registry, write, warnings } = await arrange()
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
    const target = at('batch/v1', 'Job', 'd', 'a')
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a' }, spec: { template } }
    await registry.create({ ...target, name: '' }, job, write)
    expect((await registry.delete(target, { orphanDependents: false }, { ...write, dryRun: true })).gone).toBe(true)
    expect(warnings).toEqual([])
    await registry.delete(target, {}, write)
    expect(warnings).toEqual([
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    ])
  })

  test('of an event waits for nobody, as it owns nothing', async () => {
    const { registry, write } = await arrange()
    const target = at('v1', 'Event', 'd', 'e')
    const involvedObject = { kind: 'Pod', name: 'p', namespace: 'd' }
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject, type: 'Normal' }
    await registry.create({ ...target, name: '' }, event, write)
    expect((await registry.delete(target, { propagationPolicy: 'Foreground' }, write)).gone).toBe(true)
  })
})
