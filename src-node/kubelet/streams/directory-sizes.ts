import type { Host } from '../../host/index.ts'

/** What a directory and all that is below it take. */
export interface DirectorySize {
  bytes: number
  inodes: number
}

/** Links that are named are followed, other file systems are not entered; what goes while it is counted is no failure. */
const SCRIPT = 'du -xsDB1 -- "$@"; du -xsD --inodes -- "$@"; true'

/** What directories take of their file systems, by their paths; one that is not there is left out. */
export async function directorySizes(
  host: Pick<Host, 'run'>,
  directories: readonly string[],
): Promise<ReadonlyMap<string, DirectorySize>> {
  // Of one that is named twice the second is not told of.
  const once = [...new Set(directories)]
  if (once.length === 0) return new Map()
  const { stdout } = await host.run('sh', ['-c', SCRIPT, 'du', ...once])
  const sizes = new Map<string, DirectorySize>()
  for (const line of stdout.split('\n')) {
    const [, count, path] = /^(\d+)\t(.+)$/.exec(line) ?? []
    if (count === undefined || path === undefined) continue
    const known = sizes.get(path)
    sizes.set(path, known ? { ...known, inodes: Number(count) } : { bytes: Number(count), inodes: 0 })
  }
  return sizes
}
