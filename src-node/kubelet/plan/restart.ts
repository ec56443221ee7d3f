import type { Container, ContainerRestartRule, Pod } from '#types/core/v1'
import type { Observed } from './observed.ts'

/** Whether an init container runs on beside the main ones (kubernetes.io, "Sidecar Containers"). */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'

/**
 * Whether a container may start (again): the rules for its exit code, else its own policy, else the pod's (kubernetes.io, "Pod
 * Lifecycle: Individual container restart policy and rules").
 */
export function mayRestart(pod: Pod, container: Container, last: Observed | undefined): boolean {
  if (!last || last.state === 'created' || last.outdated) return true
  // Of several rules for an end the first counts; one of another action is not this container's alone.
  const rule = container.restartPolicyRules?.find((one) => matchesExit(one, last.exitCode))
  if (last.state === 'exited' && rule?.action === 'Restart') return true
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && last.exitCode !== 0)
}

/** Whether a rule is one for an end with that code. */
export function matchesExit({ exitCodes }: ContainerRestartRule, exitCode: number): boolean {
  if (!exitCodes) return false
  const listed = exitCodes.values?.includes(exitCode) ?? false
  return exitCodes.operator === 'In' ? listed : !listed
}
