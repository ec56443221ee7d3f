import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '#types/admissionregistration.k8s.io/v1'
import { CelError } from '../../../../src-kube/machinery/cel/index.ts'
import { forbidden, StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep, type Kept } from '../keep.ts'
import { judge, type Failure } from '../policies/policy.ts'
import { isExempt } from '../webhooks/match.ts'

const GROUP = 'admissionregistration.k8s.io'
const CODES: Record<string, number> = { Invalid: 422, Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

type Bindings = Map<string, ValidatingAdmissionPolicyBinding>

/** Holds requests to the expressions of policies, as their bindings say (kubernetes.io, "Validating Admission Policy"). */
export function validatingPolicy(read: ObjectWatcher): AdmissionPlugin {
  const kept = <T>(resource: string): Kept<Map<string, T>> =>
    keep(read, GROUP, resource, new Map<string, T>(), (byName, object, old) => {
      if (object) byName.set(object.metadata.name, object as unknown as T)
      else byName.delete(old!.metadata.name)
    })
  const policies = kept<ValidatingAdmissionPolicy>('validatingadmissionpolicies')
  const bindings = kept<ValidatingAdmissionPolicyBinding>('validatingadmissionpolicybindings')
  const hold = async (bound: Bindings, attributes: AdmissionAttributes): Promise<void> => {
    const byName = await policies.get()
    for (const [, binding] of [...bound].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const policy = byName.get(binding.spec?.policyName ?? '')
      if (policy) await apply(read, policy, binding, attributes)
    }
  }
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: (attributes) => !isExempt(attributes),
    // Without bindings there is nothing to wait for.
    validate(attributes) {
      const found = bindings.get()
      if (found instanceof Promise) return found.then((bound) => hold(bound, attributes))
      return found.size > 0 ? hold(found, attributes) : undefined
    },
  }
}

async function apply(
  read: ObjectWatcher,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
): Promise<void> {
  const mayFail = policy.spec?.failurePolicy === 'Ignore'
  const failures = (await failuresOf(read, policy, binding, attributes)).filter(({ isError }) => !isError || !mayFail)
  const [first] = failures
  if (!first) return
  const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
  const actions: readonly string[] = binding.spec?.validationActions ?? []
  if (actions.includes('Warn'))
    for (const { message } of failures) attributes.warn(`Validation failed for ${names}: ${message}`)
  // What cannot be evaluated is denied whatever the actions are: nobody knows what it would have come to.
  const denied = actions.includes('Deny') ? first : failures.find(({ isError }) => isError)
  if (denied) throw denial(`${names} denied request: ${denied.message}`, denied, attributes)
}

async function failuresOf(...[read, policy, binding, attributes]: Parameters<typeof apply>): Promise<Failure[]> {
  try {
    return await judge(read, policy, binding, attributes)
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    return [{ message: `failed to configure binding: ${error.message}`, reason: 'Invalid', isError: true }]
  }
}

function denial(words: string, { reason, message }: Failure, { descriptor, name }: AdmissionAttributes): StatusError {
  const { message: whole, details } = forbidden({ group: descriptor.group, resource: descriptor.plural }, name, words)
  return new StatusError(CODES[reason] ?? 422, reason, whole, { ...details, causes: [{ message }] })
}
