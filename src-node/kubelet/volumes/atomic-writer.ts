import {
  chmod,
  chown,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unlessMissing } from '../../host/unless-missing.ts'

/** One file of a volume that the kubelet writes. */
export interface PayloadFile {
  data: Buffer
  mode: number
  /** Who owns it; the kubelet otherwise. */
  uid?: number | undefined
}

/** Files by their path relative to the volume. */
export type Payload = Map<string, PayloadFile>

/** Whose the files are, besides root's. */
export interface WriteOptions {
  /** Milliseconds since the epoch, for the name of the version. */
  now: number
  /** The group that may read all of it (`fsGroup`). */
  gid?: number | undefined
  /** Its root has the mode of a tmpfs'. */
  sticky?: boolean
}

const DATA_LINK = '..data'
/** What a group may do with files, and with directories, whose group new files take over. */
const GROUP_FILE = 0o440
const GROUP_DIRECTORY = 0o2110
let serial = 0

/**
 * Writes a volume's files so that a reader sees all the old or all the new, with their owners: a new timestamped directory, `..data`
 * pointed at it by a rename, and the visible names as links through `..data`. Answers whether anything changed.
 */
export async function writeAtomically(
  directory: string,
  payload: Payload,
  { now, gid, sticky = false }: WriteOptions,
): Promise<boolean> {
  await makeDirectory(directory, gid, sticky ? 0o1777 : 0o777)
  const old = await unlessMissing(readlink(join(directory, DATA_LINK)))
  if (old !== undefined && (await same(join(directory, old), payload, gid))) {
    // An agent may have died before it made them.
    await linkNames(directory, payload)
    return false
  }

  const name = `..${new Date(now).toISOString().replace(/[-:TZ]/g, '_')}.${++serial}${process.hrtime.bigint() % 1_000_000n}`
  const fresh = join(directory, name)
  await makeDirectory(fresh, gid)
  for (const [path, file] of payload) await writeOne(fresh, path, file, gid)
  const temporary = join(directory, '..data_tmp')
  await rm(temporary, { force: true })
  await symlink(name, temporary)
  await rename(temporary, join(directory, DATA_LINK))
  await linkNames(directory, payload)
  if (old !== undefined) await rm(join(directory, old), { recursive: true, force: true })
  return true
}

async function makeDirectory(path: string, gid: number | undefined, mode = 0o755): Promise<void> {
  await mkdir(path, { recursive: true })
  if (gid !== undefined) await chown(path, -1, gid)
  await chmod(path, gid === undefined ? mode : mode | GROUP_DIRECTORY)
}

async function writeOne(fresh: string, path: string, file: PayloadFile, gid: number | undefined): Promise<void> {
  const target = join(fresh, path)
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    await makeDirectory(join(fresh, parent), gid)
  }
  await writeFile(target, file.data, { mode: 0o600 })
  if (file.uid !== undefined || gid !== undefined) await chown(target, file.uid ?? -1, gid ?? -1)
  await chmod(target, modeOf(file, gid))
}

const modeOf = ({ mode }: PayloadFile, gid: number | undefined): number =>
  gid === undefined ? mode : mode | GROUP_FILE

/** The first parts of the paths, as links into `..data`; names that are gone are taken away. */
async function linkNames(directory: string, payload: Payload): Promise<void> {
  const names = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path))
  for (const name of names) {
    const link = join(directory, name)
    if (!(await unlessMissing(lstat(link)))) await symlink(join(DATA_LINK, name), link)
  }
  for (const name of await readdir(directory)) {
    if (!name.startsWith('..') && !names.has(name)) await rm(join(directory, name), { recursive: true, force: true })
  }
}

async function same(directory: string, payload: Payload, gid: number | undefined): Promise<boolean> {
  const entries = await unlessMissing(readdir(directory, { recursive: true, withFileTypes: true }))
  const files = new Set(entries?.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name)))
  if (files.size !== payload.size) return false
  for (const [path, file] of payload) {
    const target = join(directory, path)
    if (!files.has(target) || !(await readFile(target)).equals(file.data)) return false
    const found = await stat(target)
    if ((found.mode & 0o777) !== modeOf(file, gid)) return false
    if (found.uid !== (file.uid ?? found.uid) || found.gid !== (gid ?? found.gid)) return false
  }
  return true
}
