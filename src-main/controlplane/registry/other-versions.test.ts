import type { ManagedFieldsEntry } from '#types/meta/v1'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { arrange } from './testing/arrange.ts'
import { aTool, define, tool } from './testing/crd.ts'

const text = { type: 'string' }
const schemaOf = (...names: string[]) => ({
  openAPIV3Schema: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, text])) },
})
const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'

interface Review {
  apiVersion: string
  request: { uid: string; desiredAPIVersion: string; objects: KubeObject[] }
}

/** `label` of v1 is `title` of v2; `note` is the same in both. */
function converted({ label, title, ...rest }: KubeObject, apiVersion: string): KubeObject {
  const value = label ?? title
  if (value === undefined) return { ...rest, apiVersion }
  return { ...rest, apiVersion, [apiVersion.endsWith('v1') ? 'label' : 'title']: value }
}

/** Tools in two versions; `apply` and `merge` write one in a version as somebody. */
async function arranged(isWebhook: boolean) {
  const all = await arrange({
    askWebhook(_, body) {
      const { apiVersion, request } = JSON.parse(body) as Review
      const convertedObjects = request.objects.map((object) => converted(object, request.desiredAPIVersion))
      const response = { uid: request.uid, result: { status: 'Success' }, convertedObjects }
      return Promise.resolve(JSON.stringify({ apiVersion, kind: 'ConversionReview', response }))
    },
  })
  const { registry, write } = all
  const clientConfig = { url: 'https://convert.example/crd' }
  await define(all, {
    versions: ['v1', 'v2', 'v3'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: isWebhook ? schemaOf(name === 'v1' ? 'label' : 'title', 'note') : schemaOf('label', 'title', 'note'),
    })),
    ...(isWebhook
      ? { conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } } }
      : {}),
  })
  const writeAs = (type: typeof APPLY | typeof MERGE) => async (by: string, version: string, fields: object) => {
    const body = type === APPLY ? aTool('a', { ...fields }, version) : fields
    const entry = await registry.patch(tool(registry, 'a', { version }), type, body, { ...write, fieldManager: by })
    return entry.as(tool(registry, 'a', { version }).served)
  }
  return { apply: writeAs(APPLY), merge: writeAs(MERGE) }
}

const owners = ({ metadata: { managedFields } }: KubeObject) =>
  Object.fromEntries(
    (managedFields ?? []).map(({ manager, apiVersion, fieldsV1 }: ManagedFieldsEntry) => [
      `${manager} ${apiVersion?.split('/')[1]}`,
      Object.keys(fieldsV1 as object).join(' '),
    ]),
  )

test('Who owns a field that a webhook calls otherwise in another version is asked before it is changed there', async () => {
  const { apply } = await arranged(true)
  await apply('ann', 'v1', { label: 'x' })
  await expect(apply('bob', 'v2', { title: 'y' })).rejects.toThrow(/conflict with "ann": .label/)
  const shared = await apply('bob', 'v2', { title: 'x', note: 'n' })
  expect(shared).toMatchObject({ title: 'x', note: 'n' })
  expect(owners(shared)).toEqual({ 'ann v1': 'f:label', 'bob v2': 'f:note f:title' })
})

test('What an applier gave in one version and gives no more in another goes, unless somebody owns it', async () => {
  const { apply } = await arranged(true)
  await apply('ann', 'v1', { label: 'x', note: 'n' })
  const kept = await apply('ann', 'v2', { title: 'x' })
  expect(kept['note']).toBeUndefined()
  expect(owners(kept)).toEqual({ 'ann v2': 'f:title' })
  await apply('bob', 'v2', { title: 'x' })
  const both = await apply('ann', 'v1', { note: 'm' })
  expect(both).toMatchObject({ label: 'x', note: 'm' })
  expect(owners(both)).toEqual({ 'ann v1': 'f:note', 'bob v2': 'f:title' })
  expect((await apply('bob', 'v1', {}))['label']).toBeUndefined()
})

test('A plain write in another version takes what it changes', async () => {
  const { apply, merge } = await arranged(true)
  await apply('ann', 'v1', { label: 'x', note: 'n' })
  const changed = await merge('bob', 'v2', { title: 'y' })
  expect(owners(changed)).toEqual({ 'ann v1': 'f:note', 'bob v2': 'f:title' })
})

test('Owners in versions that differ by their names alone stay, also in one that is not stored', async () => {
  const { apply, merge } = await arranged(false)
  await apply('ann', 'v2', { label: 'x' })
  await expect(apply('bob', 'v3', { label: 'y' })).rejects.toThrow(/conflict with "ann": .label/)
  expect(owners(await merge('bob', 'v3', { note: 'n' }))).toEqual({ 'ann v2': 'f:label', 'bob v3': 'f:note' })
})
