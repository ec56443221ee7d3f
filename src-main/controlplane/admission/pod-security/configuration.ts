import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { type Policy, PREFIX, policyOf, unrestricted } from './policy.ts'

/** What a whole cluster has of Pod Security (kubernetes.io, "Enforce Pod Security Standards by Configuring the Built-in Admission Controller"). */
export interface PodSecurityConfiguration {
  /** For namespaces that do not say. */
  defaults: Policy
  /** Users, classes and namespaces that nothing is asked of. */
  exemptions: Exemptions
}

/** Whom Pod Security does not look at. */
export interface Exemptions {
  usernames: readonly string[]
  runtimeClasses: readonly string[]
  namespaces: readonly string[]
}

/** No standard, and nobody exempt from it. */
export const noConfiguration: PodSecurityConfiguration = {
  defaults: unrestricted,
  exemptions: { usernames: [], runtimeClasses: [], namespaces: [] },
}

const GROUP = 'pod-security.admission.config.k8s.io'
const versions = ['v1', 'v1beta1', 'v1alpha1']
const modes = ['enforce', 'audit', 'warn']
const exempt = ['usernames', 'runtimeClasses', 'namespaces'] as const

/** Reads a `PodSecurityConfiguration`. Throws an Error that names the fields of what cannot be meant. Pure. */
export function podSecurityConfiguration(document: unknown): PodSecurityConfiguration {
  const { apiVersion, kind, defaults = {}, exemptions = {} } = recordOf('configuration', document)
  if (kind !== 'PodSecurityConfiguration' || !versions.some((version) => apiVersion === `${GROUP}/${version}`))
    throw new Error(
      `want apiVersion ${GROUP}/v1 and kind PodSecurityConfiguration, have ${String(apiVersion)} and ${String(kind)}`,
    )
  return { defaults: defaultsOf(recordOf('defaults', defaults)), exemptions: exemptionsOf(exemptions) }
}

function defaultsOf(given: Record<string, unknown>): Policy {
  const labels: Record<string, string> = {}
  for (const [mode, value] of Object.entries(given)) {
    if (!modes.includes(mode.replace(/-version$/, ''))) throw new Error(`defaults.${mode}: unknown field`)
    labels[PREFIX + mode] = String(value)
  }
  const { policy, errors } = policyOf(labels, unrestricted, (key) => fieldPath('defaults', key.slice(PREFIX.length)))
  if (errors.length > 0) throw new Error(errors.map(({ field, message }) => `${field}: ${message}`).join('; '))
  // What is not said of `warn` goes with `enforce` in labels only.
  return labels[`${PREFIX}warn`] === undefined ? { ...policy, warn: unrestricted.warn } : policy
}

function exemptionsOf(given: unknown): Exemptions {
  const lists = recordOf('exemptions', given)
  const listOf = (field: (typeof exempt)[number]): string[] => {
    const list = lists[field] ?? []
    if (Array.isArray(list) && list.every((one): one is string => typeof one === 'string')) return list
    throw new Error(`exemptions.${field}: must be a list of strings`)
  }
  return {
    usernames: listOf('usernames'),
    runtimeClasses: listOf('runtimeClasses'),
    namespaces: listOf('namespaces'),
  }
}

function recordOf(field: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error(`${field}: no object`)
}
