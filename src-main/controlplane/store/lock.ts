import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Another process writes here. */
export class StoreLockedError extends Error {
  override readonly name = 'StoreLockedError'
  readonly pid: number
  constructor(directory: string, pid: number) {
    super(`${directory} is in use by process ${pid}`)
    this.pid = pid
  }
}

/**
 * Takes the directory for one writer: a file with our process id, made exclusively. One left by a process that is gone
 * (kill -9) is taken over. Returns the release.
 */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, 'lock')
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = openSync(file, 'wx', 0o600)
      writeSync(handle, `${process.pid}\n`)
      closeSync(handle)
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 2) throw error
      const holder = Number(readFileSync(file, 'utf8'))
      if (held.has(file) || (holder !== process.pid && isAlive(holder))) throw new StoreLockedError(directory, holder)
      rmSync(file, { force: true })
    }
  }
}

/** Files locked by this process: a second open in the same process is refused too. */
const held = new Set<string>()

export function holdDirectory(directory: string): () => void {
  const release = lockDirectory(directory)
  const file = join(directory, 'lock')
  held.add(file)
  return () => {
    held.delete(file)
    release()
  }
}

/** A process that has ended and that nobody has collected yet is not alive. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/^\d+ \(.*\) Z/s.test(readFileSync(stat, 'utf8'))
}
