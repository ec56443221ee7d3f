import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What the desktop app remembers; the renderer keeps its own looks in the browser. */
export interface Settings {
  /** Schema of the file; raised with a migration whenever a field changes its meaning. */
  version: 1
  window: { width: number; height: number; x?: number; y?: number; maximized: boolean }
  /** Closing the window leaves the app in the tray. */
  keepInTray: boolean
}

export const defaults: Settings = {
  version: 1,
  window: { width: 1440, height: 900, maximized: false },
  keepInTray: true,
}

/** What a person chose on this machine, in a file. */
export interface SettingsFile {
  /** The current values; replaced, never mutated. */
  readonly value: Settings
  /** Resolves when the file holds the change. Writes go one after the other. */
  update(change: Partial<Omit<Settings, 'version'>>): Promise<void>
}

/**
 * Opens the settings file, absent or not. Throws when it was written by a newer version or is no JSON: it is never
 * overwritten then.
 */
export async function openSettings(path: string): Promise<SettingsFile> {
  let value = parse(path, await readFile(path, 'utf8').catch(absent))
  let last: Promise<void> = Promise.resolve()
  const write = async (): Promise<void> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
  return {
    get value() {
      return value
    },
    update(change) {
      value = { ...value, ...change }
      last = last.then(write, write)
      return last
    },
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}

function parse(path: string, text: string | undefined): Settings {
  if (text === undefined) return defaults
  let read: Partial<Settings>
  try {
    read = JSON.parse(text) as Partial<Settings>
  } catch (cause) {
    throw new Error(`${path} is not valid JSON. Correct it, or move it away to begin with fresh settings.`, { cause })
  }
  if ((read.version ?? 1) > defaults.version) {
    throw new Error(`${path} was written by a newer Drydock. Update Drydock, or move the file away.`)
  }
  return { ...defaults, ...read, window: { ...defaults.window, ...read.window }, version: 1 }
}
