import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import type { HelmState } from '../../../src-wire/gateway/helm.ts'

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

/** What is missing where {@link findHelm} finds none: the command is that of helm.sh, "Installing Helm", for the system. */
export function missingHelm({ platform, environment }: Pick<Machine, 'platform' | 'environment'> = here()): Missing {
  const named = environment['DRYDOCK_HELM']
  if (named) return { named }
  if (platform === 'darwin') return { command: 'brew install helm' }
  if (platform === 'win32') return { command: 'winget install Helm.Helm' }
  return { command: 'curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-4 | bash' }
}

type Missing = NonNullable<HelmState['missing']>

/** The same as a sentence. */
export function remedyFor(missing: Missing): string {
  return 'named' in missing
    ? `DRYDOCK_HELM names ${missing.named}, which cannot be run: correct it or unset it.`
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
