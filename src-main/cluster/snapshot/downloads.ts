import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The user's folder of downloads and their home, those that exist: the first is where snapshots are saved. */
export function downloadsFolders(): string[] {
  return [join(homedir(), 'Downloads'), homedir()].filter((folder) => existsSync(folder))
}

/** A name for a cluster's snapshot that is not taken, in the user's folder of downloads, or in their home where there is none. */
export function downloadsFile(cluster: string, now = new Date()): string {
  const [folder = homedir()] = downloadsFolders()
  // 2026-11-21T21:30:05.000Z → 2026-11-21-213005
  const time = now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')
  for (let i = 1; ; i++) {
    const file = join(folder, `${cluster}-${time}${i === 1 ? '' : `-${i}`}.snapshot`)
    if (!existsSync(file)) return file
  }
}
