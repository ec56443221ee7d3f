import type { HostMessage } from '../../cluster/detached-host.ts'
import type { StepProgress } from '../../cluster/steps/recipe.ts'
import type { UserError } from '../../cluster/user-error.ts'

/** Tells the process that waits for this one, if there is one; it does not matter when that process has just gone. */
export function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

/** For the entry: passes a failure to the process that waits for this one. */
export function tellFailure(error: UserError): void {
  tell({ type: 'failed', message: error.message, remedy: error.remedy })
}

/** The same of a step. */
export function tellStep({ title, state, elapsed }: StepProgress): void {
  tell({ type: 'step', step: { title, state, elapsed } })
}
