import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { openStore } from './index.ts'
import { continueFrom, copyState, settledRevision } from './state-copy.ts'
import { CompactedError, StoreBrokenError } from './store.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-copy-'))
let count = 0
const fresh = (): string => mkdtempSync(join(root, `${count++}-`))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A folder with a store of three objects, at revision 3. */
async function filled(): Promise<string> {
  const directory = fresh()
  const store = await openStore({ directory })
  for (const key of ['/registry/core/pods/a/x', '/registry/apps/deployments/a/x', '/registry/core/pods/b/y'])
    await store.create(key, bytes(key))
  await store.close()
  return directory
}

describe('copyState', () => {
  it('counts the objects by what their keys begin with', async () => {
    const file = join(await filled(), 'store.db')
    expect(copyState(file, join(fresh(), 'copy'))).toEqual({
      revision: 3,
      objects: { '/registry/apps/deployments/': 1, '/registry/core/pods/': 2 },
    })
  })

  it('has all that was acknowledged before it began, while others write', async () => {
    const store = await openStore({ directory: fresh() })
    const directory = fresh()
    let stopped = false
    const acknowledged = new Map<string, number>()
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let i = 0; !stopped; i++) {
        const { key, modRevision } = await store.create(`/k/${writer}/${i}`, bytes('x'.repeat(500)))
        acknowledged.set(key, modRevision)
      }
    })
    while (acknowledged.size < 500) await store.create(`/other/${acknowledged.size}`, bytes('x'))
    const before = new Map(acknowledged)
    await store.snapshot(join(directory, 'store.db'))
    stopped = true
    await Promise.all(writers)
    await store.close()
    const copy = await openStore({ directory })
    const found = new Map((await copy.range('')).items.map((item) => [item.key, item.modRevision]))
    expect([...before].filter(([key, revision]) => found.get(key) !== revision)).toEqual([])
    // As of one revision: of those before it none is missing.
    expect([...found.values()].sort((a, b) => a - b)).toEqual(Array.from({ length: copy.revision }, (_, i) => i + 1))
    await copy.close()
  })

  it('refuses files that are no store, damaged ones and those of a newer Drydock, and leaves nothing behind', async () => {
    const [target, other] = [fresh(), fresh()]
    const copy = join(target, 'copy')
    expect(() => copyState(join(other, 'none.db'), copy)).toThrow(/none\.db does not exist/)
    expect(existsSync(join(other, 'none.db'))).toBe(false)
    writeFileSync(join(other, 'text.db'), 'years of work'.repeat(1000))
    expect(() => copyState(join(other, 'text.db'), copy)).toThrow(StoreBrokenError)
    const newer = join(await filled(), 'store.db')
    const database = new DatabaseSync(newer)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(() => copyState(newer, copy)).toThrow(/store\.db was written by a newer Drydock/)
    expect(readdirSync(target)).toEqual([])
  })
})

describe('continueFrom', () => {
  it('goes on beyond a revision, and tells watchers of what came before to list anew', async () => {
    const directory = fresh()
    copyState(join(await filled(), 'store.db'), join(directory, 'store.db'))
    continueFrom(join(directory, 'store.db'), 1000)
    const store = await openStore({ directory })
    expect([store.revision, store.compactedRevision]).toEqual([1000, 1000])
    for (const from of [2, 3, 999]) expect(() => store.watch('', { from })).toThrow(CompactedError)
    expect((await store.range('/registry/core/')).items.map((item) => item.modRevision)).toEqual([1, 3])
    expect((await store.create('/registry/core/pods/c/z', bytes('z'))).modRevision).toBe(1001)
    await store.close()
  })
})

describe('settledRevision', () => {
  it('is the newest of a store, and none of what cannot be read', async () => {
    const directory = await filled()
    const file = join(directory, 'store.db')
    expect(settledRevision(file)).toBe(3)
    expect(readdirSync(directory).filter((name) => name.startsWith('store.db'))).toEqual(['store.db', 'store.db-log'])
    expect(settledRevision(join(directory, 'none.db'))).toBeUndefined()
    const damaged = readFileSync(file)
    damaged.fill(7, 4096)
    writeFileSync(file, damaged)
    expect(settledRevision(file)).toBeUndefined()
    writeFileSync(file, 'no store at all')
    expect(settledRevision(file)).toBeUndefined()
  })
})
