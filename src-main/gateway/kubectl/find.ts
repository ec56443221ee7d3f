import type { MissingProgram } from '../../../src-wire/gateway/programs.ts'
import { findProgram, remedyForProgram, thisMachine, type Machine } from '../find-program.ts'

const kubectl = { name: 'kubectl', variable: 'DRYDOCK_KUBECTL' }

/** The kubectl of this machine. Undefined when there is none. */
export const findKubectl = (machine?: Machine): string | undefined => findProgram(kubectl, machine)

/** What is missing where {@link findKubectl} finds none: the command follows kubernetes.io, "Install Tools", for the system. */
export function missingKubectl(
  { platform, environment }: Pick<Machine, 'platform' | 'environment'> = thisMachine(),
): MissingProgram {
  const named = environment[kubectl.variable]
  if (named) return { named }
  if (platform === 'darwin') return { command: 'brew install kubectl' }
  if (platform === 'win32') return { command: 'winget install -e --id Kubernetes.kubectl' }
  const from = `https://dl.k8s.io/release/v1.36.0/bin/linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}/kubectl`
  return { command: `curl -fL --create-dirs -o ~/.local/bin/kubectl ${from} && chmod +x ~/.local/bin/kubectl` }
}

/** The same as a sentence. */
export const remedyFor = (missing: MissingProgram): string => remedyForProgram(missing, kubectl)
