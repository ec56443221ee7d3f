/**
 * A snapshot of a whole cluster: taken by the command line while 16 clients write, the cluster then killed; restored elsewhere, and over what the
 * cluster had become.
 */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TokenRequest, TokenReview } from '#types/authentication.k8s.io/v1'
import type { ConfigMap, Secret } from '#types/core/v1'
import type { ResourceRef } from '../../src-kube/kinds/descriptor.ts'
import type { KubeList, KubeObject } from '../../src-kube/machinery/meta.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { startApp, type App } from '../helpers/app.ts'
import { ownFolder, removeLeftovers } from '../helpers/leftovers.ts'

type Stored = ConfigMap | Secret
const CLIENTS = 16
const NAMESPACE = 'default'
const core = { group: '', version: 'v1', namespaced: true }
const configMaps: ResourceRef = { ...core, resource: 'configmaps', kind: 'ConfigMap' }
const secrets: ResourceRef = { ...core, resource: 'secrets', kind: 'Secret' }
const serviceAccounts: ResourceRef = { ...core, resource: 'serviceaccounts', kind: 'ServiceAccount' }
const authentication = { group: 'authentication.k8s.io', version: 'v1', namespaced: false }
const tokenReviews: ResourceRef = { ...authentication, resource: 'tokenreviews', kind: 'TokenReview' }

const root = ownFolder('integration-snapshot')
const [data, other, file] = ['cluster', 'other', 'one.snapshot'].map((name) => join(root, name)) as [
  string,
  string,
  string,
]
let app: App | undefined
afterEach(async () => {
  await app?.kill()
  app = undefined
})
beforeAll(() => removeLeftovers('integration-snapshot'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** `drydock snapshot …`, from the sources as a process of its own. */
async function snapshot(...words: string[]): Promise<{ revision: number; objects: Record<string, number> }> {
  const entry = join(import.meta.dirname, '../../src-main/cli/main.ts')
  const args = ['--disable-warning=ExperimentalWarning', entry, 'snapshot', ...words, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as { revision: number; objects: Record<string, number> }
}

/** Every fourth is a secret, which the store seals. */
function create(api: HttpTransport, index: number): Promise<Stored> {
  const resource = index % 4 === 3 ? secrets : configMaps
  const text = `${index}:`.repeat(100)
  const payload = resource === secrets ? Buffer.from(text).toString('base64') : text
  const metadata = { name: `written-${index}`, namespace: NAMESPACE, labels: { snapshot: 'test' } }
  const body = { apiVersion: 'v1', kind: resource.kind, metadata, data: { text: payload } }
  return api.request({ verb: 'create', resource, namespace: NAMESPACE, body }) as Promise<Stored>
}

async function list(api: HttpTransport): Promise<{ items: Stored[]; revision: number }> {
  const query = { labelSelector: 'snapshot=test' }
  const lists = await Promise.all(
    [configMaps, secrets].map((resource) => api.request({ verb: 'list', resource, namespace: NAMESPACE, query })),
  )
  const found = lists as unknown as Array<KubeList<Stored>>
  return {
    items: found.flatMap((one) => one.items),
    revision: Math.min(...found.map((one) => Number(one.metadata.resourceVersion))),
  }
}

const facts = ({ metadata, data: held }: Stored) =>
  [metadata.name, metadata.uid, metadata.resourceVersion, held?.['text']].join(' ')
const revisionOf = (object: Stored): number => Number(object.metadata.resourceVersion)

const acknowledged: Stored[] = []
let before: Stored[]
let revision: number
let token: string

beforeAll(async () => {
  const victim = await startApp(data)
  const request = {
    verb: 'create',
    resource: serviceAccounts,
    namespace: NAMESPACE,
    name: 'default',
    subresource: 'token',
  } as const
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  token = ((await victim.api.request({ ...request, body })) as TokenRequest).status!.token!
  let next = 0
  let ending = false
  const enough = Promise.withResolvers<void>()
  const client = async (): Promise<void> => {
    while (!ending) {
      acknowledged.push(await create(victim.api, next++))
      if (acknowledged.length === 200) enough.resolve()
    }
  }
  const writing = Promise.all(Array.from({ length: CLIENTS }, client))
  await Promise.race([enough.promise, writing])
  before = [...acknowledged]
  ;({ revision } = await snapshot('save', file, '--data', data))
  const since = acknowledged.length
  while (acknowledged.length < since + CLIENTS) await new Promise((resolve) => setImmediate(resolve))
  ending = true
  await writing
  await victim.kill()
})

/** Starts the cluster in a folder and expects it to be what the snapshot says. */
async function expectRestored(directory: string): Promise<HttpTransport> {
  app = await startApp(directory)
  const { items, revision: now } = await list(app.api)
  const found = new Set(items.map(facts))
  expect(before.filter((object) => !found.has(facts(object)))).toEqual([])
  const expected = acknowledged.filter((object) => revisionOf(object) <= revision)
  expect(items.map(facts).sort()).toEqual(expected.map(facts).sort())
  expect(now).toBeGreaterThanOrEqual(revision + 1_000_000_000)
  return app.api
}

describe('a snapshot taken while 16 clients write', () => {
  it('was taken in the midst of them', () => {
    expect(before.length).toBeGreaterThanOrEqual(200)
    expect(revision).toBeGreaterThanOrEqual(Math.max(...before.map(revisionOf)))
    expect(Math.max(...acknowledged.map(revisionOf))).toBeGreaterThan(revision)
  })

  it('is restored elsewhere with every object acknowledged before, as of one revision, and with its keys', async () => {
    await snapshot('restore', file, '--data', other)
    const api = await expectRestored(other)
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
    const review = (await api.request({ verb: 'create', resource: tokenReviews, body })) as TokenReview
    expect(review.status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:default' },
    })
    expect(revisionOf(await create(api, 1_000_000))).toBeGreaterThan(1_000_000_000)
  })

  it('takes the place of what its cluster became, and clients that saw more list anew', async () => {
    await snapshot('restore', file, '--data', data, '--force')
    const api = await expectRestored(data)
    const signal = AbortSignal.timeout(60_000)
    for (const from of [before.at(-1)!, acknowledged.at(-1)!]) {
      const query = { resourceVersion: from.metadata.resourceVersion! }
      const watching = (async (): Promise<KubeObject | undefined> => {
        for await (const { object } of api.watch({ resource: configMaps, namespace: NAMESPACE, query, signal }))
          return object
        return undefined
      })()
      await expect(watching).rejects.toMatchObject({ code: 410 })
    }
  })
})
