import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'

/** Bytes free on the disk that holds a folder; undefined where that cannot be seen. */
export type FreeSpace = (folder: string) => Promise<number | undefined>

/** That of this machine's disks; undefined for a folder that is not there. */
export const freeSpaceOf: FreeSpace = async (folder) => {
  if (!existsSync(folder)) return undefined
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
