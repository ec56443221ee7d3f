import type { ConsoleProgram } from '../../../src-wire/gateway/kubectl.ts'
import { UserError } from '../../cluster/user-error.ts'
import { findHelm, missingHelm, remedyFor as remedyForHelm } from '../helm/find.ts'
import { environmentFor, helmEnvironmentFor } from './environment.ts'
import { findKubectl, missingKubectl, remedyFor } from './find.ts'

/** A program that was found on this machine. */
export interface FoundProgram {
  name: ConsoleProgram
  path: string
  /** Its environment, for the kubeconfig that it is lent. */
  environment(kubeconfig: string): NodeJS.ProcessEnv
}

/** Looks for a program each time it is asked: it may be installed meanwhile. */
export type FindProgram = (name: ConsoleProgram) => string | undefined

/** The user's own, where they usually lie. */
export const findOwn: FindProgram = (name) => (name === 'helm' ? findHelm() : findKubectl())

const environments = { kubectl: environmentFor, helm: helmEnvironmentFor }

/** A `UserError` with the way to one where there is none. */
export function foundProgram(name: ConsoleProgram, find: FindProgram): FoundProgram {
  const path = find(name)
  const environment = (kubeconfig: string): NodeJS.ProcessEnv => environments[name](kubeconfig)
  if (path) return { name, path, environment }
  const remedy = name === 'helm' ? remedyForHelm(missingHelm()) : remedyFor(missingKubectl())
  throw new UserError(`There is no ${name} on this machine.`, remedy)
}
