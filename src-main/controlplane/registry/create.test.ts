import { describe, expect, test, vi } from 'vitest'
import type { StatusError } from '../../../src-kube/machinery/errors.ts'
import { keyPlaces } from '../../../src-kube/machinery/key-places.ts'
import type { Admission } from '../admission/admission.ts'
import { arrange, at, configMap, deployment, open, pod } from './testing/arrange.ts'

const maps = (name = '') => at('v1', 'ConfigMap', 'd', name)

describe('create', () => {
  test('gives the object a uid, a creation time and a resourceVersion, and keeps it', async () => {
    const { registry, write } = await arrange()
    const made = await registry.create(maps(), configMap('a', { x: '1' }), write)
    const { metadata } = made.object
    expect(metadata).toMatchObject({
      name: 'a',
      namespace: 'd',
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: '1',
    })
    expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(await registry.read(maps('a'))).toBe(made)
  })

  test('of what exists is refused before anything is charged for it', async () => {
    const judged: string[] = []
    const admission = { ...open, validate: ({ name }: { name: string }) => Promise.resolve(void judged.push(name)) }
    const { registry, write } = await arrange({ admission })
    await registry.create(maps(), configMap('a'), write)
    await expect(registry.create(maps(), configMap('a'), write)).rejects.toMatchObject({ reason: 'AlreadyExists' })
    expect(judged).toEqual(['a'])
  })

  test('encodes once: the bytes are those of the object, with the revision', async () => {
    const { registry, write } = await arrange()
    const target = at('apps/v1', 'Deployment', 'd')
    const made = await registry.create(target, deployment('web'), write)
    expect(JSON.parse(made.json(target.served).toString())).toEqual(JSON.parse(JSON.stringify(made.as(target.served))))
    const memory = (): ArrayBufferLike => (made.parts(target.served).at(-1) as Uint8Array).buffer
    expect(memory()).toBe(memory())
    expect(made.object.metadata.generation).toBe(1)
  })

  test('answers a trial in the order in which stored objects are answered', async () => {
    const { registry, write } = await arrange()
    const { metadata, spec } = deployment('web')
    const sent = { spec, metadata, kind: 'Deployment', apiVersion: 'apps/v1' }
    const target = at('apps/v1', 'Deployment', 'd')
    const tried = await registry.create(target, sent, { ...write, dryRun: true })
    const text = tried.json(target.served).toString()
    expect(Object.keys(JSON.parse(text) as object).slice(0, 4)).toEqual(['kind', 'apiVersion', 'metadata', 'spec'])
  })

  test('takes a spec that was left out for an empty one', async () => {
    const { registry, write } = await arrange()
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }
    expect((await registry.create(at('v1', 'Node'), node, write)).object['spec']).toBeTypeOf('object')
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }
    await expect(registry.create(at('v1', 'Pod', 'd'), pod, write)).rejects.toMatchObject({ code: 422 })
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } }
    await expect(registry.create(at('apps/v1', 'Deployment', 'd'), deployment, write)).rejects.toMatchObject({
      code: 422,
    })
  })

  test('refuses a name that is taken, in the words of Kubernetes', async () => {
    const { registry, write } = await arrange()
    await registry.create(at('apps/v1', 'Deployment', 'd'), deployment('web'), write)
    await expect(registry.create(at('apps/v1', 'Deployment', 'd'), deployment('web'), write)).rejects.toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'deployments.apps "web" already exists',
    })
  })

  test('tells faults in the order of upstream', async () => {
    const { registry, write } = await arrange()
    const fields = async (body: object): Promise<unknown> =>
      registry
        .create(maps(), body, write)
        .catch((error: StatusError) => error.details?.causes?.map(({ field }) => field))
    const finalizers = ['odd', 'orphan', 'foregroundDeletion']
    expect(await fields(configMap('a', {}, { finalizers }))).toEqual(['metadata.finalizers', 'metadata.finalizers[0]'])
    const keys = { data: { 'a b': '', '..': '' }, binaryData: { '..': '' } }
    expect(await fields({ ...configMap('a'), ...keys })).toEqual([
      'data[a b]',
      'data[..]',
      'data[..]',
      'binaryData[..]',
    ])
  })

  test('lets one of two writers of the same moment win', async () => {
    const { registry, write } = await arrange()
    const both = await Promise.allSettled([1, 2].map(() => registry.create(maps(), configMap('a'), write)))
    expect(both.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({ reason: 'AlreadyExists' })
  })

  test('makes names up from generateName', async () => {
    const { registry, write } = await arrange()
    const names = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const made = await registry.create(maps(), { ...configMap(''), metadata: { generateName: 'a-' } }, write)
        return made.object.metadata.name
      }),
    )
    expect(new Set(names).size).toBe(50)
    for (const name of names) expect(name).toMatch(/^a-[a-z0-9]{5}$/)
  })

  test('makes up a name after what changes the object and before what judges it, anew for each try', async () => {
    const seen: string[][] = []
    const admission: Admission = {
      admit({ name, object }) {
        seen.push([name, object!.metadata.name ?? '', object!.metadata.generateName ?? ''])
        return Promise.resolve()
      },
      validate({ name, object }) {
        seen.push([name, object!.metadata.name])
        return Promise.resolve()
      },
    }
    const { registry, write } = await arrange({ admission })
    const body = { ...configMap(''), metadata: { generateName: 'a-' } }
    const random = vi.spyOn(Math, 'random').mockReturnValue(0)
    try {
      const { name } = (await registry.create(maps(), body, write)).object.metadata
      expect(seen).toEqual([
        ['', '', 'a-'],
        [name, name],
      ])
      await expect(registry.create(maps(), body, write)).rejects.toMatchObject({
        reason: 'AlreadyExists',
        message: `configmaps "${name}" already exists, the server was not able to generate a unique name for the object`,
      })
      expect(seen).toHaveLength(2 + 8)
    } finally {
      random.mockRestore()
    }
    expect(body.metadata).toEqual({ generateName: 'a-' })
  })

  test('takes the name that mutating admission gives', async () => {
    const admission: Admission = {
      ...open,
      admit({ object }) {
        object!.metadata.name = 'given'
        return Promise.resolve()
      },
    }
    const { registry, write } = await arrange({ admission })
    const made = await registry.create(maps(), { ...configMap(''), metadata: { generateName: 'a-' } }, write)
    expect(made.object.metadata).toMatchObject({ name: 'given', generateName: 'a-' })
    expect(await registry.read(maps('given'))).toBe(made)
  })

  test('refuses another namespace than the path has, and a resourceVersion', async () => {
    const { registry, write } = await arrange()
    await expect(registry.create(maps(), configMap('a', {}, { namespace: 'other' }), write)).rejects.toMatchObject({
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    })
    await expect(registry.create(maps(), configMap('a', {}, { resourceVersion: '7' }), write)).rejects.toThrow(
      'resourceVersion should not be set on objects to be created',
    )
  })

  test('takes no status from the client, nor what the server owns', async () => {
    const { registry, write } = await arrange()
    const made = await registry.create(
      at('v1', 'Pod', 'd'),
      {
        ...pod('p', { uid: 'mine', deletionTimestamp: '2020-01-01T00:00:00Z', generation: 100 }),
        status: { phase: 'Running' },
      },
      write,
    )
    expect(made.object['status']).toMatchObject({ phase: 'Pending' })
    expect(made.object.metadata.uid).not.toBe('mine')
    expect(made.object.metadata.deletionTimestamp).toBeUndefined()
    expect(made.object.metadata.generation).toBe(1)
  })

  test('names every wrong field with 422', async () => {
    const { registry, write } = await arrange()
    await expect(registry.create(maps(), configMap('A_b'), write)).rejects.toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: { kind: 'ConfigMap', causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }] },
    })
    expect(await registry.list('', 'configmaps')).toEqual([])
  })

  test('tells of fields that are there twice, in the order of the document', async () => {
    const { registry, write, warnings } = await arrange()
    const text = JSON.stringify({ ...pod('p'), spec: { nope: 1, containers: [{ name: 'c', image: 'i' }] } })
      .replace('"nope":1', '"nope":1,"nope":2,"hostPID":true,"hostPID":false')
      .replace('"image":"i"', '"image":"i","image":"j","odd":1')
    const options = { ...write, keys: keyPlaces(text) }
    const problems = [
      'unknown field "spec.nope"',
      'duplicate field "spec.hostPID"',
      'duplicate field "spec.containers[0].image"',
      'unknown field "spec.containers[0].odd"',
    ]
    await expect(registry.create(at('v1', 'Pod', 'd'), JSON.parse(text), options)).rejects.toMatchObject({
      code: 400,
      message: `Pod in version "v1" cannot be handled as a Pod: strict decoding error: ${problems.join(', ')}`,
    })
    await registry.create(at('v1', 'Pod', 'd'), JSON.parse(text), { ...options, fieldValidation: 'Warn' })
    expect(warnings).toEqual(problems)
  })

  test('refuses unknown fields when fieldValidation is Strict', async () => {
    const { registry, write } = await arrange()
    await expect(registry.create(at('v1', 'Pod', 'd'), pod('p', {}, { foo: 1 }), write)).rejects.toMatchObject({
      code: 400,
      message: 'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo"',
    })
  })

  test.each([
    ['Warn', ['unknown field "spec.foo"']],
    ['Ignore', []],
  ] as const)('drops unknown fields when fieldValidation is %s', async (fieldValidation, said) => {
    const { registry, write, warnings } = await arrange()
    const made = await registry.create(at('v1', 'Pod', 'd'), pod('p', {}, { foo: 1 }), { ...write, fieldValidation })
    expect(made.object['spec']).not.toHaveProperty('foo')
    expect(warnings).toEqual(said)
  })

  test('tries in vain when dryRun is set: all is checked, nothing is kept', async () => {
    const { registry, write, store } = await arrange()
    const tried = await registry.create(maps(), configMap('a'), { ...write, dryRun: true })
    expect(tried.object.metadata.uid).toBeDefined()
    expect(store.revision).toBe(0)
    await expect(registry.read(maps('a'))).rejects.toMatchObject({ code: 404 })
  })

  test('gives back what was allocated when the write is a dry run', async () => {
    const { registry, write } = await arrange()
    const service = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { clusterIP: '10.96.0.77', ports: [{ port: 80 }] },
    })
    const target = at('v1', 'Service', 'd')
    await registry.create(target, service('a'), { ...write, dryRun: true })
    await registry.create(target, service('b'), write)
    await expect(registry.create(target, service('c'), write)).rejects.toMatchObject({ code: 422 })
    await registry.delete({ ...target, name: 'b' }, {}, write)
    await registry.create(target, service('c'), write)
  })

  test('runs mutating admission before validation, judging admission after it', async () => {
    const order: string[] = []
    const { registry, write } = await arrange({
      admission: {
        ...open,
        admit(attributes) {
          order.push(`admit ${attributes.operation} ${attributes.name}`)
          attributes.object!.metadata.labels = { admitted: 'yes' }
          return Promise.resolve()
        },
        validate(attributes) {
          order.push(`validate ${attributes.object?.metadata.labels?.['admitted']}`)
          return Promise.resolve()
        },
      },
    })
    const made = await registry.create(maps(), configMap('a'), write)
    expect(order).toEqual(['admit CREATE a', 'validate yes'])
    expect(made.object.metadata.labels).toEqual({ admitted: 'yes' })
    await expect(registry.create(maps(), configMap('B'), write)).rejects.toMatchObject({ code: 422 })
    expect(order).toEqual(['admit CREATE a', 'validate yes', 'admit CREATE B'])
  })

  test('stores what comes in an old version as the new one, and shows it in both', async () => {
    const { registry, write } = await arrange()
    const old = at('extensions/v1beta1', 'Deployment', 'd')
    const { selector: _, ...spec } = deployment('web').spec
    const made = await registry.create(old, { ...deployment('web'), apiVersion: 'extensions/v1beta1', spec }, write)
    expect(made.object.apiVersion).toBe('apps/v1')
    expect(made.object['spec']).toMatchObject({ selector: { matchLabels: { app: 'web' } } })
    expect(JSON.parse(made.json(old.served).toString())).toMatchObject({
      apiVersion: 'extensions/v1beta1',
      metadata: { resourceVersion: '1' },
    })
  })
})
