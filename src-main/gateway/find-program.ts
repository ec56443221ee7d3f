import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import type { MissingProgram } from '../../src-wire/gateway/programs.ts'

/** The machine as the search sees it. */
export interface Machine {
  platform: NodeJS.Platform
  environment: Record<string, string | undefined>
  home: string
  /** Whether a file is there and may be run. */
  isProgram(path: string): boolean
}

/** This machine and the environment of this process. */
export const thisMachine = (): Machine => ({
  platform: process.platform,
  environment: process.env,
  home: homedir(),
  isProgram,
})

/** A program of the user's that Drydock runs. */
export interface Program {
  /** Of its file, without `.exe`. */
  name: string
  /** Environment variable that names another file. */
  variable: string
}

/**
 * A program of this machine: what its variable names, else the first on the PATH, else where it usually lies, since apps that were not
 * started from a terminal have a short PATH. Undefined when there is none.
 */
export function findProgram({ name, variable }: Program, machine: Machine = thisMachine()): string | undefined {
  const { platform, environment, home, isProgram: isThere } = machine
  const named = environment[variable]
  if (named) return isThere(named) ? named : undefined
  const { join, delimiter, isAbsolute } = platform === 'win32' ? win32 : posix
  const file = platform === 'win32' ? `${name}.exe` : name
  const path = environment['PATH'] ?? environment['Path'] ?? ''
  const usual = platform === 'win32' ? [] : ['/usr/local/bin', '/opt/homebrew/bin', '/snap/bin']
  const own = [join(home, '.local', 'bin'), join(home, '.rd', 'bin'), join(home, 'bin')]
  return [...path.split(delimiter).filter((folder) => isAbsolute(folder)), ...usual, ...own]
    .map((folder) => join(folder, file))
    .find((found) => isThere(found))
}

/** What to do about a program that {@link findProgram} does not find, as a sentence. */
export function remedyForProgram(missing: MissingProgram, { variable }: Program): string {
  return 'named' in missing
    ? `${variable} names ${missing.named}, which cannot be run: correct it or unset it.`
    : `Install it with \`${missing.command}\`, then try again.`
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
