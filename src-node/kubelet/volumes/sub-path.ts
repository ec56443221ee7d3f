import { chmod, lstat, mkdir, readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'

/** What a subPath's way is, apart from the volume it lies in. Throws in upstream's words for one that no volume may have. */
export function checkSubPath(subPath: string): void {
  if (isAbsolute(subPath)) throw new Error(`error SubPath \`${subPath}\` must not be an absolute path`)
  if (subPath.split('/').includes('..')) {
    throw new Error(`unable to provision SubPath \`${subPath}\`: must not contain '..'`)
  }
}

/**
 * The path on the node of a part of a volume, free of symbolic links, so that what a container has put there cannot lead out of the
 * volume (kubernetes.io, "Volumes: Using subPath"). Directories that are missing are made with the volume's own mode.
 */
export async function resolveSubPath(volume: string, subPath: string): Promise<string> {
  const root = await realpath(volume)
  await makeMissing(root, subPath)
  return within(root, await realpath(join(root, subPath)))
}

/** The text of a file in a volume, wherever in it a link leads; undefined when there is none. Throws when it is led out of the volume. */
export async function readWithin(volume: string, path: string): Promise<string | undefined> {
  checkSubPath(path)
  try {
    const root = await realpath(volume)
    return await readFile(within(root, await realpath(join(root, path))), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function makeMissing(root: string, subPath: string): Promise<void> {
  let here = root
  for (const part of subPath.split('/').filter((name) => name !== '' && name !== '.')) {
    const next = join(here, part)
    const found = await lstat(next).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    })
    if (!found) await mkdirLike(root, next)
    here = within(root, await realpath(next))
  }
}

async function mkdirLike(root: string, path: string): Promise<void> {
  const { mode } = await stat(root)
  await mkdir(path)
  // The process's umask takes bits away that the volume itself has: the mode is set apart.
  await chmod(path, mode & 0o7777)
}

function within(root: string, path: string): string {
  const way = relative(root, path)
  if (way === '..' || way.startsWith(`..${sep}`)) {
    throw new Error(`subpath "${path}" not within volume path "${root}"`)
  }
  return path
}
