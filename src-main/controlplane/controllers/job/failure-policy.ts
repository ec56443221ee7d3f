import type { Job, PodFailurePolicyRule } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'

/** What a failed pod means for its job; `message` says which rule decided it. */
export interface Verdict {
  action: PodFailurePolicyRule['action']
  message: string
}

/**
 * The first rule of a job's pod failure policy that a failed pod matches ("Jobs: Pod failure policy", KEP-3329); a failure that none
 * matches counts. Pure.
 */
export function judge(job: Job, pod: Pod): Verdict {
  for (const [i, rule] of (job.spec?.podFailurePolicy?.rules ?? []).entries()) {
    const reason = byExitCode(rule, pod) ?? byCondition(rule, pod)
    if (reason !== undefined)
      return { action: rule.action, message: `${reason} matching ${rule.action} rule at index ${i}` }
  }
  return { action: 'Count', message: '' }
}

const nameOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`

function byExitCode({ onExitCodes }: PodFailurePolicyRule, pod: Pod): string | undefined {
  if (!onExitCodes) return undefined
  const { containerName, operator, values } = onExitCodes
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  for (const { name, state } of [...containerStatuses, ...initContainerStatuses]) {
    const code = state?.terminated?.exitCode
    if (!code || (containerName && containerName !== name)) continue
    if (values.includes(code) === (operator === 'In'))
      return `Container ${name} for pod ${nameOf(pod)} failed with exit code ${code}`
  }
  return undefined
}

function byCondition({ onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  for (const { type, status = 'True' } of onPodConditions)
    if (pod.status?.conditions?.some((one) => one.type === type && one.status === status))
      return `Pod ${nameOf(pod)} has condition ${type}`
  return undefined
}
