import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder, writeDurably } from '../../controlplane/store/durable-file.ts'
import { continueFrom, files, settledRevision } from '../../controlplane/store/state-copy.ts'
import type { ClusterSettings, DataDirectory } from '../data-directory.ts'
import { bytesOf, type SnapshotFile } from './open-file.ts'

/**
 * Between the newest revision of a snapshot (or of what it replaces) and the first that is given after: more writes than a cluster makes between two
 * snapshots, and so beyond every revision that a client has seen (etcd.io, "Disaster recovery": revision bump).
 */
const REVISION_GAP = 1_000_000_000
/** What a restore that was killed left. */
const DRAFT = /^store\.db\.[0-9a-f]{8}/
/** Bytes of a sealing key. */
const KEY = 32

/** What the new state takes the place of. */
export interface ReplaceOptions {
  settings: ClusterSettings
  /** No cluster is there: its settings are written last, and make it one. */
  isNew: boolean
  /** Called when everything is prepared, before anything changes. */
  ready: () => Promise<void>
}

/**
 * Puts the parts of a snapshot into a cluster's folder, whose store the caller has locked, and answers the revision that it goes on from. The store is
 * prepared beside the old one and takes its place by one rename; keys that were changed before go back when something fails.
 */
export async function replaceState(
  directory: DataDirectory,
  snapshot: SnapshotFile,
  { settings, isNew, ready }: ReplaceOptions,
): Promise<number> {
  const store = directory.file('store', 'store.db')
  const draft = `${store}.${randomBytes(4).toString('hex')}`
  for (const left of readdirSync(dirname(store)).filter((name) => DRAFT.test(name))) rmSync(join(dirname(store), left))
  const undo: Array<() => void> = [() => files.forEach((end) => rmSync(draft + end, { force: true }))]
  const put = (name: string, bytes: Uint8Array): void => {
    const file = directory.file(name)
    const before = existsSync(file) ? readFileSync(file) : undefined
    undo.push(() => (before ? writeDurably(file, before) : rmSync(file, { force: true })))
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeDurably(file, bytes)
  }
  try {
    await extractStore(snapshot, draft)
    const newest = Math.max(snapshot.manifest.revision, settledRevision(store) ?? 0)
    const continuesFrom = newest + REVISION_GAP
    continueFrom(draft, continuesFrom)
    await ready()
    for (const name of ['pki/ca.key', 'pki/ca.crt', 'pki/sa.key'] as const) put(name, await bytesOf(snapshot, name))
    put('sealing.key', bothKeys(await bytesOf(snapshot, 'sealing.key'), directory.file('sealing.key')))
    // Of a store that was closed there are none; those of a damaged one would be read into the new one.
    for (const end of files.slice(1)) rmSync(store + end, { force: true })
    if (isNew) undo.push(() => rmSync(store, { force: true }))
    renameSync(draft, store)
    // The store that was there is gone, and the one that is there now is opened by its own keys alone.
    if (!isNew) undo.length = 0
    syncFolder(dirname(store))
    if (isNew) directory.saveSettings(settings)
    return continuesFrom
  } catch (error) {
    for (const step of undo.toReversed()) step()
    throw error
  }
}

async function extractStore(snapshot: SnapshotFile, target: string): Promise<void> {
  const handle = await open(target, 'wx', 0o600)
  try {
    for await (const bytes of snapshot.part('store.db')) await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The snapshot's keys, then those keys of the existing cluster that the snapshot lacks: they open the old store until it is replaced. */
function bothKeys(restored: Buffer, file: string): Buffer {
  const before = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  const keysIn = (bytes: Buffer): Buffer[] =>
    Array.from({ length: Math.floor(bytes.length / KEY) }, (_, i) => bytes.subarray(i * KEY, (i + 1) * KEY))
  const known = keysIn(restored)
  return Buffer.concat([...known, ...keysIn(before).filter((key) => !known.some((one) => one.equals(key)))])
}
