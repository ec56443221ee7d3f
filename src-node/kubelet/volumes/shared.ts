import { chmod, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { badRequest } from '../../../src-kube/machinery/errors.ts'
import { isSharedVolumeName } from '../../../src-wire/node/shared-volumes.ts'

/**
 * Makes the directory of a provisioned volume when it is mounted for the first time. Everybody may write there, as pods that run as
 * somebody else than root could not use it otherwise; a directory that exists keeps its owner and mode.
 */
export async function setUpShared(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  try {
    await mkdir(path)
    // The process' umask must not narrow it.
    await chmod(path, 0o777)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  }
  return path
}

/** Removes a provisioned volume's directory with all that is in it; one that was never made is fine. */
export async function removeShared(directory: string, name: string): Promise<void> {
  if (!isSharedVolumeName(name)) throw badRequest(`${JSON.stringify(name)} is not a provisioned volume`)
  await rm(join(directory, name), { recursive: true, force: true })
}
