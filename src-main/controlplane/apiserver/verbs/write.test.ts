import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { arrange, at, admin, type Arranged } from '../../registry/testing/arrange.ts'
import { define, tool } from '../../registry/testing/crd.ts'
import type { VerbContext } from './context.ts'
import { create, patch, remove, update } from './write.ts'

const APPLY = 'application/apply-patch+yaml'
const MANIFEST = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "1"}\n'

/** A PATCH of the config map `a`, without a socket; resolves with the code of the answer. */
async function send(
  { registry, clock, warnings }: Arranged,
  query: string,
  type = APPLY,
  body = MANIFEST,
  verb: typeof patch = patch,
  target = at('v1', 'ConfigMap', 'd', 'a'),
): Promise<number> {
  let answered = 0
  const exchange = {
    info: { query: new URLSearchParams(query), verb: verb === remove ? 'delete' : verb.name },
    request: Readable.from([Buffer.from(body)]),
    user: admin,
    warn: (words: string) => void warnings.push(words),
    header: (name: string) => (name === 'content-type' ? type : undefined),
    sendObject: (code: number) => void (answered = code),
  }
  const { descriptor, served } = target
  const resource = { descriptor, served, apiVersion: formatApiVersion(served.group, served.version) }
  await verb(partial<VerbContext>({ registry, clock, exchange, target, resource }))
  return answered
}

describe('PATCH', () => {
  test('that applies answers 201 when it creates and 200 when it changes', async () => {
    const arranged = await arrange()
    expect(await send(arranged, 'fieldManager=a')).toBe(201)
    expect(await send(arranged, 'fieldManager=a', APPLY, MANIFEST.replace('"1"', '"2"'))).toBe(200)
    expect(await send(arranged, 'fieldManager=b&force=true')).toBe(200)
    await expect(send(arranged, 'fieldManager=a', APPLY, MANIFEST.replace('"1"', '"2"'))).rejects.toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "b": .data.x',
    })
  })

  test('of no known type is refused as upstream refuses it, by what it is of', async () => {
    const arranged = await arrange()
    await define(arranged)
    const answers = [at('v1', 'ConfigMap', 'd', 'a'), tool(arranged.registry)].map((target) =>
      send(arranged, '', 'application/json', '{}', patch, target).catch((error: StatusError) => error.message),
    )
    expect(await Promise.all(answers)).toEqual([
      '415: Unsupported Media Type',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ])
  })

  test('of a custom object is no strategic one, whether the object is there or not', async () => {
    const arranged = await arrange()
    await define(arranged)
    const target = { ...tool(arranged.registry), name: 'none' }
    const sent = (type: string) => send(arranged, '', `application/${type}-patch+json`, '{}', patch, target)
    await expect(sent('strategic-merge')).rejects.toMatchObject({ code: 415 })
    await expect(sent('merge')).rejects.toMatchObject({ code: 404 })
  })

  test('that applies what is no YAML says where it was read', async () => {
    const arranged = await arrange()
    await expect(send(arranged, 'fieldManager=a', APPLY, 'a: [')).rejects.toMatchObject({
      code: 400,
      message: expect.stringMatching(/^error decoding YAML: error converting YAML to JSON: /),
    })
  })

  test('that applies names its manager', async () => {
    await expect(send(await arrange(), '')).rejects.toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    })
  })

  test('is forced only when it applies', async () => {
    await expect(send(await arrange(), 'force=true', 'application/merge-patch+json', '{}')).rejects.toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    })
  })
})

describe('YAML that gives a key twice', () => {
  const twice = `${MANIFEST}foo: 1\ndata: {x: "2", x: "3"}\n`
  const words = 'yaml: unmarshal errors:\n  line 6: key "data" already set in map\n  line 6: key "x" already set in map'

  test.each([
    ['POST', create],
    ['PUT', update],
  ])('is refused with what else is wrong with it: %s', async (_method, verb) => {
    const sent = send(await arrange(), 'fieldValidation=Strict', 'application/yaml', twice, verb)
    await expect(sent).rejects.toMatchObject({
      code: 400,
      message: `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ${words}, unknown field "foo"`,
    })
  })

  test('is refused when it is applied, if the client wants it so', async () => {
    await expect(send(await arrange(), 'fieldManager=a&fieldValidation=Strict', APPLY, twice)).rejects.toMatchObject({
      code: 400,
      message: `error strict decoding YAML: error converting YAML to JSON: ${words}`,
    })
    const once = twice.replace('foo: 1\n', '')
    expect(await send(await arrange(), 'fieldManager=a&fieldValidation=Ignore', APPLY, once)).toBe(201)
  })

  test('is taken with its last value otherwise', async () => {
    const arranged = await arrange()
    expect(await send(arranged, 'fieldValidation=Warn', 'application/yaml', twice, create)).toBe(201)
    const { object } = await arranged.registry.read(at('v1', 'ConfigMap', 'd', 'a'))
    expect(object['data']).toEqual({ x: '3' })
  })
})

test('A POST answers 201, a PUT of what is there 200', async () => {
  const arranged = await arrange()
  const made = await send(arranged, '', 'application/yaml', MANIFEST, create)
  expect([made, await send(arranged, '', 'application/yaml', MANIFEST, update)]).toEqual([201, 200])
})

test('A custom object says what kind it is', async () => {
  const arranged = await arrange()
  await define(arranged)
  const target = tool(arranged.registry)
  const sent = { apiVersion: 'example.com/v1', metadata: { name: 'a' } }
  const make = (body: object) => send(arranged, '', 'application/json', JSON.stringify(body), create, target)
  await expect(make(sent)).rejects.toMatchObject({
    code: 400,
    reason: 'BadRequest',
    message: `Tool in version "v1" cannot be handled as a Tool: Object 'Kind' is missing in '${JSON.stringify(sent)}'`,
  })
  expect(await make({ ...sent, kind: 'Tool' })).toBe(201)
})

test('What a DELETE answers is the object of some kinds, and that it went of all others', async () => {
  const arranged = await arrange()
  const answerOf = async (apiVersion: string, kind: string, body: object): Promise<unknown> => {
    const target = at(apiVersion, kind, kind === 'StorageClass' ? '' : 'd', 'a')
    const sent = { apiVersion, kind, metadata: { name: 'a' }, ...body }
    await arranged.registry.create({ ...target, name: '' }, sent, arranged.write)
    let answer: unknown
    const exchange = {
      info: { query: new URLSearchParams() },
      request: Readable.from([]),
      user: admin,
      warn: () => {},
      header: () => undefined,
      sendObject: (_code: number, _form: unknown, told: unknown) =>
        void (answer = Buffer.isBuffer(told) ? JSON.parse(told.toString()) : told),
    }
    const { registry, clock } = arranged
    await remove(partial<VerbContext>({ registry, clock, exchange, target }))
    return answer
  }
  expect(await answerOf('v1', 'ConfigMap', {})).toMatchObject({ kind: 'Status', details: { name: 'a' } })
  expect(await answerOf('storage.k8s.io/v1', 'StorageClass', { provisioner: 'p' })).toMatchObject({
    kind: 'StorageClass',
  })
  expect(await answerOf('v1', 'ResourceQuota', { spec: {} })).toMatchObject({ kind: 'ResourceQuota' })
})

test('Options of a DELETE that are none are refused in the words of Go', async () => {
  const arranged = await arrange()
  await send(arranged, '', 'application/yaml', MANIFEST, create)
  const options = (body: string, query = ''): Promise<number> => send(arranged, query, 'application/json', body, remove)
  await expect(options('{"gracePeriodSeconds":"x"}')).rejects.toMatchObject({
    code: 400,
    message: 'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
  })
  await expect(options('[]')).rejects.toThrow('json: cannot unmarshal array into Go value of type v1.DeleteOptions')
  await expect(options('', 'gracePeriodSeconds=x')).rejects.toThrow('strconv.ParseInt: parsing "x": invalid syntax')
  await expect(options('{"kind":"ConfigMap","apiVersion":"v1"}')).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('no kind "ConfigMap" is registered for version "v1" in scheme') as string,
  })
  expect(await options('{"kind":"DeleteOptions","apiVersion":"apps/v1","dryRun":["All"]}')).toBe(200)
  expect(await options('{"preconditions":{},"dryRun":["All"]}', 'gracePeriodSeconds=5')).toBe(200)
  expect(await options('null')).toBe(200)
})

describe('A field that is there twice', () => {
  const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","x":"2"},"odd":1}'
  const words = ['duplicate field "data.x"', 'unknown field "odd"']
  const ways = [
    ['POST', create, 'application/json'],
    ['PUT', update, 'application/json'],
    ['a merge patch', patch, 'application/merge-patch+json'],
    ['a strategic merge patch', patch, 'application/strategic-merge-patch+json'],
  ] as const

  test.each(ways)('of %s is warned of, unless the client wants to hear of nothing', async (_, verb, type) => {
    const arranged = await arrange()
    if (verb !== create) await send(arranged, '', 'application/yaml', MANIFEST, create)
    await send(arranged, 'fieldValidation=Ignore&dryRun=All', type, twice, verb)
    expect(arranged.warnings).toEqual([])
    await send(arranged, '', type, twice, verb)
    expect(arranged.warnings).toEqual(words)
  })
})

describe('A whole number with a fraction', () => {
  const lease = (seconds: string): string =>
    `{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l"},"spec":{"leaseDurationSeconds":${seconds}}}`
  const refusal = (written: string): string =>
    `json: cannot unmarshal number ${written} into Go struct field LeaseSpec.spec.leaseDurationSeconds of type int32`
  const leases = at('coordination.k8s.io/v1', 'Lease', 'd', 'l')

  test.each(['2.0', '2e0', '20E-1'])('is none in JSON: %s', async (written) => {
    const { send } = await toLeases()
    for (const query of ['', 'fieldValidation=Ignore', 'fieldValidation=Strict'])
      await expect(send('application/json', lease(written), create, query)).rejects.toMatchObject({
        code: 400,
        message: `Lease in version "v1" cannot be handled as a Lease: ${refusal(written)}`,
      })
    expect(await send('application/json', lease('2'), create)).toBe(201)
    await expect(send('application/json', lease(written), update)).rejects.toMatchObject({ code: 400 })
    await expect(send('application/merge-patch+json', lease(written), patch)).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining(refusal(written)),
    })
  })

  test('is one in YAML, and where fields are merged', async () => {
    const { send } = await toLeases()
    expect(await send('application/yaml', lease('2.0'), create)).toBe(201)
    expect(await send('application/strategic-merge-patch+json', lease('3.0'), patch)).toBe(200)
    expect(await send('application/apply-patch+yaml', lease('3.0'), patch, 'fieldManager=a&force=true')).toBe(200)
  })

  async function toLeases() {
    const arranged = await arrange()
    return {
      send: (type: string, body: string, verb: typeof patch, query = '') =>
        send(arranged, query, type, body, verb, leases),
    }
  }
})

describe('A JSON patch', () => {
  const odd =
    '[{"op":"add","path":"/spec/unknown1","value":1,"foo":"bar"},{"op":"add","path":"/a","path":"/data/b","value":"1"}]'
  const type = 'application/json-patch+json'

  test('of odd operations is refused if the client wants it so, before what it makes is looked at', async () => {
    const arranged = await arrange()
    await send(arranged, '', 'application/yaml', MANIFEST, create)
    const words = 'strict decoding error: json patch unknown field "[0].foo", json patch duplicate field "[1].path"'
    const broken = odd.replace('/spec/unknown1', '/unknown1')
    await expect(send(arranged, 'fieldValidation=Strict', type, broken)).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining(`${words}, unknown field "unknown1"`),
    })
  })

  test('of odd operations is taken with a warning otherwise', async () => {
    const arranged = await arrange()
    await send(arranged, '', 'application/yaml', MANIFEST, create)
    const known = odd.replace('/spec/unknown1', '/data/a').replace('"value":1', '"value":"1"')
    expect(await send(arranged, 'fieldValidation=Warn', type, known)).toBe(200)
    expect(arranged.warnings).toEqual(['json patch unknown field "[0].foo"', 'json patch duplicate field "[1].path"'])
    const plain = '[{"op":"remove","path":"/data/a"}]'
    expect(await send(arranged, 'fieldValidation=Strict', type, plain)).toBe(200)
  })
})
