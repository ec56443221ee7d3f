import {
  chmod,
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

/** One file of a volume that the kubelet writes. */
export interface PayloadFile {
  data: Buffer
  mode: number
}

/** Files by their path relative to the volume. */
export type Payload = Map<string, PayloadFile>

const dataLink = '..data'
let serial = 0

/**
 * Writes a volume's files so that a reader sees all the old or all the new: a new timestamped directory, `..data` pointed at it
 * by a rename, and the visible names as links through `..data`. Answers whether anything changed.
 */
export async function writeAtomically(directory: string, payload: Payload, now: number): Promise<boolean> {
  await mkdir(directory, { recursive: true })
  const old = await readlink(join(directory, dataLink)).catch(() => undefined)
  if (old !== undefined && (await same(join(directory, old), payload))) return false

  const name = `..${new Date(now).toISOString().replace(/[-:TZ]/g, '_')}.${++serial}${process.hrtime.bigint() % 1_000_000n}`
  const fresh = join(directory, name)
  await mkdir(fresh, { mode: 0o755 })
  await chmod(fresh, 0o755)
  for (const [path, file] of payload) {
    const target = join(fresh, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, file.data)
    await chmod(target, file.mode)
  }
  const temporary = join(directory, '..data_tmp')
  await rm(temporary, { force: true })
  await symlink(name, temporary)
  await rename(temporary, join(directory, dataLink))
  await linkNames(directory, payload)
  if (old !== undefined) await rm(join(directory, old), { recursive: true, force: true })
  return true
}

/** The first parts of the paths, as links into `..data`; names that are gone are taken away. */
async function linkNames(directory: string, payload: Payload): Promise<void> {
  const names = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path))
  for (const name of names) {
    const link = join(directory, name)
    if (!(await lstat(link).catch(() => undefined))) await symlink(join(dataLink, name), link)
  }
  for (const name of await readdir(directory)) {
    if (!name.startsWith('..') && !names.has(name)) await rm(join(directory, name), { recursive: true, force: true })
  }
}

async function same(directory: string, payload: Payload): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (!entries || entries.filter((entry) => entry.isFile()).length !== payload.size) return false
  for (const [path, file] of payload) {
    const target = join(directory, path)
    const held = await readFile(target).catch(() => undefined)
    if (!held?.equals(file.data)) return false
    // A group set on the volume adds read bits, so the owner's bits are what can be compared.
    if (((await stat(target)).mode & 0o700) !== (file.mode & 0o700)) return false
  }
  return true
}
