import { describe, expect, test } from 'vitest'
import { at, configMap, deployment } from './testing/arrange.ts'
import { arrangeManagers, managersOf } from './testing/field-managers.ts'

const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'
const maps = at('v1', 'ConfigMap', 'd', 'a')
const web = at('apps/v1', 'Deployment', 'd', 'web')

describe('a plain write', () => {
  test('of an object that nobody applied leaves it without owners', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.create(maps, configMap('a'), by('a'))
    expect(managersOf(await registry.patch(maps, MERGE, { data: { x: '1' } }, by('b')))).toBeUndefined()
  })

  test('of an applied object owns what it changes, by its subresource', async () => {
    const { registry, by, clock } = await arrangeManagers()
    await registry.patch(web, APPLY, deployment('web', 1), by('a'))
    await clock.advance(60_000)
    const scaled = await registry.patch(web, MERGE, { spec: { replicas: 2 } }, by('kubectl-scale'))
    expect(scaled.object.metadata.managedFields).toMatchObject([
      { manager: 'a', time: '2026-01-01T00:00:00Z' },
      {
        manager: 'kubectl-scale',
        operation: 'Update',
        time: '2026-01-01T00:01:00Z',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
    ])
    const body = { ...structuredClone(scaled.object), status: { replicas: 2 } }
    const counted = await registry.update({ ...web, subresource: 'status' }, body, by('controller'))
    expect(managersOf(counted)).toEqual(['a Apply', 'controller Update status', 'kubectl-scale Update'])
    await expect(registry.patch(web, APPLY, deployment('web', 1), by('a'))).rejects.toThrow(
      'conflict with "kubectl-scale" using apps/v1: .spec.replicas',
    )
  })

  test('without owners in its body or with none keeps them, with an empty one forgets them', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.patch(maps, APPLY, configMap('a', { x: '1' }), by('a'))
    expect(managersOf(await registry.update(maps, configMap('a', { x: '1', y: '1' }), by('b')))).toEqual([
      'a Apply',
      'b Update',
    ])
    const reset = await registry.patch(maps, MERGE, { metadata: { managedFields: [{}] } }, by('b'))
    expect(managersOf(reset)).toBeUndefined()
    const changed = await registry.patch(maps, MERGE, { data: { x: '2' } }, by('b'))
    expect(managersOf(changed)).toBeUndefined()
    await registry.patch(maps, APPLY, configMap('a', { x: '2' }), by('a'))
    const body = configMap('a', { x: '2' }, { managedFields: [] })
    expect(managersOf(await registry.update(maps, body, by('b')))).toEqual(['a Apply', 'before-first-apply Update'])
  })

  test('may hand fields from one owner to another', async () => {
    const { registry, by } = await arrangeManagers()
    const first = await registry.patch(maps, APPLY, configMap('a', { x: '1' }), by('a'))
    const managedFields = [{ ...first.object.metadata.managedFields![0]!, manager: 'z' }]
    expect(managersOf(await registry.patch(maps, MERGE, { metadata: { managedFields } }, by('b')))).toEqual(['z Apply'])
  })

  test('that removes the last owned field leaves no owners', async () => {
    const { registry, by } = await arrangeManagers()
    await registry.patch(
      maps,
      APPLY,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } },
      by('a'),
    )
    expect(managersOf(await registry.patch(maps, MERGE, { data: null }, by('b')))).toBeUndefined()
  })
})
