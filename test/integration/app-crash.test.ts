/**
 * The whole app as the victim: `drydock up` is killed (SIGKILL, its whole process group) at random moments while 16 clients
 * create objects over HTTPS, half of the rounds with a store that compacts all the time. Nothing acknowledged may be lost.
 */
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ConfigMap, Secret } from '#types/core/v1'
import type { ResourceRef } from '../../src-kube/kinds/descriptor.ts'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeList, KubeObject } from '../../src-kube/machinery/meta.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { refusedApp, startApp, type App } from '../helpers/app.ts'
import { ownFolder, removeLeftovers } from '../helpers/leftovers.ts'

type Stored = ConfigMap | Secret

const ROUNDS = 10
const OBJECTS = 1000
const CLIENTS = 16
const NAMESPACE = 'default'
const configMaps: ResourceRef = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
}
const secrets: ResourceRef = { ...configMaps, resource: 'secrets', kind: 'Secret' }

const root = ownFolder('app-crash')
const data = join(root, 'cluster')
let app: App | undefined
afterEach(async () => {
  await app?.kill()
  app = undefined
})
beforeAll(() => removeLeftovers('app-crash'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** What an object holds, from its name alone: so that torn ones are found out, also those that nobody acknowledged. */
const content = (name: string): string => `${name}:`.repeat(120)
/** Every fourth is a secret, which the store seals. */
const resourceOf = (index: number): ResourceRef => (index % 4 === 3 ? secrets : configMaps)

function objectOf(name: string, resource: ResourceRef): KubeObject {
  const text = content(name)
  const payload = resource === secrets ? Buffer.from(text).toString('base64') : text
  const metadata = { name, namespace: NAMESPACE, labels: { crash: 'test' } }
  return { apiVersion: 'v1', kind: resource.kind, metadata, data: { text: payload } } as unknown as KubeObject
}

async function list(api: HttpTransport, resource: ResourceRef): Promise<{ items: Stored[]; revision: number }> {
  const call = { verb: 'list', resource, namespace: NAMESPACE, query: { labelSelector: 'crash=test' } } as const
  const found = (await api.request(call)) as unknown as KubeList<Stored>
  return { items: found.items, revision: Number(found.metadata.resourceVersion) }
}

/** Creates with 16 clients until the app is gone or all are there; `acknowledged` hears of each as soon as it is answered. */
async function createAll(
  api: HttpTransport,
  round: number,
  acknowledged: (object: Stored) => void,
): Promise<PromiseSettledResult<void>[]> {
  let next = 0
  const client = async (): Promise<void> => {
    while (next < OBJECTS) {
      const index = next++
      const resource = resourceOf(index)
      const body = objectOf(`round-${round}-${index}`, resource)
      acknowledged((await api.request({ verb: 'create', resource, namespace: NAMESPACE, body })) as Stored)
    }
  }
  return Promise.allSettled(Array.from({ length: CLIENTS }, client))
}

/** Resolves when the server no longer knows what was there at an object's revision. */
async function compactedBeyond(api: HttpTransport, { metadata }: Stored): Promise<void> {
  const query = { resourceVersion: metadata.resourceVersion!, resourceVersionMatch: 'Exact', limit: '1' }
  for (;;) {
    try {
      await api.request({ verb: 'list', resource: configMaps, namespace: NAMESPACE, query })
    } catch (error) {
      if (error instanceof StatusError && error.code === 410) return
      throw error
    }
  }
}

/**
 * Kills the app when a random number of objects is acknowledged; answers with those. While it compacts, not before compaction has met the first of
 * them: creation goes on until then.
 */
async function createUntilKilled(victim: App, round: number, compacting: boolean): Promise<Stored[]> {
  const after = 20 + Math.floor(Math.random() * (OBJECTS - 120))
  const acknowledged: Stored[] = []
  const killed = Promise.withResolvers<void>()
  const kill = async (): Promise<void> => {
    if (compacting) await compactedBeyond(victim.api, acknowledged[0]!)
    await victim.kill()
  }
  const creating = createAll(victim.api, round, (object) => {
    acknowledged.push(object)
    if (acknowledged.length === after) killed.resolve(kill())
  })
  const results = await creating
  if (acknowledged.length < after)
    throw new Error(`only ${acknowledged.length} were created: ${JSON.stringify(results[0])}`)
  await killed.promise
  return acknowledged
}

/** Compaction every few milliseconds of all that is past, or the defaults. */
function setHistory(compacting: boolean): void {
  const file = join(data, 'cluster.json')
  const { history: _, ...settings } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  const wanted = compacting ? { ...settings, history: { keepFor: 0, every: 5 } } : settings
  writeFileSync(file, JSON.stringify(wanted))
}

/** What the file says after the kill, read from a copy so that the app itself has to recover the original. */
function lookAtFile(): { check: string; compacted: number } {
  const copy = join(root, 'copy.db')
  for (const suffix of ['', '-wal']) {
    rmSync(copy + suffix, { force: true })
    const file = join(data, 'store/store.db') + suffix
    if (existsSync(file)) copyFileSync(file, copy + suffix)
  }
  rmSync(`${copy}-shm`, { force: true })
  const database = new DatabaseSync(copy)
  try {
    const { check } = database.prepare('SELECT integrity_check AS "check" FROM pragma_integrity_check').get() as {
      check: string
    }
    const { compacted } = database.prepare(`SELECT value AS compacted FROM meta WHERE name = 'compacted'`).get() as {
      compacted: number
    }
    return { check, compacted }
  } finally {
    database.close()
  }
}

/** Watches config maps from a revision: the acknowledged ones after it, in order and once each, or `410` when that history is gone. */
async function resume(api: HttpTransport, from: number, expected: readonly Stored[]): Promise<'resumed' | '410'> {
  const waiting = expected.map((object) => object.metadata.resourceVersion!)
  const signal = AbortSignal.timeout(20_000)
  const query = { resourceVersion: String(from), labelSelector: 'crash=test' }
  let last = from
  try {
    for await (const { type, object } of api.watch({ resource: configMaps, namespace: NAMESPACE, query, signal })) {
      expect(type).toBe('ADDED')
      const revision = Number(object.metadata.resourceVersion)
      expect(revision).toBeGreaterThan(last)
      last = revision
      if (object.metadata.resourceVersion === waiting[0]) waiting.shift()
      if (waiting.length === 0) return 'resumed'
    }
  } catch (error) {
    if (error instanceof StatusError && error.code === 410) return '410'
    throw error
  }
  throw new Error(`the watch from ${from} did not show ${waiting.length} of ${expected.length} objects`)
}

const byRevision = (a: Stored, b: Stored): number =>
  Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion)
/** The items of a list need not repeat their type. */
const withoutType = (object: Stored | undefined): object => ({ ...object, kind: undefined, apiVersion: undefined })

/** Every acknowledged object is there as it was answered; every object that is there is whole; no revision is there twice. */
async function verify(api: HttpTransport, acknowledged: ReadonlyMap<string, Stored>): Promise<number> {
  const [maps, sealed] = [await list(api, configMaps), await list(api, secrets)]
  const found = new Map([...maps.items, ...sealed.items].map((object) => [object.metadata.name, object]))
  for (const [name, object] of acknowledged) expect(withoutType(found.get(name))).toEqual(withoutType(object))
  for (const [name, object] of found) {
    const { text } = object.data as { text: string }
    expect('type' in object ? Buffer.from(text, 'base64').toString() : text).toBe(content(name))
  }
  const revisions = [...found.values()].map((object) => object.metadata.resourceVersion)
  expect(new Set(revisions).size).toBe(revisions.length)
  return Math.max(maps.revision, sealed.revision)
}

describe('kill -9 of the whole app while 1,000 objects are created', () => {
  it('loses nothing acknowledged in ten rounds on one data directory, also while it compacts', async () => {
    const all = new Map<string, Stored>()
    const outcomes: string[] = []
    let previous: Stored[] = []
    let highest = 0
    for (let round = 0; round < ROUNDS; round++) {
      const compacting = round >= ROUNDS / 2
      if (round > 0) setHistory(compacting)
      const started = performance.now()
      app = await startApp(data)
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      expect(readFileSync(join(data, 'store/lock'), 'utf8')).toBe(`${app.pid}\n`)
      const revision = await verify(app.api, all)
      expect(revision).toBeGreaterThanOrEqual(highest)
      const past = previous.filter((object) => !('type' in object)).sort(byRevision)
      const middle = past[past.length >> 1]
      const outcome =
        middle && (await resume(app.api, Number(middle.metadata.resourceVersion), past.slice((past.length >> 1) + 1)))
      if (outcome) outcomes.push(outcome)

      previous = await createUntilKilled(app, round, compacting)
      app = undefined
      const revisions = previous.map((object) => Number(object.metadata.resourceVersion))
      expect(Math.min(...revisions)).toBeGreaterThan(revision)
      expect(new Set(revisions).size).toBe(revisions.length)
      highest = Math.max(revision, ...revisions)
      for (const object of previous) all.set(object.metadata.name!, object)
      const file = lookAtFile()
      expect(file.check).toBe('ok')
      // Compaction had got beyond objects of this very round when the process died.
      if (compacting) expect(file.compacted).toBeGreaterThan(Math.min(...revisions))
      console.info(
        `round ${round + 1}: up in ${seconds} s, killed after ${previous.length} acknowledged creates, newest revision ${highest}, compacted ${file.compacted}, watch ${outcome ?? 'none yet'}`,
      )
    }
    app = await startApp(data)
    await verify(app.api, all)
    expect(all.size).toBeGreaterThan(ROUNDS * 20)
    expect(outcomes.slice(0, ROUNDS / 2 - 1)).toEqual(Array.from({ length: ROUNDS / 2 - 1 }, () => 'resumed'))
    expect(outcomes).toContain('410')
    expect(await app.stop()).toBe(0)
    app = undefined
  }, 300_000)
})

describe('the lock of a data directory', () => {
  it('keeps a second app out while the first lives, whatever the records say, and not after its kill -9', async () => {
    app = await startApp(data)
    expect(await refusedApp(data)).toMatchObject({ code: 1, words: expect.stringContaining('running already') })
    rmSync(join(data, 'host.json'))
    expect(await refusedApp(data)).toMatchObject({
      code: 1,
      words: expect.stringContaining(`data is in use: ${join(data, 'store')} is in use by process ${app.pid}`),
    })
    await app.kill()
    app = await startApp(data)
    expect(await app.stop()).toBe(0)
    app = undefined
    expect(existsSync(join(data, 'store/lock'))).toBe(false)
  })
})
