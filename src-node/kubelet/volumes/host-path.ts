import type { Stats } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { unlessMissing } from '../../host/unless-missing.ts'

const kinds: Record<string, { is(found: Stats): boolean; words: string }> = {
  Directory: { is: (found) => found.isDirectory(), words: 'a directory' },
  // Upstream takes for a file whatever is no directory.
  File: { is: (found) => !found.isDirectory(), words: 'a file' },
  Socket: { is: (found) => found.isSocket(), words: 'a socket file' },
  CharDevice: { is: (found) => found.isCharacterDevice(), words: 'a character device' },
  BlockDevice: { is: (found) => found.isBlockDevice(), words: 'a block device' },
}

/** Checks or makes the path as its `type` asks; answers the path. */
export async function setUpHostPath(path: string, type: string | undefined): Promise<string> {
  if (!type) return path
  const found = await unlessMissing(stat(path))
  if (type === 'DirectoryOrCreate') {
    if (!found) await mkdir(path, { recursive: true, mode: 0o755 })
    else check(path, found, 'Directory')
  } else if (type === 'FileOrCreate') {
    if (!found) await makeFile(path)
    else check(path, found, 'File')
  } else {
    check(path, found, type)
  }
  return path
}

function check(path: string, found: Stats | undefined, type: string): void {
  const kind = kinds[type]
  if (!kind) throw new Error(`${type} is an invalid volume type`)
  if (!found || !kind.is(found)) throw new Error(`hostPath type check failed: ${path} is not ${kind.words}`)
}

async function makeFile(path: string): Promise<void> {
  if (!(await unlessMissing(stat(dirname(path))))) {
    throw new Error(`open ${path}: no such file or directory`)
  }
  await (await open(path, 'a', 0o644)).close()
}
