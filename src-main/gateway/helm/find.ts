import type { MissingProgram } from '../../../src-wire/gateway/programs.ts'
import { findProgram, remedyForProgram, thisMachine, type Machine } from '../find-program.ts'

const helm = { name: 'helm', variable: 'DRYDOCK_HELM' }

/** The helm of this machine. Undefined when there is none. */
export const findHelm = (machine?: Machine): string | undefined => findProgram(helm, machine)

/** What is missing where {@link findHelm} finds none: the command is that of helm.sh, "Installing Helm", for the system. */
export function missingHelm(
  { platform, environment }: Pick<Machine, 'platform' | 'environment'> = thisMachine(),
): MissingProgram {
  const named = environment[helm.variable]
  if (named) return { named }
  if (platform === 'darwin') return { command: 'brew install helm' }
  if (platform === 'win32') return { command: 'winget install Helm.Helm' }
  return { command: 'curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-4 | bash' }
}

/** The same as a sentence. */
export const remedyFor = (missing: MissingProgram): string => remedyForProgram(missing, helm)
