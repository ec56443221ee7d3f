import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '#types/admissionregistration.k8s.io/v1'
import { BudgetError, CelError } from '../../../../src-kube/machinery/cel/index.ts'
import { forbidden, StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep, type Kept } from '../keep.ts'
import { ConditionError } from '../policies/conditions.ts'
import { mutate } from '../policies/mutation.ts'
import { judge, type Failure, type Notes } from '../policies/policy.ts'
import type { PolicyHost } from '../policies/scope.ts'
import { refusalName } from '../refusal-name.ts'
import { isExempt } from '../webhooks/match.ts'

const GROUP = 'admissionregistration.k8s.io'
const codes: Record<string, number> = { Invalid: 422, Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

/** Policies and bindings of one sort, by their names. */
interface Bound<P, B> {
  policies: Kept<Map<string, P>>
  bindings: Kept<Map<string, B>>
}

function bound<P, B>(read: ObjectWatcher, policies: string, bindings: string): Bound<P, B> {
  const kept = <T>(resource: string): Kept<Map<string, T>> =>
    keep(read, { group: GROUP, resource }, new Map<string, T>(), (byName, object, old) => {
      if (object) byName.set(object.metadata.name, object as T)
      else byName.delete(old!.metadata.name)
    })
  return { policies: kept<P>(policies), bindings: kept<B>(bindings) }
}

/** Calls for each binding whose policy there is, in the order of their names. Without bindings there is nothing to wait for. */
function each<P, B extends { spec?: { policyName?: string | undefined } | undefined }>(
  { policies, bindings }: Bound<P, B>,
  apply: (policy: P, binding: B) => Promise<void>,
): Promise<void> | undefined {
  const all = async (found: Map<string, B>): Promise<void> => {
    if (found.size === 0) return
    const byName = await policies.get()
    for (const [, binding] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const policy = byName.get(binding.spec?.policyName ?? '')
      if (policy) await apply(policy, binding)
    }
  }
  const found = bindings.get()
  if (found instanceof Promise) return found.then(all)
  return found.size > 0 ? all(found) : undefined
}

/** Policies hear of what changes of them. */
export interface WatchingHost extends PolicyHost {
  read: ObjectWatcher
}

/** Changes objects as policies say, before webhooks are asked (kubernetes.io, "Mutating Admission Policy"). */
export function mutatingPolicy(host: WatchingHost): AdmissionPlugin {
  const known = bound<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>(
    host.read,
    'mutatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
  )
  return {
    name: 'MutatingAdmissionPolicy',
    handles: (attributes) => attributes.object !== undefined && !isExempt(attributes),
    admit: (attributes) =>
      each(known, async (policy, binding) => {
        const failures = await failedMutations(host, policy, binding, attributes)
        if (failures.length === 0 || policy.spec?.failurePolicy === 'Ignore') return
        const names = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
        const causes = failures.map(({ message }) => ({ message: `${names} denied request: ${message}` }))
        const { details } = refused(attributes)
        throw new StatusError(403, failures[0]!.reason, causes[0]!.message, { ...details, causes })
      }),
  }
}

async function failedMutations(
  ...[host, policy, binding, attributes]: Parameters<typeof mutate>
): Promise<Array<Pick<Failure, 'message' | 'reason'>>> {
  try {
    const failures = await mutate(host, policy, binding, attributes)
    return failures.map(({ message }) => ({ message, reason: 'Invalid' }))
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    if (isToldAsItIs(error)) return [{ message: error.message, reason: 'Invalid' }]
    return [{ message: unsettled(error), reason: 'Forbidden' }]
  }
}

const isToldAsItIs = (error: CelError): boolean => error instanceof ConditionError || error instanceof BudgetError
const unsettled = ({ message }: CelError): string => `failed to configure binding: ${message}`

/** Holds requests to the expressions of policies, as their bindings say (kubernetes.io, "Validating Admission Policy"). */
export function validatingPolicy(host: WatchingHost): AdmissionPlugin {
  const known = bound<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>(
    host.read,
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
  )
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: (attributes) => !isExempt(attributes),
    validate(attributes) {
      // All that are bound have their say, also those that only warn; the first that denies is told of.
      const denied: StatusError[] = []
      const noted = new Map<string, Notes>()
      const asked = each(known, async (policy, binding) => {
        const { name } = policy.metadata
        const notes = noted.get(name) ?? (new Map() as Notes)
        const refusal = await apply(host, policy, binding, attributes, notes)
        if (refusal) denied.push(refusal)
        noted.set(name, notes)
      })
      return asked?.then(() => {
        for (const [name, notes] of noted)
          for (const [key, values] of notes) attributes.annotate?.(`${name}/${key}`, [...values].join(', '))
        if (denied[0]) throw denied[0]
      })
    },
  }
}

/** Warns as the binding wants it, and answers the refusal if there is one. */
async function apply(
  host: PolicyHost,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
  notes: Notes,
): Promise<StatusError | undefined> {
  const mayFail = policy.spec?.failurePolicy === 'Ignore'
  const failures = (await failuresOf(host, policy, binding, attributes, notes)).filter(
    ({ isError }) => !isError || !mayFail,
  )
  const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
  const actions: readonly string[] = binding.spec?.validationActions ?? []
  if (actions.includes('Warn'))
    for (const { message, isUnsettled } of failures)
      if (!isUnsettled) attributes.warn(`Validation failed for ${names}: ${message}`)
  if (attributes.annotate && actions.includes('Audit'))
    for (const { message, index, isUnsettled } of failures) {
      const about = { policy: policy.metadata.name, binding: binding.metadata.name, expressionIndex: index ?? 0 }
      const told = [{ message, ...about, validationActions: actions }]
      if (!isUnsettled) attributes.annotate(FAILURE, JSON.stringify(told))
    }
  const denied = failures.find(({ isUnsettled }) => isUnsettled || actions.includes('Deny'))
  return denied && denial(`${names} denied request: ${denied.message}`, denied.reason, attributes)
}

/** kubernetes.io, "Audit Annotations". */
const FAILURE = 'validation.policy.admission.k8s.io/validation_failure'

async function failuresOf(...[host, policy, binding, attributes, notes]: Parameters<typeof apply>): Promise<Failure[]> {
  try {
    return await judge(host, policy, binding, attributes, notes)
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    if (isToldAsItIs(error)) return [{ message: error.message, reason: 'Invalid', isError: true }]
    return [{ message: unsettled(error), reason: 'Invalid', isError: true, isUnsettled: true }]
  }
}

function denial(words: string, reason: string, attributes: AdmissionAttributes): StatusError {
  const { message, details } = refused(attributes, words)
  return new StatusError(codes[reason] ?? 422, reason, message, { ...details, causes: [{ message: words }] })
}

function refused(attributes: AdmissionAttributes, words = ''): StatusError {
  const { group, plural } = attributes.descriptor
  return forbidden({ group, resource: plural }, refusalName(attributes), words)
}
