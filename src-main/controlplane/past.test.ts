import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestPlane } from './testing/test-plane.ts'

let plane: TestPlane
beforeAll(async () => {
  plane = await TestPlane.start('past')
})
afterAll(() => plane.stop())

interface Answer {
  code: number
  body: Record<string, never>
}

/** Asks as the administrator, or as a user. */
async function ask(method: string, path: string, body?: object, user?: string): Promise<Answer> {
  const { code, text } = await plane.ask(method, path, body, user ? { 'impersonate-user': user } : {})
  return { code, body: text ? (JSON.parse(text) as Record<string, never>) : {} }
}

interface Told {
  type: string
  resourceVersion: string
  time: number
  object: { apiVersion: string; kind: string; data?: Record<string, string>; metadata: { resourceVersion: string } }
}

const SECRETS = '/api/v1/namespaces/default/secrets'
const encoded = (text: string): string => Buffer.from(text).toString('base64')
async function changeSecret(name: string): Promise<void> {
  const first = { metadata: { name }, data: { key: encoded('one') } }
  await ask('POST', SECRETS, { apiVersion: 'v1', kind: 'Secret', ...first })
  await ask('PATCH', `${SECRETS}/${name}`, { data: { key: encoded('two') } })
}
const revisionsOf = async (path: string): Promise<Told[]> =>
  (await ask('GET', `/debug/history${path}`)).body['revisions'] as unknown as Told[]

describe('the past of an object', () => {
  it('is told newest first, sealed ones opened, also when the object is gone', async () => {
    await changeSecret('told')
    const before = Date.now()
    await ask('DELETE', `${SECRETS}/told`)
    const revisions = await revisionsOf(`${SECRETS}/told`)
    expect(revisions.map(({ type, object }) => [type, object.data])).toEqual([
      ['delete', { key: encoded('two') }],
      ['put', { key: encoded('two') }],
      ['put', { key: encoded('one') }],
    ])
    const [gone] = revisions
    expect(gone).toMatchObject({ object: { apiVersion: 'v1', kind: 'Secret' } })
    expect(gone!.object.metadata.resourceVersion).toBe(gone!.resourceVersion)
    expect(gone!.time).toBeGreaterThanOrEqual(before)
  })

  it('comes in pages, in the version asked for', async () => {
    const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
    const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }, maxReplicas: 3 }
    await ask('POST', path, { metadata: { name: 'h' }, spec })
    await ask('PATCH', `${path}/h`, { spec: { maxReplicas: 4 } })
    const old = path.replace('/v2/', '/v1/')
    const page = (await ask('GET', `/debug/history${old}/h?limit=1`)).body as unknown as {
      revisions: Told[]
      more: boolean
    }
    expect([page.revisions.length, page.more, page.revisions[0]!.object.apiVersion]).toEqual([
      1,
      true,
      'autoscaling/v1',
    ])
    const rest = await ask('GET', `/debug/history${old}/h?before=${page.revisions[0]!.resourceVersion}`)
    const { revisions, more } = rest.body as unknown as { revisions: Array<Told & { object: object }>; more: boolean }
    expect(more).toBe(false)
    expect(revisions.map(({ resourceVersion }) => resourceVersion)).not.toContain(page.revisions[0]!.resourceVersion)
    expect(revisions.at(-1)).toMatchObject({ type: 'put', object: { spec: { maxReplicas: 3 } } })
  })

  it('is for those who may get the object, and for nobody to write', async () => {
    await changeSecret('kept')
    const path = `/debug/history${SECRETS}/kept`
    expect(await ask('GET', path, undefined, 'jane')).toMatchObject({
      code: 403,
      body: {
        message:
          'secrets "kept" is forbidden: User "jane" cannot get resource "secrets" in API group "" in the namespace "default"',
      },
    })
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
    const rules = [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['kept'], verbs: ['get'] }]
    await ask('POST', `${rbac}/roles`, { metadata: { name: 'reader' }, rules })
    await ask('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
    })
    await expect.poll(() => ask('GET', path, undefined, 'jane')).toMatchObject({ code: 200 })
    expect(await ask('GET', `/debug/history${SECRETS}/told`, undefined, 'jane')).toMatchObject({ code: 403 })
    expect(await ask('DELETE', path)).toMatchObject({ code: 405 })
  })

  it('is told of a collection by what was deleted, to those who may list it', async () => {
    await changeSecret('brief')
    await ask('DELETE', `${SECRETS}/brief`)
    const path = `/debug/history${SECRETS}`
    const [last] = (await ask('GET', path)).body['deleted'] as unknown as object[]
    expect(last).toEqual({
      namespace: 'default',
      name: 'brief',
      resourceVersion: expect.stringMatching(/^\d+$/),
      time: expect.closeTo(Date.now(), -5),
    })
    expect(await ask('GET', path, undefined, 'jane')).toMatchObject({
      code: 403,
      body: { message: expect.stringContaining('cannot list resource "secrets"') },
    })
  })

  it('is not there for what was never written, or is no object', async () => {
    const answers = await Promise.all(
      ['/none', '/kept/status'].map((end) => ask('GET', `/debug/history${SECRETS}${end}`)),
    )
    expect(answers.map(({ code }) => code)).toEqual([404, 404])
    expect(await ask('GET', '/debug/history/apis/no.such/v1/things/x')).toMatchObject({ code: 404 })
    expect(await ask('GET', `/debug/history${SECRETS}/kept?limit=0`)).toMatchObject({ code: 400 })
  })
})

describe('the moments of the past', () => {
  it('lead to revisions at which lists are as they were', async () => {
    const at = Date.now()
    await expect.poll(() => Date.now()).toBeGreaterThan(at)
    await changeSecret('later')
    const { body, code } = await ask('GET', `/debug/history?at=${at}`)
    expect(code).toBe(200)
    const moment = body as Record<'begins' | 'now' | 'at', { resourceVersion: string; time: number }>
    expect(moment.at.time).toBeLessThanOrEqual(at)
    expect(Number(moment.now.resourceVersion)).toBeGreaterThan(Number(moment.at.resourceVersion))
    expect(moment.begins.time).toBeLessThan(at)
    const list = await ask('GET', `${SECRETS}?resourceVersion=${moment.at.resourceVersion}&resourceVersionMatch=Exact`)
    expect(JSON.stringify(list.body)).not.toContain('later')
    const same = await ask('GET', `/debug/history?at=${new Date(at).toISOString()}`)
    expect(same.body['at']).toEqual(moment.at)
  })

  it('are told how much was written since one', async () => {
    const since = Date.now()
    // What is written within this millisecond counts as written by then.
    await expect.poll(() => Date.now()).toBeGreaterThan(since)
    await changeSecret('counted')
    const { body } = await ask('GET', `/debug/history?parts=4&since=${since}`)
    const writes = body['writes'] as unknown as number[]
    expect(writes).toHaveLength(4)
    expect(writes.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(2)
    const refused = await Promise.all(['0', '9999'].map((n) => ask('GET', `/debug/history?parts=${n}&since=${since}`)))
    expect(refused.map(({ code }) => code)).toEqual([400, 400])
    expect(await ask('GET', '/debug/history?parts=4')).toMatchObject({ code: 400 })
  })

  it('are neither before the history that is kept nor in the future, and no other words', async () => {
    const answers = await Promise.all(
      ['1000', String(Date.now() + 60_000), 'yesterday'].map((at) => ask('GET', `/debug/history?at=${at}`)),
    )
    expect(answers.map(({ code }) => code)).toEqual([410, 400, 400])
    expect(answers[0]!.body['message']).toMatch(/^The cluster cannot be shown as it was at .* history is kept since/)
    expect(answers[1]!.body['message']).toMatch(/^\S+Z is in the future: by the cluster's clock it is \S+Z\.$/)
    expect(await ask('GET', '/debug/history', undefined, 'jane')).toMatchObject({ code: 403 })
    expect(await ask('GET', '/debug/history/other')).toMatchObject({ code: 404 })
  })
})
