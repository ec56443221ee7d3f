import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

/** The machine as the search sees it. */
export interface Machine {
  platform: NodeJS.Platform
  environment: Record<string, string | undefined>
  home: string
  /** Whether a file is there and may be run. */
  isProgram(path: string): boolean
}

const here = (): Machine => ({ platform: process.platform, environment: process.env, home: homedir(), isProgram })

/**
 * The helm of this machine: what `DRYDOCK_HELM` names, else the first on the PATH, else where it usually lies, since apps that were not
 * started from a terminal have a short PATH. Undefined when there is none.
 */
export function findHelm(machine: Machine = here()): string | undefined {
  const { platform, environment, home, isProgram: isThere } = machine
  const named = environment['DRYDOCK_HELM']
  if (named) return isThere(named) ? named : undefined
  const { join, delimiter, isAbsolute } = platform === 'win32' ? win32 : posix
  const file = platform === 'win32' ? 'helm.exe' : 'helm'
  const path = environment['PATH'] ?? environment['Path'] ?? ''
  const usual = platform === 'win32' ? [] : ['/usr/local/bin', '/opt/homebrew/bin', '/snap/bin']
  const own = [join(home, '.local', 'bin'), join(home, '.rd', 'bin'), join(home, 'bin')]
  return [...path.split(delimiter).filter((folder) => isAbsolute(folder)), ...usual, ...own]
    .map((folder) => join(folder, file))
    .find((found) => isThere(found))
}

/** One sentence on how to get helm, as helm.sh, "Installing Helm", says for the system. */
export function remedyFor({ platform, environment }: Pick<Machine, 'platform' | 'environment'> = here()): string {
  const named = environment['DRYDOCK_HELM']
  if (named) return `DRYDOCK_HELM names ${named}, which is not a program that can be run: correct it or unset it.`
  const command = {
    darwin: 'brew install helm',
    win32: 'winget install Helm.Helm',
  }[platform as string]
  return `Install it with \`${command ?? 'curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-4 | bash'}\`, then look again.`
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
