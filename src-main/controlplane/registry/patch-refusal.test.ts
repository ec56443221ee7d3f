import { describe, expect, test } from 'vitest'
import type { PatchType } from '../../../src-kube/client/transport.ts'
import { arrange, at, deployment } from './testing/arrange.ts'
import { define, tool } from './testing/crd.ts'

const STRATEGIC = 'application/strategic-merge-patch+json'
const MERGE = 'application/merge-patch+json'
const web = at('apps/v1', 'Deployment', 'd', 'web')

/** What the server says of a patch that is wrong. */
async function refused(type: PatchType, patch: unknown): Promise<{ code: number; message: string; details: object }> {
  const { registry, write } = await arrange()
  await registry.create({ ...web, name: '' }, deployment('web'), write)
  return registry.patch(web, type, patch, write).then(
    () => Promise.reject(new Error('it was taken')),
    (error: { code: number; message: string; details: object }) => error,
  )
}

test.each<[PatchType, unknown]>([
  ['application/json-patch+json', null],
  ['application/json-patch+json', []],
  [STRATEGIC, null],
])('a patch that says nothing changes nothing: %s %j', async (type, patch) => {
  const { registry, write } = await arrange()
  const made = await registry.create({ ...web, name: '' }, deployment('web'), write)
  expect((await registry.patch(web, type, patch, write)).object).toEqual(made.object)
})

test.each<[PatchType, unknown, string]>([
  [MERGE, { apiVersion: 5 }, 'json: cannot unmarshal number into Go struct field .apiVersion of type string'],
  [
    'application/json-patch+json',
    [{ op: 'replace', path: '/kind', value: {} }],
    'json: cannot unmarshal object into Go struct field .kind of type string',
  ],
])('a patch that makes something of an object that cannot be a kind is refused: %s %j', async (type, patch, words) => {
  const { code, message } = await refused(type, patch)
  expect(code).toBe(422)
  expect(message).toContain(`couldn't get version/kind; json parse error: ${words}`)
})

test('a patch of what every object inherits is refused', async () => {
  const patch = [{ op: 'add', path: '/metadata/annotations/__proto__', value: 'x' }]
  expect((await refused('application/json-patch+json', patch)).code).toBe(422)
})

describe('a patch that makes no object', () => {
  test.each<[object, string, string]>([
    [{ spec: { replicas: 'x' } }, 'map[spec:map[replicas:x]]', 'unrecognized type: int32'],
    [{ spec: { replicas: 1.5 } }, 'map[spec:map[replicas:1.5]]', 'cannot convert float64 to int32'],
    [{ spec: { paused: 1 } }, 'map[spec:map[paused:1]]', 'unrecognized type: bool'],
    [{ metadata: { labels: { a: 1 } } }, 'map[metadata:map[labels:map[a:1]]]', 'cannot convert int64 to string'],
    [{ metadata: { labels: { a: true } } }, 'map[metadata:map[labels:map[a:true]]]', 'unrecognized type: string'],
    [{ spec: { template: 'x' } }, 'map[spec:map[template:x]]', 'cannot restore struct from: string'],
    [
      { spec: { nope: null, template: { spec: { odd: [1, 'a'] } } } },
      'map[spec:map[nope:<nil> template:map[spec:map[odd:[1 a]]]]]',
      'strict decoding error: unknown field "spec.template.spec.odd"',
    ],
  ])('shows itself when it is strategic: %j', async (patch, shown, words) => {
    const error = await refused(STRATEGIC, patch)
    expect(error.message).toBe(` "" is invalid: patch: Invalid value: "${shown}": ${words}`)
    expect(error).toMatchObject({ code: 422, reason: 'Invalid', details: { causes: [{ field: 'patch' }] } })
  })

  test('shows the object otherwise', async () => {
    const error = await refused(MERGE, { spec: { replicas: 'x' } })
    expect(error.code).toBe(422)
    expect(error.message).toMatch(/^ "" is invalid: patch: Invalid value: "\{.*\\"replicas\\":\\"x\\".*\}": json: /)
    expect(error.message).toMatch(/Go struct field DeploymentSpec\.spec\.replicas of type int32$/)
    const add = [{ op: 'add', path: '/spec/odd', value: 1 }]
    expect((await refused('application/json-patch+json', add)).message).toMatch(
      /: strict decoding error: unknown field "spec\.odd"$/,
    )
  })

  test('is told apart from an object that is wrong', async () => {
    const error = await refused(STRATEGIC, { spec: { replicas: -1 } })
    expect(error.message).toMatch(/^Deployment\.apps "web" is invalid: spec\.replicas: /)
  })
})

describe('a patch that makes something else of an object', () => {
  test('is refused unless it merges fields alone, as these are none', async () => {
    expect((await refused(MERGE, { kind: 'Pod', apiVersion: 'v1' })).message).toMatch(
      /: converting \(v1\.Pod\) to \(apps\.Deployment\): unknown conversion$/,
    )
    const json = 'application/json-patch+json'
    const error = await refused(json, [{ op: 'replace', path: '/apiVersion', value: 'apps/v9' }])
    expect(error.message).toMatch(/: no kind "Deployment" is registered for version "apps\/v9" in scheme /)
    expect(error).toMatchObject({ code: 422, details: { causes: [{ field: 'patch' }] } })
    const { registry, write } = await arrange()
    await registry.create({ ...web, name: '' }, deployment('web'), write)
    expect((await registry.patch(web, STRATEGIC, { kind: 'Pod' }, write)).object.kind).toBe('Deployment')
    expect((await registry.patch(web, MERGE, { kind: null }, write)).object.kind).toBe('Deployment')
  })

  test('of a custom kind is refused by its definition', async () => {
    const arranged = await arrange()
    await define(arranged)
    const target = tool(arranged.registry, 'a')
    const sent = { apiVersion: 'example.com/v1', kind: 'Tool', metadata: { name: 'a' } }
    await arranged.registry.create({ ...target, name: '' }, sent, arranged.write)
    await expect(
      arranged.registry.patch(target, MERGE, { kind: 'Pod', apiVersion: 'v1' }, arranged.write),
    ).rejects.toThrow(
      'Pod "a" is invalid: [kind: Invalid value: "Pod": must be Tool, apiVersion: Invalid value: "v1": must be example.com/v1]',
    )
  })
})
