import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { UserError } from '../../cluster/user-error.ts'

/** All that is kept, and which file it is: one that begins anew has another id. */
export interface KeptPreferences {
  id: string
  values: Readonly<Record<string, string>>
}

/** Version of the file's form. */
const FORM = 1
/** Milliseconds between two looks at a lock, after which one that nobody gave back is broken, and after which one gives up. */
const times = { look: 10, stale: 3_000, give: 10_000 }

/** What the file holds; undefined while there is none. A `UserError` when it cannot be read or is of a newer Drydock: it is never overwritten then. */
export async function readPreferences(path: string): Promise<KeptPreferences | undefined> {
  const text = await readFile(path, 'utf8').catch(absent)
  if (text === undefined) return undefined
  const read = parse(path, text)
  if (typeof read.version === 'number' && read.version > FORM)
    throw new UserError(`${path} was written by a newer Drydock.`, 'Update Drydock, or move the file away.')
  if (typeof read.id !== 'string' || typeof read.values !== 'object' || read.values === null) throw broken(path)
  const texts = Object.entries(read.values).filter(([, value]) => typeof value === 'string')
  return { id: read.id, values: Object.fromEntries(texts) as Record<string, string> }
}

/**
 * Writes changes into the file, and what it holds afterwards. Several processes may do so at once: each reads anew what the others wrote while
 * none of them writes, and replaces the file whole.
 */
export function changePreferences(
  path: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<KeptPreferences> {
  return locked(path, async () => {
    const before = await readPreferences(path)
    const values = { ...before?.values }
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) delete values[key]
      else values[key] = value
    }
    const after = { id: before?.id ?? randomUUID(), values }
    await writeFile(`${path}.new`, `${JSON.stringify({ version: FORM, ...after }, null, 2)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
    return after
  })
}

/** Runs while this process alone holds the lock beside the file; one that a process left behind when it was killed is broken. */
async function locked<T>(path: string, run: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const until = Date.now() + times.give
  while (!(await taken(lock))) {
    if (Date.now() > until)
      throw new UserError(`${path} is being written by another program.`, `Remove ${lock} if there is none.`)
    const age = Date.now() - ((await stat(lock).catch(absent))?.mtimeMs ?? Date.now())
    if (age > times.stale) await rm(lock, { force: true })
    else await after(times.look)
  }
  try {
    return await run()
  } finally {
    await rm(lock, { force: true })
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function parse(path: string, text: string): { version?: unknown; id?: unknown; values?: unknown } {
  try {
    const read: unknown = JSON.parse(text)
    if (typeof read === 'object' && read !== null) return read
  } catch (cause) {
    throw broken(path, cause)
  }
  throw broken(path)
}

const broken = (path: string, cause?: unknown): UserError =>
  new UserError(`${path} is not what Drydock keeps there.`, 'Correct it, or move it away to begin anew.', { cause })

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
