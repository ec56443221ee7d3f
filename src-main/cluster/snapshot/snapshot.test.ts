import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src-kube/machinery/clock.ts'
import { openPki } from '../../controlplane/pki/index.ts'
import { openStore } from '../../controlplane/store/index.ts'
import { sealedStore, sealingKeys } from '../../controlplane/store/seal.ts'
import { CompactedError, type Store } from '../../controlplane/store/store.ts'
import { DataDirectory } from '../data-directory.ts'
import { UserError } from '../user-error.ts'
import { FORMAT, firstLine } from './manifest.ts'
import { openSnapshot } from './open-file.ts'
import { checkRestore, restoreSnapshot, type RestoreOptions } from './restore.ts'
import { saveSnapshot } from './save.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-snapshots-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0
const fresh = (): string => join(root, String(count++))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value)

const openCluster = async (directory: DataDirectory): Promise<Store> =>
  sealedStore(await openStore({ directory: directory.file('store') }), {
    prefixes: ['/registry/core/secrets/'],
    keys: sealingKeys(directory.path),
  })

/** A cluster without nodes that is down: two pods and a secret, at revision 4. */
async function made(name: string, settings: object = { alone: true }): Promise<DataDirectory> {
  const directory = new DataDirectory(name, fresh())
  directory.claim({ version: 1, name, port: 6444, token: 'abcdef.0123456789abcdef', ...settings })
  await openPki(directory.file('pki'), { clock: systemClock, sans: { dns: [], ips: [] } })
  const store = await openCluster(directory)
  const { modRevision } = await store.create('/registry/core/pods/a/x', bytes('{}'))
  await store.create('/registry/apps/deployments/a/x', bytes('{}'))
  await store.create('/registry/core/secrets/a/x', bytes('{"data":"hunter2"}'))
  await store.update('/registry/core/pods/a/x', bytes('{"x":1}'), modRevision)
  await store.close()
  return directory
}

/** Everything in a folder by its name but what a lock leaves, to see that nothing of it was changed. */
const contents = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && !file.name.startsWith('lock'))
      .map((file) => [join(file.parentPath, file.name), readFileSync(join(file.parentPath, file.name), 'hex')]),
  )

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (cause: unknown) => cause as Error,
  )
  expect(error).toBeInstanceOf(UserError)
  return (error as UserError).describe()
}

let source: DataDirectory
let saved: string
let stops: number
const stopNodes = async (): Promise<void> => void stops++
const restore = (directory: DataDirectory, more: Partial<RestoreOptions> = {}, name = 'one') =>
  restoreSnapshot({ directory, name, file: saved, stopNodes, ...more })

beforeAll(async () => {
  source = await made('one')
  saved = fresh()
  await saveSnapshot({ directory: source, name: 'one', file: saved })
})
beforeEach(() => {
  stops = 0
})

describe('saveSnapshot', () => {
  it('writes a file for its owner alone that tells what it holds', async () => {
    await using opened = await openSnapshot(saved)
    const { manifest, size } = opened
    expect(manifest).toMatchObject({
      cluster: 'one',
      revision: 4,
      objects: { 'deployments.apps': 1, pods: 1, secrets: 1 },
    })
    expect(size).toBe(statSync(saved).size)
    if (process.platform !== 'win32') expect(statSync(saved).mode & 0o777).toBe(0o600)
    expect(Math.abs(Date.parse(manifest.taken) - Date.now())).toBeLessThan(600_000)
    expect(readFileSync(saved).includes('hunter2')).toBe(false)
  })

  it('refuses a file that is there, a folder, a folder that is not there, and leaves nothing behind', async () => {
    const folder = fresh()
    mkdirSync(folder)
    writeFileSync(join(folder, 'there'), 'mine')
    const save = (file: string) => saveSnapshot({ directory: source, name: 'one', file })
    expect(await refusal(save(join(folder, 'there')))).toMatch(/there exists already\.\n.*--force/)
    expect(await refusal(save(folder))).toMatch(/is a folder\./)
    expect(await refusal(save(join(folder, 'none', 'x')))).toMatch(
      /^Cannot save the snapshot: there is no such file or folder/,
    )
    expect(readdirSync(folder)).toEqual(['there'])
    await saveSnapshot({ directory: source, name: 'one', file: join(folder, 'there'), force: true })
    expect(readFileSync(join(folder, 'there'), 'latin1')).toMatch(/^drydock snapshot 1\n/)
    expect(readdirSync(folder)).toEqual(['there'])
  })

  it('may be named as what it is made of, and takes the place of no link and no device unasked', async () => {
    const folder = fresh()
    mkdirSync(folder)
    const save = (name: string, force = false) =>
      saveSnapshot({ directory: source, name: 'one', file: join(folder, name), force })
    expect(await save('store.db')).toMatchObject({ revision: 4 })
    if (process.platform === 'win32') return
    symlinkSync(join(folder, 'gone'), join(folder, 'link'))
    expect(await refusal(save('link'))).toMatch(/link exists already\./)
    symlinkSync(root, join(folder, 'folder'))
    expect(await refusal(save('folder', true))).toMatch(/is a folder\./)
    const device = saveSnapshot({ directory: source, name: 'one', file: '/dev/null', force: true })
    expect(await refusal(device)).toMatch(/^\/dev\/null is no file\./)
    expect(readdirSync(folder).sort()).toEqual(['folder', 'link', 'store.db'])
  })

  it('says that a cluster was never started, and that its store is damaged', async () => {
    const empty = new DataDirectory('e', fresh())
    empty.claim({ version: 1, name: 'e' })
    const file = fresh()
    expect(await refusal(saveSnapshot({ directory: empty, name: 'e', file }))).toMatch(/was never started to the end/)
    const damaged = await made('d')
    writeFileSync(damaged.file('store', 'store.db'), 'nothing of a store '.repeat(500))
    expect(await refusal(saveSnapshot({ directory: damaged, name: 'd', file }))).toMatch(
      /^Cannot save the snapshot: .*damaged|not a database/,
    )
    expect(existsSync(file)).toBe(false)
  })
})

describe('restoreSnapshot', () => {
  it('makes a new cluster of a snapshot, secrets and keys included, whose revisions go on far beyond', async () => {
    const directory = new DataDirectory('one', fresh())
    const done = await restore(directory)
    expect(done).toMatchObject({ cluster: 'one', revision: 4, continuesFrom: 1_000_000_004, replaced: false })
    expect(directory.settings('one')).toEqual(source.settings('one'))
    for (const key of ['ca.key', 'ca.crt', 'sa.key'])
      expect(readFileSync(directory.file('pki', key))).toEqual(readFileSync(source.file('pki', key)))
    const store = await openCluster(directory)
    expect(text((await store.get('/registry/core/secrets/a/x'))?.value)).toBe('{"data":"hunter2"}')
    expect(await store.get('/registry/core/pods/a/x')).toMatchObject({ createRevision: 1, modRevision: 4 })
    for (const from of [1, 4, 5, 1_000_000_003]) expect(() => store.watch('', { from })).toThrow(CompactedError)
    expect((await store.create('/new', bytes('x'))).modRevision).toBe(1_000_000_005)
    await store.close()
  })

  it('gives a cluster of another name a port and a token of its own', async () => {
    const directory = new DataDirectory('two', fresh())
    await restore(directory, {}, 'two')
    expect(directory.settings('two')).toEqual({ version: 1, name: 'two', alone: true })
  })

  it('replaces a cluster only when it is told to, keeps its settings, and goes on beyond its revisions too', async () => {
    const directory = new DataDirectory('one', fresh())
    await restore(directory)
    const store = await openCluster(directory)
    const pod = (await store.get('/registry/core/pods/a/x'))!
    await store.delete(pod.key, pod.modRevision)
    await store.create('/registry/core/pods/a/later', bytes('{}'))
    await store.close()
    directory.saveSettings({ ...directory.settings('one'), port: 7777 })
    const before = contents(directory.path)
    expect(await refusal(restore(directory))).toMatch(/^There is a cluster "one" already, in .*\.\n.*--force/)
    expect(contents(directory.path)).toEqual(before)
    expect(await restore(directory, { force: true })).toMatchObject({ continuesFrom: 2_000_000_006, replaced: true })
    expect(directory.settings('one').port).toBe(7777)
    const again = await openCluster(directory)
    expect((await again.range('/registry/core/pods/')).items.map((item) => item.key)).toEqual([pod.key])
    await again.close()
  })

  it('replaces a store that is damaged', async () => {
    const directory = await made('one')
    for (const file of ['store.db', 'store.db-wal']) writeFileSync(directory.file('store', file), 'lost '.repeat(2000))
    await restore(directory, { force: true })
    const store = await openCluster(directory)
    expect((await store.range('')).items).toHaveLength(3)
    await store.close()
  })

  it('stops the nodes of a cluster that may have some, when all that can fail has been done', async () => {
    const nodes = await made('n', {})
    const file = fresh()
    await saveSnapshot({ directory: nodes, name: 'n', file })
    await restore(nodes, { file, force: true }, 'n')
    expect(stops).toBe(1)
    const before = contents(nodes.path)
    const fails = async (): Promise<void> => {
      throw new UserError('Docker hangs.')
    }
    expect(await refusal(restore(nodes, { file, force: true, stopNodes: fails }, 'n'))).toBe('Docker hangs.')
    expect(contents(nodes.path)).toEqual(before)
    expect(await refusal(restore(nodes, { force: true }, 'n'))).toMatch(
      /is of another cluster than "n", whose nodes would not know it\.\nRemove that one first/,
    )
    // The same is told of a cluster that runs, before it is stopped for nothing.
    nodes.saveHost({ pid: process.pid, server: 'https://127.0.0.1:1' })
    expect(await refusal(checkRestore(nodes, 'n', saved))).toMatch(/is of another cluster than "n"/)
    await checkRestore(nodes, 'n', file)
    nodes.clearHost()
    expect(contents(nodes.path)).toEqual(before)
  })

  it('refuses a cluster that runs, and one whose store is held by whoever it may be', async () => {
    const directory = await made('one')
    directory.saveHost({ pid: process.pid, server: 'https://127.0.0.1:1' })
    expect(await refusal(restore(directory, { force: true }))).toMatch(
      /^Cluster "one" is running \(process \d+\)\.\nEnd it first with `drydock down --name one`/,
    )
    directory.clearHost()
    const store = await openCluster(directory)
    const held = await refusal(restore(directory, { force: true }))
    await store.close()
    expect(held).toMatch(/^The data of cluster "one" is in use: .* by process \d+/)
  })

  it('leaves nothing behind where it fails: a full disk, foreign files, a folder that cannot be used', async () => {
    const parent = fresh()
    const directory = new DataDirectory('one', join(parent, 'deep', 'c'))
    mkdirSync(parent)
    expect(await refusal(restore(directory, { freeSpace: async () => 1000 }))).toMatch(
      /^Too little disk: 0\.0 MiB free .* needs \d+\.\d MiB/,
    )
    expect(readdirSync(parent)).toEqual([])
    writeFileSync(join(parent, 'thesis.txt'), 'years')
    expect(await refusal(restore(new DataDirectory('one', parent)))).toMatch(/not empty \(thesis\.txt\)/)
    expect(await refusal(restore(new DataDirectory('one', join(parent, 'thesis.txt', 'c'))))).toMatch(/cannot be used/)
    expect(readdirSync(parent)).toEqual(['thesis.txt'])
  })

  it('puts keys back when the store cannot take its place', async () => {
    const directory = await made('one')
    rmSync(directory.file('store', 'store.db'))
    mkdirSync(directory.file('store', 'store.db', 'in the way'), { recursive: true })
    rmSync(directory.file('pki', 'sa.key'))
    const before = contents(directory.path)
    expect(await refusal(restore(directory, { force: true }))).toMatch(/^Cannot restore into .*\.\nNothing was changed/)
    expect(contents(directory.path)).toEqual(before)
    expect(existsSync(directory.file('pki', 'sa.key'))).toBe(false)
  })

  it('takes up what a restore left that was killed', async () => {
    const directory = new DataDirectory('one', fresh())
    mkdirSync(directory.file('store'), { recursive: true })
    mkdirSync(directory.file('pki'))
    writeFileSync(directory.file('store', 'store.db.1234abcd-wal'), 'half')
    await restore(directory)
    expect(directory.exists).toBe(true)
    expect(readdirSync(directory.file('store')).sort()).toEqual(['lock.db', 'store.db'])
  })
})

describe('a snapshot that cannot be used', () => {
  const whole = (): Buffer => readFileSync(saved)
  const rehashed = (content: Buffer): Buffer => Buffer.concat([content, createHash('sha256').update(content).digest()])
  const changed = (change: (content: string) => string): Buffer =>
    rehashed(Buffer.from(change(whole().subarray(0, -32).toString('latin1')), 'latin1'))
  const cases: Array<[string, () => Buffer, RegExp]> = [
    ['is empty', () => Buffer.alloc(0), /is no snapshot of Drydock\./],
    ['is something else', () => Buffer.from('apiVersion: v1\nkind: Pod\n'), /is no snapshot of Drydock\./],
    ['ends in its first line', () => whole().subarray(0, 9), /is cut short: its first line/],
    ['ends in its second line', () => whole().subarray(0, 60), /is cut short: the list of its parts/],
    ['lacks its end', () => whole().subarray(0, -1000), /is cut short: \d+ of \d+ bytes are there\./],
    ['has one bit changed', () => flipped(whole()), /is damaged: its checksum/],
    ['has more at its end', () => Buffer.concat([whole(), Buffer.from('x')]), /is damaged: its checksum/],
    ['has no list of parts', () => changed((all) => all.replace('"cluster"', '"clutter"')), /is damaged: the list/],
    ['has none that is JSON', () => changed((all) => all.replace('{', '[')), /is damaged: the list/],
    [
      'has a later format',
      () => changed((all) => all.replace(firstLine(FORMAT), firstLine(2))),
      /written by a newer Drydock \(format 2, this one knows 1\)\.\nUpdate Drydock/,
    ],
    [
      'has a later schema',
      () => changed((all) => all.replace(/"schema":\d/, '"schema":9')),
      /written by a newer Drydock \(schema 9, this one knows \d\)/,
    ],
  ]
  const flipped = (content: Buffer): Buffer => {
    content[content.length >> 1]! ^= 1
    return content
  }

  it.each(cases)(
    'because it %s is refused in one sentence, and nothing is made of it',
    async (_how, content, words) => {
      const file = fresh()
      writeFileSync(file, content())
      const directory = new DataDirectory('one', fresh())
      expect(await refusal(restore(directory, { file }))).toMatch(words)
      expect(existsSync(directory.path)).toBe(false)
    },
  )

  it('because it is not there, or a folder, is refused too', async () => {
    const none = fresh()
    expect(await refusal(openSnapshot(none))).toMatch(/^Cannot read the snapshot .*: there is no such file/)
    mkdirSync(none)
    expect(await refusal(openSnapshot(none))).toMatch(/^Cannot read the snapshot .*: it is a folder/)
  })
})
