import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../../host/unless-missing.ts'
import type { DirectorySize } from './directory-sizes.ts'

/** Where the engine keeps logs, a directory a container. */
const LOGS = '/var/lib/docker/containers'
/** Bytes of what stat(2) counts. */
const BLOCK = 512

/** What the log of a container takes of the disk, with the parts that were rotated away; nothing of one that is gone. */
export async function containerLogSize(id: string, directory = LOGS): Promise<DirectorySize> {
  const own = join(directory, id)
  const names = await unlessGone(readdir(own), [])
  const logs = names.filter((name) => name.startsWith(`${id}-json.log`))
  const bytes = await Promise.all(logs.map((name) => unlessGone(onDisk(join(own, name)), 0)))
  return { bytes: bytes.reduce((sum, size) => sum + size, 0), inodes: logs.length }
}

const onDisk = async (file: string): Promise<number> => (await stat(file)).blocks * BLOCK

/** Logs are rotated and removed while they are looked at. */
const unlessGone = async <T>(asked: Promise<T>, otherwise: T): Promise<T> => (await unlessMissing(asked)) ?? otherwise
