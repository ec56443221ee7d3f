import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { schema } from '../../controlplane/store/database.ts'
import { copyState, type StateFacts } from '../../controlplane/store/state-copy.ts'
import type { DataDirectory } from '../data-directory.ts'
import { refuseEtcd } from '../refuse-etcd.ts'
import { UserError } from '../user-error.ts'
import { DRYDOCK_VERSION } from '../version.ts'
import { explained } from './failures.ts'
import { resourceOf, type Manifest } from './manifest.ts'
import { writeSnapshotFile } from './write-file.ts'

/** The cluster that is saved, running or not, and the file that is written, whole or not at all. */
export interface SaveOptions {
  directory: DataDirectory
  /** Name of the cluster in that directory. */
  name: string
  file: string
  /** Replaces a file of that name. Default false. */
  force?: boolean
}

/** A snapshot that was taken: what `snapshot status` tells of it. */
export interface SavedSnapshot extends Omit<Manifest, 'parts'> {
  file: string
  /** Bytes. */
  size: number
}

/**
 * Saves a cluster as it is at one moment, running or not, into a file that only its owner reads: the newest state of its store with the Secrets sealed as
 * they are, and the keys that are needed to go on with it, those that open the Secrets included. Everything that the API server had
 * acknowledged before is in it. The store is read beside its writer, which nothing is asked of, so that requests do not wait.
 */
export async function saveSnapshot(options: SaveOptions): Promise<SavedSnapshot> {
  const { directory, name, force = false } = options
  const file = resolve(options.file)
  const settings = directory.settings(name)
  refuseEtcd(name, settings, 'save')
  refuseTarget(file, force)
  if (!existsSync(directory.file('store', 'store.db')) || !existsSync(directory.file('sealing.key')))
    throw new UserError(`Cluster "${name}" was never started to the end.`, `Run \`drydock up --name ${name}\` first.`)
  let drafts: string | undefined
  try {
    // 0700, beside the file: the draft is renamed, and what it takes is taken from the disk that was meant.
    drafts = mkdtempSync(join(dirname(file), '.drydock-snapshot-'))
    const taken = new Date().toISOString()
    const copy = join(drafts, 'store.db')
    const facts = { cluster: name, taken, drydock: DRYDOCK_VERSION, schema, ...stateFacts(directory, copy) }
    const key = (path: string): Uint8Array => readFileSync(directory.file(path))
    const size = await writeSnapshotFile(file, join(drafts, 'snapshot'), facts, {
      'store.db': copy,
      'pki/ca.crt': key('pki/ca.crt'),
      'pki/ca.key': key('pki/ca.key'),
      'pki/sa.key': key('pki/sa.key'),
      'sealing.key': key('sealing.key'),
      'cluster.json': Buffer.from(JSON.stringify(settings)),
    })
    return { file, size, ...facts }
  } catch (error) {
    throw explained(error, 'Cannot save the snapshot', 'Nothing was saved; mend that, or give another file.')
  } finally {
    if (drafts) rmSync(drafts, { recursive: true, force: true })
  }
}

function stateFacts(directory: DataDirectory, copy: string): StateFacts {
  const { revision, objects } = copyState(directory.file('store', 'store.db'), copy)
  const named = Object.entries(objects).map(([prefix, count]) => [resourceOf(prefix), count] as const)
  return { revision, objects: Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

function refuseTarget(file: string, force: boolean): void {
  // A link to a file is replaced, not followed.
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`${file} is a folder.`, 'Give the name of a file in it.')
  if (there && !there.isFile() && !there.isSymbolicLink())
    throw new UserError(`${file} is no file.`, 'Give the name of one.')
  if (there && !force)
    throw new UserError(`${file} exists already.`, 'Give another name, or --force to replace what is there.')
}
