import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../../src-kube/machinery/structural/types.ts'
import { collect } from './testing/collect.ts'
import { arrange, at } from './testing/arrange.ts'
import { aTool, define, setConditions, settled, tool, toolCrd } from './testing/crd.ts'

const text = { type: 'string' }
const specOf = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties } },
})
const crd = (name = '', subresource = '') =>
  at('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', name, subresource)
const MERGE = 'application/merge-patch+json'
const stricter = specOf({ n: { type: 'integer', minimum: 9, multipleOf: 9 }, set: { type: 'array', items: text } })

describe('a custom kind', () => {
  test('is served once its names are accepted, and no more when its definition is gone', async () => {
    const { registry, write } = await arrange()
    const before = registry.kinds
    await registry.create(crd(), toolCrd(), write)
    await settled()
    expect(registry.kinds).toBe(before)
    await setConditions(registry, write, { NamesAccepted: 'True', Established: 'True' })
    expect(registry.kinds.at(-1)).toMatchObject({ kind: 'Tool', plural: 'tools', shortNames: ['tl'] })
    await registry.delete(crd('tools.example.com'), {}, write)
    await registry.patch(crd('tools.example.com'), MERGE, { metadata: { finalizers: null } }, write)
    await settled()
    expect(registry.kinds).toEqual(before)
    expect(() => tool(registry)).toThrow('not served')
  })

  test('is served again after a restart, with its objects', async () => {
    const first = await arrange()
    await define(first)
    await first.registry.create(tool(first.registry), aTool('a', { spec: { x: 1 } }), first.write)
    const { registry } = await arrange({ store: first.store })
    expect((await registry.read(tool(registry, 'a'))).object).toMatchObject({ spec: { x: 1 } })
  })

  test('is warned of finalizers without a path, once', async () => {
    const arranged = await arrange()
    const { registry, write, warnings } = arranged
    await define(arranged)
    warnings.length = 0
    const made = aTool('a')
    const finalizers = ['example.com', 'foregroundDeletion', 'example.com/own']
    await registry.create(tool(registry), { ...made, metadata: { ...made.metadata, finalizers } }, write)
    const advice =
      'prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers'
    expect(warnings.splice(0)).toEqual([`metadata.finalizers: "example.com": ${advice}`])
    await registry.patch(tool(registry, 'a'), MERGE, { metadata: { finalizers: ['example.com', 'b'] } }, write)
    expect(warnings).toEqual([`metadata.finalizers: "b": ${advice}`])
  })

  test('is read, listed, watched, changed and deleted as others are', async () => {
    const arranged = await arrange()
    const { registry, write, client } = arranged
    await define(arranged)
    const signal = new AbortController()
    const events = await registry.watch(tool(registry), { bookmarks: false, signal: signal.signal })
    const made = await registry.create(tool(registry), aTool('a', { spec: { n: 1 } }), write)
    expect(made.object.metadata).toMatchObject({ namespace: 'ns', generation: 1 })
    await registry.patch(tool(registry, 'a'), MERGE, { spec: { n: 2 } }, write)
    const { entries } = await registry.listEntries(tool(registry), {})
    expect(entries.map(({ object }) => [object['spec'], object.metadata.generation])).toEqual([[{ n: 2 }, 2]])
    await registry.delete(tool(registry, 'a'), {}, write)
    expect(await collect(events, 3)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    signal.abort()
    const ref = { group: 'example.com', version: 'v1', resource: 'tools', kind: 'Tool', namespaced: true }
    await client.resource(ref).create({ ...aTool('b'), metadata: { name: 'b', namespace: 'x' } })
    expect((await client.resource(ref).list()).items).toHaveLength(1)
  })

  test('ends its watches when its definition changes, and not when only a label does', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged)
    const { signal } = new AbortController()
    const watch = async () => registry.watch(tool(registry), { bookmarks: false, signal })
    const ended: string[] = []
    const drain = async (events: Awaited<ReturnType<typeof watch>>, name: string) => {
      for await (const _ of events);
      ended.push(name)
    }
    const draining = drain(await watch(), 'first')
    await registry.patch(crd('tools.example.com'), MERGE, { metadata: { labels: { a: 'b' } } }, write)
    await settled()
    expect(ended).toEqual([])
    await registry.patch(crd('tools.example.com'), MERGE, { spec: { names: { categories: ['all'] } } }, write)
    await draining
    expect(ended).toEqual(['first'])
  })

  test('is not served in the place of a built-in one', async () => {
    const { registry, write } = await arrange()
    const before = registry.kinds
    const crd = toolCrd() as { metadata: object; spec: { names: object } }
    const names = { plural: 'ingresses', singular: 'ingress', kind: 'Ingress', listKind: 'IngressList' }
    const annotations = { 'api-approved.kubernetes.io': 'unapproved' }
    const metadata = { name: 'ingresses.networking.k8s.io', annotations }
    const made = { ...crd, metadata, spec: { ...crd.spec, group: 'networking.k8s.io', names } }
    const { object } = await registry.create(at('apiextensions.k8s.io/v1', 'CustomResourceDefinition'), made, write)
    const status = { ...(object['status'] as object), conditions: [{ type: 'Established', status: 'True' }] }
    const target = at('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', metadata.name, 'status')
    await registry.update(target, { ...object, status }, write)
    await settled()
    expect(registry.kinds).toBe(before)
    const ingress = { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } }
    const body = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'a' }, ...ingress }
    await registry.create(at('networking.k8s.io/v1', 'Ingress', 'ns'), body, write)
    expect((await registry.read(at('networking.k8s.io/v1', 'Ingress', 'ns', 'a'))).object.kind).toBe('Ingress')
  })

  test('without a served version can be cleared up while its definition is being deleted', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged)
    await registry.create(tool(registry), aTool('a'), write)
    const { spec } = toolCrd({ version: { served: false } }) as { spec: object }
    await registry.patch(crd('tools.example.com'), MERGE, { spec }, write)
    await settled()
    expect(() => tool(registry)).toThrow('not served')
    await registry.delete(crd('tools.example.com'), {}, write)
    await settled()
    await registry.delete(tool(registry, 'a'), {}, write)
  })

  test('takes no new objects while its definition is being deleted', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged)
    await registry.create(tool(registry), aTool('a'), write)
    const { entry } = await registry.delete(crd('tools.example.com'), {}, write)
    expect(entry.object).toMatchObject({
      metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
      status: {
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Terminating', status: 'True' })]),
      },
    })
    await settled()
    await expect(registry.create(tool(registry), aTool('b'), write)).rejects.toMatchObject({
      code: 405,
      message: 'create not allowed while custom resource definition is terminating',
    })
    await registry.delete(tool(registry, 'a'), {}, write)
  })
})

describe('an object of a custom kind', () => {
  test('loses the fields that its schema does not know, or is refused for them', async () => {
    const arranged = await arrange()
    const { registry, write, warnings } = arranged
    await define(arranged, { schema: specOf({ a: text }) })
    const body = aTool('a', { spec: { a: 'x', b: 'y' } })
    await expect(registry.create(tool(registry), body, write)).rejects.toMatchObject({
      code: 400,
      message: 'Tool in version "v1" cannot be handled as a Tool: strict decoding error: unknown field "spec.b"',
    })
    const { object } = await registry.create(tool(registry), body, { ...write, fieldValidation: 'Warn' })
    expect(object['spec']).toEqual({ a: 'x' })
    expect(warnings).toEqual(['unknown field "spec.b"'])
  })

  test('keeps its metadata in the form that all objects have', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged)
    const odd = { ...aTool('a'), metadata: { name: 'a', labels: { a: 5 } } }
    await expect(registry.create(tool(registry), odd, write)).rejects.toMatchObject({ code: 400 })
    await expect(registry.create(tool(registry), [], write)).rejects.toMatchObject({ code: 400 })
    const more = { ...aTool('a'), metadata: { name: 'a', colour: 'red' } }
    await expect(registry.create(tool(registry), more, write)).rejects.toThrow('unknown field "metadata.colour"')
  })

  test('is as its schema says, in what changes', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    const set = { type: 'array', items: text, 'x-kubernetes-list-type': 'set' }
    const schema = specOf({ n: { type: 'integer', minimum: 1 }, set })
    await define(arranged, { schema })
    const create = (spec: object) => registry.create(tool(registry), aTool('a', { spec }), write)
    await expect(create({ n: 0, set: ['x', 'x'] })).rejects.toMatchObject({
      code: 422,
      message:
        'Tool.example.com "a" is invalid: [spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1, spec.set[1]: Duplicate value: "x"]',
    })
    await create({ n: 5 })
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: stricter } }]
    await registry.patch(crd('tools.example.com'), MERGE, { spec: { versions } }, write)
    await settled()
    await registry.patch(tool(registry, 'a'), MERGE, { spec: { set: ['x'] } }, write)
    await expect(registry.patch(tool(registry, 'a'), MERGE, { spec: { n: 6 } }, write)).rejects.toMatchObject({
      code: 422,
    })
    const stale = { ...aTool('a', { spec: { n: 9 } }) }
    await expect(registry.update(tool(registry, 'a'), stale, write)).rejects.toThrow('must be specified for an update')
  })

  test('keeps the rules of its schema, which are asked only of what has the right form', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    const rules = [{ rule: 'self.n < 10', message: 'n is small' }]
    const spec: JsonSchema = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      'x-kubernetes-validations': rules,
    }
    await define(arranged, { schema: { type: 'object', properties: { spec } } })
    const create = (n: unknown) => registry.create(tool(registry), aTool('a', { spec: { n } }), write)
    await expect(create(10)).rejects.toThrow('is invalid: spec: Invalid value: n is small')
    await expect(create('x')).rejects.toThrow(
      '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    )
    await create(1)
  })

  test('has its defaults, and those of a newer schema as well', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged, { schema: specOf({ a: { ...text, default: 'x' } }) })
    const { object } = await registry.create(tool(registry), aTool('a', { spec: {} }), write)
    expect(object['spec']).toEqual({ a: 'x' })
    const schema = specOf({ a: text, b: { ...text, default: 'new' } })
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }]
    await registry.patch(crd('tools.example.com'), MERGE, { spec: { versions } }, write)
    await settled()
    const target = tool(registry, 'a')
    const entry = await registry.read(target)
    expect(JSON.parse(entry.json(target.served).toString())).toMatchObject({ spec: { a: 'x', b: 'new' } })
    const labelled = await registry.patch(target, MERGE, { metadata: { labels: { c: 'd' } } }, write)
    expect(labelled.object).toMatchObject({ metadata: { generation: 1 }, spec: { b: 'new' } })
  })

  test('is shown in every version that is served, and stored in one', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    const versions = [
      { name: 'v1', served: true, storage: true, schema },
      { name: 'v1alpha1', served: true, storage: false, schema, deprecated: true },
      { name: 'v0', served: false, storage: false, schema },
    ]
    await define(arranged, { versions })
    const old = tool(registry, '', { version: 'v1alpha1' })
    expect(old.served.warning).toBe('example.com/v1alpha1 Tool is deprecated; use example.com/v1 Tool')
    const made = await registry.create(old, aTool('a', { spec: { x: 1 } }, 'v1alpha1'), write)
    expect(made.object.apiVersion).toBe('example.com/v1')
    expect(JSON.parse(made.json(old.served).toString())).toMatchObject({ apiVersion: 'example.com/v1alpha1' })
    expect(() => tool(registry, '', { version: 'v0' })).toThrow('not served')
    await registry.patch(crd('tools.example.com'), MERGE, { spec: { versions: flipped(versions) } }, write)
    await settled()
    const target = tool(registry, 'a')
    expect(target.descriptor.storageVersion).toBe('v1alpha1')
    expect(JSON.parse((await registry.read(target)).json(target.served).toString())).toMatchObject({
      apiVersion: 'example.com/v1',
      spec: { x: 1 },
    })
    const { object } = await registry.read(crd('tools.example.com'))
    expect(object['status']).toMatchObject({ storedVersions: ['v1', 'v1alpha1'] })
  })

  test('without a status subresource has a status like any other field', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    const status: JsonSchema = { type: 'object', properties: { n: { type: 'integer' } } }
    await define(arranged, { schema: { type: 'object', properties: { status } } })
    await registry.create(tool(registry), aTool('a', { status: { n: 1 } }), write)
    const patch = (n: unknown) => registry.patch(tool(registry, 'a'), MERGE, { status: { n } }, write)
    expect((await patch(2)).object.metadata.generation).toBe(2)
    await expect(patch('x')).rejects.toMatchObject({ code: 422 })
    const { object } = await registry.patch(tool(registry, 'a'), MERGE, { metadata: { labels: { a: 'b' } } }, write)
    expect(object.metadata.generation).toBe(2)
  })

  test('is cluster-wide when its definition says so', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged, { scope: 'Cluster' })
    const { object } = await registry.create(tool(registry), aTool('a'), write)
    expect(object.metadata.namespace).toBeUndefined()
  })
})

const flipped = <T extends { name: string; storage: boolean }>(versions: T[]): T[] =>
  versions.map((version) => ({ ...version, storage: version.name === 'v1alpha1' }))

describe('subresources of a custom kind', () => {
  const schema = {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { size: { type: 'integer' }, in: { type: 'object' } } },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  }
  const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size', labelSelectorPath: '.status.sel' }
  const start = async () => {
    const arranged = await arrange()
    await define(arranged, { schema, version: { subresources: { status: {}, scale } } })
    return arranged
  }

  test('status is written apart from all else', async () => {
    const { registry, write } = await start()
    const body = aTool('a', { spec: { size: 1 }, status: { size: 9 } })
    const made = await registry.create(tool(registry), body, write)
    expect(made.object).not.toHaveProperty('status')
    const status = tool(registry, 'a', { subresource: 'status' })
    const sent = { spec: { size: 5 }, status: { size: 1 }, metadata: { labels: { a: 'b' } } }
    const { object } = await registry.patch(status, MERGE, sent, write)
    expect(object).toMatchObject({ spec: { size: 1 }, status: { size: 1 }, metadata: { generation: 1 } })
    expect(object.metadata).not.toHaveProperty('labels')
    const without = await registry.patch(status, MERGE, { status: null }, write)
    expect(without.object).not.toHaveProperty('status')
  })

  test('scale shows and writes the number of replicas', async () => {
    const { registry, write } = await start()
    await registry.create(tool(registry), aTool('a', { spec: { size: 1 } }), write)
    const target = tool(registry, 'a', { subresource: 'scale' })
    expect((await registry.read(target)).object['status']).toEqual({ replicas: 0 })
    const status = { status: { size: 1, sel: 'a=b' } }
    await registry.patch(tool(registry, 'a', { subresource: 'status' }), MERGE, status, write)
    expect((await registry.read(target)).object).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 1 },
      status: { replicas: 1, selector: 'a=b' },
    })
    await registry.patch(target, MERGE, { spec: { replicas: 4 } }, write)
    expect((await registry.read(tool(registry, 'a'))).object['spec']).toEqual({ size: 4 })
  })

  test('scale takes no negative numbers', async () => {
    const { registry, write } = await start()
    const wrong = (size: number) => registry.create(tool(registry), aTool('a', { spec: { size } }), write)
    await expect(wrong(-1)).rejects.toThrow('.spec.size: Invalid value: -1: should be a non-negative integer')
    await expect(wrong(2 ** 31)).rejects.toThrow('should be less than or equal to 2147483647')
  })

  test('scale needs the number to be there, unless it is written', async () => {
    const { registry, write } = await start()
    await registry.create(tool(registry), aTool('a', { spec: {} }), write)
    const target = tool(registry, 'a', { subresource: 'scale' })
    await expect(registry.read(target)).rejects.toThrow('the spec replicas field ".spec.size" does not exist')
    const { object } = await registry.patch(target, MERGE, { spec: { replicas: 2 } }, write)
    expect(object['spec']).toEqual({ replicas: 2 })
  })
})

describe('patches of a custom kind', () => {
  const item = { type: 'object', required: ['name'], properties: { name: text, n: { type: 'integer' } } }
  const list = {
    type: 'array',
    items: item,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  }
  const start = async () => {
    const arranged = await arrange()
    await define(arranged, { schema: specOf({ list, a: text }) })
    return arranged
  }

  test('are not strategic merges', async () => {
    const { registry, write } = await start()
    await registry.create(tool(registry), aTool('a'), write)
    const patch = registry.patch(tool(registry, 'a'), 'application/strategic-merge-patch+json', {}, write)
    await expect(patch).rejects.toMatchObject({
      code: 415,
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    })
  })

  test('are applied item by item where the schema names keys', async () => {
    const { registry, write } = await start()
    const apply = (manager: string, spec: object) =>
      registry.patch(tool(registry, 'a'), 'application/apply-patch+yaml', aTool('a', { spec }), {
        ...write,
        fieldManager: manager,
      })
    await apply('one', { list: [{ name: 'x', n: 1 }], a: 'v' })
    const { object } = await apply('two', { list: [{ name: 'y', n: 2 }] })
    expect(object['spec']).toEqual({
      a: 'v',
      list: expect.arrayContaining([
        { name: 'x', n: 1 },
        { name: 'y', n: 2 },
      ]),
    })
    await expect(apply('two', { a: 'w' })).rejects.toMatchObject({ code: 409 })
    await expect(apply('two', { b: 1 })).rejects.toThrow('.spec.b: field not declared in schema')
    const after = await apply('one', {})
    expect(after.object['spec']).toEqual({ list: [{ name: 'y', n: 2 }] })
  })
})
