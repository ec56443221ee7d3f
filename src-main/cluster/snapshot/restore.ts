import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StoreLockedError } from '../../controlplane/store/index.ts'
import { lockDirectory } from '../../controlplane/store/lock.ts'
import type { ClusterSettings, DataDirectory } from '../data-directory.ts'
import { refuseEtcd } from '../refuse-etcd.ts'
import { freeSpaceOf, type FreeSpace } from '../free-space.ts'
import { UserError } from '../user-error.ts'
import { explained } from './failures.ts'
import type { Manifest } from './manifest.ts'
import { bytesOf, openSnapshot, type SnapshotFile } from './open-file.ts'
import { replaceState } from './replace-state.ts'

/** The snapshot to take back, and the cluster that gets its state. */
export interface RestoreOptions {
  directory: DataDirectory
  /** Name of the cluster that is made or replaced; the snapshot may be of one of another name. */
  name: string
  file: string
  /** Replaces the state of a cluster that is there. Default false. */
  force?: boolean
  /**
   * Stops the machines of the cluster's nodes: agents that start anew take the state as it is then, where frozen ones would go by what they remember.
   * Not called for a cluster without nodes.
   */
  stopNodes: () => Promise<void>
  /** Bytes free on the disk that holds a folder; undefined where that cannot be seen. */
  freeSpace?: FreeSpace
}

/** What was restored. */
export interface RestoredSnapshot extends Omit<Manifest, 'parts'> {
  /** The newest revision that the restored store begins with. */
  continuesFrom: number
  /** A cluster was there, whose state was replaced. */
  replaced: boolean
}

/** Bytes besides the snapshot's own. */
const ROOM = 16 * 2 ** 20
const REMEDY = 'Nothing was changed; mend that and repeat, or choose another folder with --data.'

/**
 * Makes a cluster that is not running of a snapshot, to be started with `drydock up`. The snapshot is read to its end before anything is touched. The
 * store takes its place last and by one rename: until then what was there is as it was, and whatever fails leaves nothing behind.
 */
export async function restoreSnapshot(options: RestoreOptions): Promise<RestoredSnapshot> {
  const { directory, name, file, force = false, stopNodes } = options
  await using snapshot = await openSnapshot(file)
  const present = presentCluster(directory, name, force)
  const settings = await settingsFor(snapshot, present, name)
  const ca = await bytesOf(snapshot, 'pki/ca.crt')
  if (present) refuseStranger(directory, present, ca)
  const made = foldersToMake(directory)
  try {
    directory.create()
    await checkRoom(directory.path, snapshot.size, options.freeSpace)
    mkdirSync(directory.file('store'), { recursive: true, mode: 0o700 })
    const release = lock(directory, name)
    try {
      const ready = settings.alone ? async () => {} : stopNodes
      const continuesFrom = await replaceState(directory, snapshot, { settings, isNew: !present, ready })
      const { parts: _, ...facts } = snapshot.manifest
      return { ...facts, continuesFrom, replaced: present !== undefined }
    } finally {
      release()
    }
  } catch (error) {
    for (const path of made) rmSync(path, { recursive: true, force: true })
    throw explained(error, `Cannot restore into ${directory.path}`, REMEDY)
  }
}

/** Reads a snapshot to its end, and throws a `UserError` when it cannot take the place of what a cluster holds now, which may run meanwhile. */
export async function checkRestore(directory: DataDirectory, name: string, file: string): Promise<void> {
  await using snapshot = await openSnapshot(file)
  refuseEtcd(name, directory.settings(name), 'restore')
  refuseStranger(directory, directory.settings(name), await bytesOf(snapshot, 'pki/ca.crt'))
}

/** The settings of the cluster that is there; undefined when there is none. */
function presentCluster(directory: DataDirectory, name: string, force: boolean): ClusterSettings | undefined {
  const host = directory.host()
  if (host)
    throw new UserError(
      `Cluster "${name}" is running (process ${host.pid}).`,
      `End it first with \`drydock down --name ${name}\`.`,
    )
  const settings = directory.exists ? directory.settings(name) : undefined
  if (settings) refuseEtcd(name, settings, 'restore')
  const left = directory.exists || !existsSync(directory.path) ? [] : readdirSync(directory.path)
  const foreign = left.filter((entry) => !OURS.test(entry))
  if (foreign.length > 0)
    throw new UserError(
      `The data folder ${directory.path} holds no cluster, but it is not empty (${foreign.slice(0, 3).join(', ')}).`,
      'Choose an empty or a new folder with --data.',
    )
  if ((settings || existsSync(directory.file('store', 'store.db'))) && !force)
    throw new UserError(
      `There is a cluster "${name}" already, in ${directory.path}.`,
      'Give --force to replace its state by the snapshot, or restore beside it with another --name.',
    )
  return settings
}

/** What a cluster's folder holds without its settings: logs of a start that failed, what a restore left that was killed. */
const OURS = /^(logs|store|pki|sealing\.key(\.new)?|cluster\.json\..*)$/

/** Nodes believe the authority that they joined under: a cluster of another one would never see them again. */
function refuseStranger(directory: DataDirectory, present: ClusterSettings, ca: Uint8Array): void {
  const file = directory.file('pki', 'ca.crt')
  if (present.alone || !existsSync(file) || readFileSync(file).equals(ca)) return
  throw new UserError(
    `The snapshot is of another cluster than "${present.name}", whose nodes would not know it.`,
    `Remove that one first with \`drydock down --delete --name ${present.name}\`, or restore beside it with another --name.`,
  )
}

/** A cluster that is there keeps its settings: its nodes know its token, clients its port. */
async function settingsFor(
  snapshot: SnapshotFile,
  present: ClusterSettings | undefined,
  name: string,
): Promise<ClusterSettings> {
  if (present) return present
  const saved = JSON.parse((await bytesOf(snapshot, 'cluster.json')).toString()) as ClusterSettings
  if (saved.name === name) return saved
  // Beside the one it is of, it has a port and a token of its own.
  const { port: _port, token: _token, ...rest } = saved
  return { ...rest, name }
}

function lock(directory: DataDirectory, name: string): () => void {
  try {
    return lockDirectory(directory.file('store'))
  } catch (cause) {
    if (!(cause instanceof StoreLockedError)) throw cause
    throw new UserError(
      `The data of cluster "${name}" is in use: ${cause.message}.`,
      `End that process first, with \`drydock down --name ${name}\` if it is the cluster's.`,
      { cause },
    )
  }
}

async function checkRoom(folder: string, size: number, freeSpace: FreeSpace = freeSpaceOf): Promise<void> {
  const free = await freeSpace(folder)
  if (free === undefined || free >= size + ROOM) return
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
  throw new UserError(
    `Too little disk: ${megabytes(free)} MiB free for ${folder}, and the snapshot needs ${megabytes(size + ROOM)} MiB.`,
    'Free some space and repeat, or choose a folder on another disk with --data.',
  )
}

/** The folders that restoring makes, to be taken away again: the topmost that is missing, or those within the cluster's. */
function foldersToMake(directory: DataDirectory): string[] {
  let top = directory.path
  if (existsSync(top)) return ['store', 'pki'].map((name) => join(top, name)).filter((path) => !existsSync(path))
  while (!existsSync(dirname(top))) top = dirname(top)
  return [top]
}
