import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { at, configMap, deployment } from './testing/arrange.ts'
import { arrangeManagers, managersOf } from './testing/field-managers.ts'

const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'
const maps = at('v1', 'ConfigMap', 'd', 'a')
const web = at('apps/v1', 'Deployment', 'd', 'web')

describe('an apply', () => {
  test('of what is not there creates it, says so, and owns what it gave and not what was defaulted', async () => {
    const { registry, by } = await arrangeManagers()
    let created = 0
    const write = by('a', { created: () => created++ })
    const entry = await registry.patch(web, APPLY, deployment('web'), write)
    expect(created).toBe(1)
    expect(entry.object).toMatchObject({ spec: { revisionHistoryLimit: 10 }, metadata: { generation: 1 } })
    expect(entry.object.metadata.managedFields).toMatchObject([
      { manager: 'a', operation: 'Apply', apiVersion: 'apps/v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1' },
    ])
    expect(entry.object.metadata.managedFields![0]!.fieldsV1).toEqual({
      'f:spec': {
        'f:replicas': {},
        'f:selector': {},
        'f:template': {
          'f:metadata': { 'f:labels': { 'f:app': {} } },
          'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
        },
      },
    })
    await registry.patch(web, APPLY, deployment('web'), write)
    expect(created).toBe(1)
  })

  test('once more changes nothing, later either', async () => {
    const { registry, by, clock, store } = await arrangeManagers()
    const first = await registry.patch(web, APPLY, deployment('web'), by('a'))
    await clock.advance(60_000)
    expect(await registry.patch(web, APPLY, deployment('web'), by('a'))).toBe(first)
    expect(store.revision).toBe(1)
  })

  test('takes back what it gives no more', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.patch(maps, APPLY, configMap('a', { x: '1', y: '2' }, { labels: { l: '1' } }), by('a'))
    const { object } = await registry.patch(maps, APPLY, configMap('a', { x: '1' }), by('a'))
    expect(object['data']).toEqual({ x: '1' })
    expect(object.metadata.labels).toBeUndefined()
    expect(object.metadata.uid).toBeTruthy()
  })

  test('that gives what is empty owns it, and has to win it', async () => {
    const { registry, by } = await arrangeManagers()
    const paused = { ...deployment('web'), spec: { ...deployment('web').spec, paused: true, minReadySeconds: 5 } }
    await registry.create(web, paused, by('a'))
    const config = deployment('web')
    const unset = { ...config, spec: { ...config.spec, paused: false, minReadySeconds: 0 } }
    await expect(registry.patch(web, APPLY, unset, by('b'))).rejects.toMatchObject({
      details: { causes: [{ field: '.spec.minReadySeconds' }, { field: '.spec.paused' }] },
    })
    const { object } = await registry.patch(web, APPLY, unset, by('b', { force: true }))
    expect(object['spec']).not.toHaveProperty('paused')
    const b = object.metadata.managedFields!.find(({ manager }) => manager === 'b')!.fieldsV1
    expect(b).toMatchObject({ 'f:spec': { 'f:minReadySeconds': {}, 'f:paused': {} } })
    const again = await registry.patch(web, APPLY, unset, by('b'))
    expect(again.object.metadata.resourceVersion).toBe(object.metadata.resourceVersion)
  })

  test('of an empty list that is one value takes it from its owner', async () => {
    const { registry, by } = await arrangeManagers()
    const role = at('rbac.authorization.k8s.io/v1', 'RoleBinding', 'd', 'r')
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
    const subject = { kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }
    const binding = (subjects: object[]) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'r' },
      roleRef,
      subjects,
    })
    await registry.create(role, binding([subject]), by('a'))
    await expect(registry.patch(role, APPLY, binding([]), by('b'))).rejects.toThrow('conflict with "a"')
    const { object } = await registry.patch(role, APPLY, binding([]), by('b', { force: true }))
    expect(object['subjects']).toBeUndefined()
  })

  test('takes back an item in which another has only set a field, but not one that another gives too', async () => {
    const { registry, by } = await arrangeManagers()
    const config = (...names: string[]) => {
      const body = deployment('web')
      const template = { ...body.spec.template, spec: { containers: names.map((name) => ({ name, image: 'i' })) } }
      return { ...body, spec: { ...body.spec, template } }
    }
    await registry.patch(web, APPLY, config('c', 'd', 'e'), by('a'))
    await registry.patch(web, APPLY, config('c', 'e'), by('b'))
    const image = { op: 'replace', path: '/spec/template/spec/containers/1/image', value: 'j' }
    await registry.patch(web, 'application/json-patch+json', [image], by('u'))
    const { object } = await registry.patch(web, APPLY, config('c'), by('a'))
    expect(object['spec']).toMatchObject({ template: { spec: { containers: [{ name: 'c' }, { name: 'e' }] } } })
    expect(object.metadata.managedFields!.map(({ manager }) => manager)).toEqual(['a', 'b'])
  })

  test('in an older version is refused what others own by another name in the newer, and the other way round', async () => {
    const { registry, by } = await arrangeManagers()
    const scaler = (version: string) => at(`autoscaling/${version}`, 'HorizontalPodAutoscaler', 'd', 'h')
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'w' }
    const body = (version: string, spec: object) => ({
      apiVersion: `autoscaling/${version}`,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { scaleTargetRef, maxReplicas: 3, ...spec },
    })
    const old = (targetCPUUtilizationPercentage: number) => body('v1', { targetCPUUtilizationPercentage })
    const target = (averageUtilization: number) => ({ type: 'Utilization', averageUtilization })
    const metrics = (average: number) => [{ type: 'Resource', resource: { name: 'cpu', target: target(average) } }]
    await registry.create(scaler('v1'), old(50), by('a'))
    await expect(registry.patch(scaler('v1'), APPLY, old(60), by('b'))).rejects.toThrow(
      'conflict with "a" using autoscaling/v1: .spec.targetCPUUtilizationPercentage',
    )
    const taken = await registry.patch(scaler('v1'), APPLY, old(60), by('b', { force: true }))
    expect(taken.object.metadata.managedFields).toMatchObject([
      { manager: 'b', apiVersion: 'autoscaling/v1' },
      { manager: 'a', apiVersion: 'autoscaling/v1', fieldsV1: { 'f:spec': { 'f:scaleTargetRef': {} } } },
    ])
    expect(JSON.stringify(taken.object.metadata.managedFields![1])).not.toContain('targetCPU')
    await expect(registry.patch(scaler('v2'), APPLY, body('v2', { metrics: metrics(70) }), by('c'))).rejects.toThrow(
      'conflict with "b": .spec.targetCPUUtilizationPercentage',
    )
    const changed = await registry.patch(scaler('v2'), MERGE, { spec: { metrics: metrics(80) } }, by('d'))
    expect(managersOf(changed)).toEqual(['b Apply', 'a Update', 'd Update'])
    expect(JSON.stringify(changed.object.metadata.managedFields)).not.toContain('targetCPU')
  })

  test('is refused what others own, unless forced', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.patch(web, APPLY, deployment('web', 1), by('a'))
    await expect(registry.patch(web, APPLY, deployment('web', 2), by('b'))).rejects.toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
    })
    const forced = await registry.patch(web, APPLY, deployment('web', 2), by('b', { force: true }))
    expect(forced.object).toMatchObject({ spec: { replicas: 2 }, metadata: { generation: 2 } })
  })

  test('of an object whose owners were forgotten finds all of it owned from before', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.create(web, deployment('web', 1), by('kubectl-create'))
    await registry.patch(web, MERGE, { metadata: { managedFields: [{}] } }, by('kubectl-edit'))
    await expect(registry.patch(web, APPLY, deployment('web', 2), by('a'))).rejects.toThrow(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas',
    )
    const shared = await registry.patch(web, APPLY, deployment('web', 1), by('a'))
    expect(managersOf(shared)).toEqual(['a Apply', 'before-first-apply Update'])
  })

  test('by kubectl takes over what kubectl applied from its side', async () => {
    const { registry, by } = await arrangeManagers()
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(configMap('a', { x: '1' })),
    }
    await registry.create(maps, configMap('a', { x: '1', y: '1' }, { annotations }), by('kubectl-client-side-apply'))
    const taken = await registry.patch(maps, APPLY, configMap('a', { x: '2' }), by('kubectl'))
    expect(taken.object['data']).toEqual({ x: '2', y: '1' })
    await expect(registry.patch(maps, APPLY, configMap('a', { x: '2', y: '2' }), by('kubectl'))).rejects.toThrow(
      'conflict with "kubectl-client-side-apply" using v1: .data.y',
    )
    await expect(registry.patch(maps, APPLY, configMap('a', { x: '3' }), by('other'))).rejects.toThrow(
      'conflict with "kubectl": .data.x',
    )
  })

  test('by kubectl takes nothing over that another set to another value since', async () => {
    const { registry, by } = await arrangeManagers()
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(configMap('a', { x: '1', y: '1' })),
    }
    const given = configMap('a', { x: '1', y: '1' })
    await registry.create(maps, configMap('a', { x: '1', y: '1' }, { annotations }), by('kubectl-client-side-apply'))
    await registry.patch(maps, APPLY, configMap('a', { x: '9' }), by('other', { force: true }))
    await expect(
      registry.patch(maps, APPLY, configMap('a', { x: '1', y: '2' }), by('kubectl', { force: false })),
    ).rejects.toThrow('Apply failed with 1 conflict: conflict with "other": .data.x')
    const forced = await registry.patch(maps, APPLY, given, by('kubectl', { force: true }))
    expect(forced.object['data']).toEqual({ x: '1', y: '1' })
  })

  test('by kubectl leaves what an apply of its own side would go on from, where one was before', async () => {
    const { registry, by } = await arrangeManagers()
    const key = 'kubectl.kubernetes.io/last-applied-configuration'
    const lastOf = ({ object }: { object: KubeObject }) => object.metadata.annotations?.[key]
    const annotations = { [key]: JSON.stringify(configMap('a', { x: '1' })) }
    await registry.create(maps, configMap('a', { x: '1' }, { annotations }), by('kubectl-client-side-apply'))
    const config = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { x: '1', b: '2' } }
    expect(lastOf(await registry.patch(maps, APPLY, config, by('other')))).toBe(annotations[key])
    expect(lastOf(await registry.patch(maps, APPLY, config, by('kubectl')))).toBe(
      '{"apiVersion":"v1","data":{"b":"2","x":"1"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
    )
    const long = { ...config, data: { x: 'x'.repeat(263_000) } }
    expect(lastOf(await registry.patch(maps, APPLY, long, by('kubectl', { force: true })))).toBeUndefined()
    expect(lastOf(await registry.patch(maps, APPLY, config, by('kubectl', { force: true })))).toBeUndefined()
  })

  test('with a broken annotation is an apply like others', async () => {
    const { registry, by } = await arrangeManagers()
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{' }
    await registry.create(maps, configMap('a', { x: '1' }, { annotations }), by('c'))
    await expect(registry.patch(maps, APPLY, configMap('a', { x: '2' }), by('kubectl'))).rejects.toMatchObject({
      code: 409,
    })
  })

  test('that is a dry run shows the result and keeps nothing', async () => {
    const { registry, by, store } = await arrangeManagers()
    const shown = await registry.patch(maps, APPLY, configMap('a', { x: '1' }), by('a', { dryRun: true }))
    expect(managersOf(shown)).toEqual(['a Apply'])
    expect(store.revision).toBe(0)
  })

  test.each([
    [
      { ...configMap('a'), dta: {} },
      500,
      'failed to create typed patch object (d/a; v1, Kind=ConfigMap): .dta: field not declared in schema',
    ],
    [
      { ...configMap('a'), b: 1, c: 1 },
      500,
      'failed to create typed patch object (d/a; v1, Kind=ConfigMap): errors:\n  .b: field not declared in schema\n  .c: field not declared in schema',
    ],
    [{ ...configMap('a'), data: 5 }, 500, expect.stringContaining('Kind=ConfigMap): .data: expected map, got &{5}')],
    [
      { ...configMap('a'), apiVersion: 'v2' },
      400,
      'Incorrect version specified in apply patch. Specified patch version: v2, expected: v1',
    ],
    [undefined, 400, 'Incorrect version specified in apply patch. Specified patch version: , expected: v1'],
    [
      [],
      400,
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    [true, 400, expect.stringContaining('json: cannot unmarshal bool into Go value')],
    [
      { ...configMap('a'), kind: undefined },
      500,
      'failed to create typed patch object (d/a; v1, Kind=): no corresponding type for /v1, Kind=',
    ],
    [{ ...configMap('a'), kind: 'Pod' }, 400, 'Pod cannot be handled as a ConfigMap'],
    [configMap('a', {}, { managedFields: [{ manager: 'x' }] }), 400, 'metadata.managedFields must be nil'],
    [configMap('a', {}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
    [configMap('b'), 400, 'the name of the object (b) does not match the name on the URL (a)'],
  ])('refuses what it cannot own: %#', async (body, code, message) => {
    const { registry, by } = await arrangeManagers()
    await expect(registry.patch(maps, APPLY, body, by('a'))).rejects.toMatchObject({ code, message })
  })

  test('of a list with one key twice is refused', async () => {
    const { registry, by } = await arrangeManagers()
    const body = deployment('web')
    body.spec.template.spec.containers.push({ name: 'c', image: 'other' })
    await expect(registry.patch(web, APPLY, body, by('a'))).rejects.toThrow(
      'failed to create typed patch object (d/web; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="c"]',
    )
  })

  test('by two at once makes one object that both own', async () => {
    const { registry, by } = await arrangeManagers()
    const body = (data: Record<string, string>) => configMap('a', data)
    await Promise.all([
      registry.patch(maps, APPLY, body({ x: '1' }), by('a')),
      registry.patch(maps, APPLY, body({ y: '2' }), by('b')),
    ])
    const entry = await registry.read(maps)
    expect(entry.object['data']).toEqual({ x: '1', y: '2' })
    expect(managersOf(entry)).toEqual(['a Apply', 'b Apply'])
  })

  test('to an object by its uid makes no other in its place', async () => {
    const { registry, by } = await arrangeManagers()
    await expect(registry.patch(maps, APPLY, configMap('a', {}, { uid: 'u' }), by('a'))).rejects.toMatchObject({
      code: 409,
      message:
        'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid u, and no existing object was found',
    })
  })

  test('creates what is not there at whichever revision it was read', async () => {
    const { registry, by } = await arrangeManagers()
    const { object } = await registry.patch(maps, APPLY, configMap('a', {}, { resourceVersion: '9' }), by('a'))
    expect(object.metadata.resourceVersion).toBe('1')
  })

  test('that gives nothing owns nothing', async () => {
    const { registry, by } = await arrangeManagers()
    const bare = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    expect((await registry.patch(maps, APPLY, bare, by('a'))).object.metadata).not.toHaveProperty('managedFields')
  })

  test('on a revision that is no more is a conflict', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.patch(maps, APPLY, configMap('a', { x: '1' }), by('a'))
    await registry.patch(maps, APPLY, configMap('a', { x: '2' }), by('a'))
    const late = configMap('a', { x: '3' }, { resourceVersion: '1' })
    await expect(registry.patch(maps, APPLY, late, by('a'))).rejects.toThrow('the object has been modified')
  })
})

describe('an apply to a subresource', () => {
  const status = { ...web, subresource: 'status' }

  test('status brings with it of the metadata what a status of the kind brings', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.patch(web, APPLY, deployment('web', 3), by('a'))
    const metadata = { name: 'web', annotations: { a: '1' }, labels: { b: '1' } }
    const config = { ...deployment('web', 3), metadata, status: { replicas: 2 } }
    const { object } = await registry.patch(status, APPLY, config, by('s'))
    expect(object.metadata.annotations).toEqual({ a: '1' })
    expect(object.metadata.labels).toBeUndefined()
    expect(object.metadata.managedFields).toContainEqual(
      expect.objectContaining({
        manager: 's',
        fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:a': {} } }, 'f:status': { 'f:replicas': {} } },
      }),
    )
  })

  test('status owns the status alone, and an apply to the object does not', async () => {
    const { registry, by } = await arrangeManagers()
    const config = { ...deployment('web', 3), status: { replicas: 2 } }
    const made = await registry.patch(web, APPLY, config, by('a'))
    expect(made.object['status']).not.toMatchObject({ replicas: 2 })
    const entry = await registry.patch(status, APPLY, { ...config, spec: { replicas: 9 } }, by('a'))
    expect(entry.object).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 2 } })
    expect(managersOf(entry)).toEqual(['a Apply', 'a Apply status'])
    expect(entry.object.metadata.managedFields!.find((one) => one.subresource)!.fieldsV1).toEqual({
      'f:status': { 'f:replicas': {} },
    })
  })

  test('scale owns the replicas of what it scales', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.patch(web, APPLY, deployment('web', 1), by('a'))
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 4 } }
    const target = { ...web, subresource: 'scale' }
    await expect(registry.patch(target, APPLY, scale, by('s'))).rejects.toThrow('conflict with "a": .spec.replicas')
    const scaled = await registry.patch(target, APPLY, scale, by('s', { force: true }))
    expect(scaled.object).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } })
    expect(managersOf(await registry.read(web))).toEqual(['a Apply', 's Apply scale'])
    // A body of nothing, as an empty file is.
    await expect(registry.patch(target, APPLY, undefined, by('s'))).rejects.toMatchObject({ code: 400 })
  })

  test('of what is not there is 404', async () => {
    const { registry, by } = await arrangeManagers()
    await expect(registry.patch(status, APPLY, deployment('web'), by('a'))).rejects.toMatchObject({ code: 404 })
  })
})
