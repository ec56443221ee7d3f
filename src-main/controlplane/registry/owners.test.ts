import { describe, expect, test } from 'vitest'
import type { ManagedFieldsEntry } from '#types/meta/v1'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { Admission } from '../admission/admission.ts'
import { shareOwners, textOfOwners } from './owners.ts'
import { arrange, at, configMap, deployment } from './testing/arrange.ts'
import { aTool, define, tool } from './testing/crd.ts'

const MERGE = 'application/merge-patch+json'
const maps = at('v1', 'ConfigMap', 'd', 'a')
const web = at('apps/v1', 'Deployment', 'd', 'web')
const pods = at('v1', 'Pod', 'd', 'p')

const ownersOf = ({ object }: { object: KubeObject }) => object.metadata.managedFields
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
}

async function arranged() {
  const { registry, write, clock } = await arrange()
  return { registry, clock, by: (fieldManager: string, more: object = {}) => ({ ...write, fieldManager, ...more }) }
}

describe('a new object', () => {
  test("is its creator's, defaults included, but for its status and what names it", async () => {
    const { registry, by } = await arranged()
    const body = { ...deployment('web', 1), status: { replicas: 3 } }
    const entries = ownersOf(await registry.create(web, body, by('kubectl-create')))
    expect(entries).toMatchObject([
      {
        manager: 'kubectl-create',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
      },
    ])
    expect(entries![0]).not.toHaveProperty('subresource')
    expect(Object.keys(entries![0]!.fieldsV1 as object)).toEqual(['f:spec'])
    expect(entries![0]!.fieldsV1).toMatchObject({
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:selector': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {} } } },
        },
      },
    })
  })

  test('of one manager shares its fields with the next', async () => {
    const { registry, by } = await arranged()
    const [first] = ownersOf(await registry.create(maps, configMap('a', { x: '1' }), by('m')))!
    const [second] = ownersOf(
      await registry.create(at('v1', 'ConfigMap', 'd', 'b'), configMap('b', { x: '2' }), by('m')),
    )!
    expect(second!.fieldsV1).toBe(first!.fieldsV1)
  })

  test('is owned in the version that its creator speaks, and so is what is written in another', async () => {
    const { registry, by } = await arranged()
    const scaler = (version: string) => at(`autoscaling/${version}`, 'HorizontalPodAutoscaler', 'd', 'h')
    const body = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'w' },
        maxReplicas: 3,
        targetCPUUtilizationPercentage: 50,
      },
    }
    const made = await registry.create(scaler('v1'), body, by('a'))
    expect(ownersOf(made)).toMatchObject([
      { apiVersion: 'autoscaling/v1', fieldsV1: { 'f:spec': { 'f:targetCPUUtilizationPercentage': {} } } },
    ])
    const cpu = (averageUtilization: number) => [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } },
    ]
    const v2 = await registry.patch(scaler('v2'), MERGE, { spec: { metrics: cpu(60) } }, by('b'))
    expect(JSON.stringify(ownersOf(v2))).not.toContain('targetCPU')
    const changed = { ...body, spec: { ...body.spec, targetCPUUtilizationPercentage: 70 } }
    const v1 = await registry.update(scaler('v1'), changed, by('c'))
    const text = JSON.stringify(ownersOf(v1))
    expect(text).toContain('"f:targetCPUUtilizationPercentage":{}')
    expect(text).not.toContain('f:metrics')
    expect(ownersOf(v1)!.map(({ manager, apiVersion }) => [manager, apiVersion])).toEqual([
      ['a', 'autoscaling/v1'],
      ['c', 'autoscaling/v1'],
    ])
  })

  test('that has nothing to own has no owners', async () => {
    const { registry, by } = await arranged()
    const bare = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    expect(ownersOf(await registry.create(maps, bare, by('m')))).toBeUndefined()
  })

  test("that is a secret is its creator's where it is kept, so that others may apply strings to it", async () => {
    const { registry, by } = await arranged()
    const secret = (stringData: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData })
    const secrets = at('v1', 'Secret', 'd', 's')
    const made = await registry.create(secrets, secret({ a: 'ü' }), by('m'))
    expect(made.object['data']).toEqual({ a: 'w7w=' })
    expect(ownersOf(made)![0]!.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:a': {} }, 'f:type': {} })
    const applied = await registry.patch(secrets, 'application/apply-patch+yaml', secret({ b: 'x' }), by('n'))
    expect(applied.object['data']).toEqual({ a: 'w7w=', b: 'eA==' })
  })

  test('of a custom kind has no metadata to own but what it was given', async () => {
    const arranged = await arrange()
    await define(arranged)
    const { registry, write } = arranged
    const bare = await registry.create(tool(registry), aTool('a', { spec: { x: 1 } }), write)
    expect(ownersOf(bare)![0]!.fieldsV1).toEqual({ 'f:spec': { '.': {}, 'f:x': {} } })
    const labels = { 'f:labels': { '.': {}, 'f:l': {} } }
    const labelled = aTool('b', { metadata: { name: 'b', labels: { l: '1' } } })
    const [entry] = ownersOf(await registry.create(tool(registry), labelled, write))!
    expect((entry!.fieldsV1 as Record<string, unknown>)['f:metadata']).toEqual(labels)
  })

  test('is shown with its owners by a dry run', async () => {
    const { registry, by } = await arranged()
    const shown = await registry.create(maps, configMap('a', { x: '1' }), by('m', { dryRun: true }))
    expect(ownersOf(shown)).toMatchObject([{ manager: 'm' }])
  })
})

describe('owners that a client sends', () => {
  const entry = { manager: 'q', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' }
  const x = { ...entry, fieldsV1: { 'f:data': { 'f:x': {} } } }
  const y = { ...entry, fieldsV1: { 'f:data': { 'f:y': {} } } }
  const sent = async (managedFields: unknown) => {
    const { registry, by } = await arranged()
    await registry.create(maps, configMap('a', { x: '1', y: '1' }), by('m'))
    const told = await registry.patch(maps, MERGE, { metadata: { managedFields } }, by('m'))
    return ownersOf(told)?.map(({ manager, fieldsV1 }) => [manager, fieldsV1])
  }
  const before = [['m', { 'f:data': { '.': {}, 'f:x': {}, 'f:y': {} } }]]

  test.each([
    ['an operation that is none', [{ ...x, operation: 'Bad' }]],
    ['no version', [{ ...x, apiVersion: undefined }]],
    ['another form of fields', [{ ...x, fieldsType: 'Other' }]],
    ['a path that is none', [{ ...entry, fieldsV1: { 'k:data': {} } }]],
    ['fields that are none', [{ ...entry, fieldsV1: 'x' }]],
    ['an empty entry among others', [{}, x]],
    ['nothing', []],
  ])('with %s change none', async (_, managedFields) => {
    expect(await sent(managedFields)).toEqual(before)
  })

  test('replace what was known', async () => {
    expect(await sent([x])).toEqual([['q', x.fieldsV1]])
  })

  test('are known from then on, though they were forgotten', async () => {
    const { registry, by } = await arranged()
    await registry.create(maps, configMap('a', { x: '1', y: '1' }), by('m'))
    await registry.patch(maps, MERGE, { metadata: { managedFields: [{}] } }, by('m'))
    const told = await registry.patch(maps, MERGE, { data: { y: '2' }, metadata: { managedFields: [x] } }, by('n'))
    expect(ownersOf(told)?.map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([
      ['q', x.fieldsV1],
      ['n', y.fieldsV1],
    ])
  })

  test('count once each, the last of them', async () => {
    expect(await sent([x, y])).toEqual([['q', y.fieldsV1]])
  })

  test('of a version that the kind has not are nobody', async () => {
    expect(
      await sent([
        { ...x, apiVersion: 'apps/v1' },
        { ...y, manager: 'r' },
      ]),
    ).toEqual([['r', y.fieldsV1]])
  })

  test('without a name are written without one', async () => {
    expect(await sent([{ ...x, manager: '' }])).toEqual([[undefined, x.fieldsV1]])
  })
})

describe('changes', () => {
  test("of admission are nobody's, whatever is written", async () => {
    const admit: Admission['admit'] = ({ object }) => {
      const data = { ...(object!['data'] as object), hook: crypto.randomUUID() }
      Object.assign(object!, { data })
      return Promise.resolve()
    }
    const { registry, write } = await arrange({ admission: { admit, validate: () => Promise.resolve() } })
    await registry.create(maps, configMap('a', { x: '1' }), write)
    await registry.patch(maps, MERGE, { data: { x: '2' } }, { ...write, fieldManager: 'b' })
    const last = await registry.patch(maps, 'application/apply-patch+yaml', configMap('a', { y: '1' }), write)
    expect(last.object['data']).toMatchObject({ x: '2', y: '1', hook: expect.any(String) as string })
    expect(ownersOf(last)!.map(({ manager }) => manager)).toEqual(['test', 'b', 'test'])
    expect(JSON.stringify(ownersOf(last))).not.toContain('hook')
  })

  test('of a key by the name of what every object has are seen', async () => {
    const { registry, by } = await arranged()
    await registry.create(maps, configMap('a', { constructor: '1', x: '1' }), by('m'))
    const gone = await registry.patch(maps, MERGE, { data: { constructor: null } }, by('n'))
    expect(ownersOf(gone)).toMatchObject([{ manager: 'm', fieldsV1: { 'f:data': { '.': {}, 'f:x': {} } } }])
    expect(JSON.stringify(ownersOf(gone))).not.toContain('constructor')
  })

  test("of the status are the subresource's, of a binding nobody's", async () => {
    const { registry, by } = await arranged()
    await registry.create(pods, pod, by('kubectl-run'))
    const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } }
    await registry.create({ ...pods, subresource: 'binding' }, binding, by('kube-scheduler'))
    const status = { status: { conditions: [{ type: 'Ready', status: 'True' }] } }
    const told = await registry.patch({ ...pods, subresource: 'status' }, MERGE, status, by('kubelet'))
    expect(told.object).toMatchObject({ spec: { nodeName: 'n1' } })
    expect(ownersOf(told)!.map(({ manager, subresource }) => [manager, subresource])).toEqual([
      ['kubectl-run', undefined],
      ['kubelet', 'status'],
    ])
    expect(JSON.stringify(ownersOf(told))).not.toContain('nodeName')
  })

  test('move fields to who changes them, and give the time of the last of them', async () => {
    const { registry, by, clock } = await arranged()
    await registry.create(maps, configMap('a', { x: '1', y: '1' }), by('a'))
    await clock.advance(60_000)
    await registry.patch(maps, MERGE, { data: { y: '2' } }, by('b'))
    await clock.advance(60_000)
    expect(ownersOf(await registry.patch(maps, MERGE, { data: { y: '3' } }, by('b')))).toMatchObject([
      { manager: 'a', time: '2026-01-01T00:00:00Z', fieldsV1: { 'f:data': { '.': {}, 'f:x': {} } } },
      { manager: 'b', time: '2026-01-01T00:02:00Z', fieldsV1: { 'f:data': { 'f:y': {} } } },
    ])
  })

  test('that kubectl hands from its old apply to the new one let it take fields back', async () => {
    const { registry, by } = await arranged()
    const made = await registry.create(maps, configMap('a', { x: '1', old: '1' }), by('kubectl-client-side-apply'))
    const [entry] = ownersOf(made)!
    const managedFields = [{ ...entry!, manager: 'kubectl', operation: 'Apply' }]
    await registry.patch(maps, MERGE, { metadata: { managedFields } }, by('kubectl'))
    const applied = await registry.patch(
      maps,
      'application/apply-patch+yaml',
      configMap('a', { x: '1' }),
      by('kubectl'),
    )
    expect(applied.object['data']).toEqual({ x: '1' })
  })

  test('of a subresource cannot set owners', async () => {
    const { registry, by } = await arranged()
    await registry.create(web, deployment('web', 1), by('a'))
    const patch = { metadata: { managedFields: [{}] }, status: { replicas: 1 } }
    const told = await registry.patch({ ...web, subresource: 'status' }, MERGE, patch, by('c'))
    expect(ownersOf(told)).toMatchObject([{ manager: 'a' }, { manager: 'c', subresource: 'status' }])
  })
})

describe('entries', () => {
  const entries: ManagedFieldsEntry[] = [
    { manager: 'a "b"', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } },
    { manager: 'c', operation: 'Update', fieldsV1: {}, subresource: 'status' },
    { manager: 'd' },
  ]

  test('are written as JSON', () => {
    expect(JSON.parse(textOfOwners(entries))).toEqual(entries)
    expect(textOfOwners(entries)).toBe(JSON.stringify(entries))
  })

  test('that were read share equal sets', () => {
    const read = (): KubeObject => ({ metadata: { name: 'a', managedFields: structuredClone(entries) } }) as KubeObject
    const [one, two] = [read(), read()]
    shareOwners(one)
    shareOwners(two)
    expect(one).toEqual(read())
    expect(one.metadata.managedFields![0]!.fieldsV1).toBe(two.metadata.managedFields![0]!.fieldsV1)
  })
})
