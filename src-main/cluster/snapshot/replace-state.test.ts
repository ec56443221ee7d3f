import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type * as durableFile from '../../controlplane/store/durable-file.ts'
import { sealingKeys } from '../../controlplane/store/seal.ts'
import { openStore } from '../../controlplane/store/index.ts'
import { DataDirectory } from '../data-directory.ts'
import { openSnapshot } from './open-file.ts'
import { replaceState } from './replace-state.ts'
import { snapshotParts } from './manifest.ts'
import { writeSnapshotFile } from './write-file.ts'
import { copyState } from '../../controlplane/store/state-copy.ts'
import { schema } from '../../controlplane/store/database.ts'

/** Folders whose names cannot be forced to disk. */
const failing = vi.hoisted(() => new Set<string>())
vi.mock('../../controlplane/store/durable-file.ts', async (original) => {
  const actual = await original<typeof durableFile>()
  const syncFolder = (folder: string): void => {
    if (failing.has(folder)) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
    actual.syncFolder(folder)
  }
  return { ...actual, syncFolder }
})

const root = mkdtempSync(join(tmpdir(), 'drydock-replace-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function cluster(name: string): Promise<DataDirectory> {
  const directory = new DataDirectory(name, join(root, name))
  directory.claim({ version: 1, name })
  sealingKeys(directory.path)
  const store = await openStore({ directory: directory.file('store') })
  await store.create(`/registry/core/pods/a/${name}`, new Uint8Array(2))
  await store.close()
  return directory
}

it('keeps the keys of a store that has taken its place, whatever fails after that', async () => {
  const [now, then] = [await cluster('now'), await cluster('then')]
  const file = join(root, 'saved')
  const copy = join(root, 'copy.db')
  const facts = {
    cluster: 'then',
    taken: '',
    drydock: '',
    schema,
    ...copyState(then.file('store', 'store.db'), copy),
  }
  const key = readFileSync(then.file('sealing.key'))
  const sources = Object.fromEntries(snapshotParts.map((name) => [name, Buffer.from(name)]))
  await writeSnapshotFile(file, `${file}.draft`, facts, partial({ ...sources, 'store.db': copy, 'sealing.key': key }))
  failing.add(now.file('store'))
  await using snapshot = await openSnapshot(file)
  const settings = now.settings('now')
  const replaced = replaceState(now, snapshot, { settings, isNew: false, ready: async () => {} })
  await expect(replaced).rejects.toThrow('EIO')
  expect(readFileSync(now.file('sealing.key')).subarray(0, key.length)).toEqual(key)
  expect(readFileSync(now.file('pki', 'ca.key'), 'utf8')).toBe('pki/ca.key')
  const store = await openStore({ directory: now.file('store') })
  expect((await store.range('')).items.map((item) => item.key)).toEqual(['/registry/core/pods/a/then'])
  await store.close()
})
