import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
} from '#types/admissionregistration.k8s.io/v1'
import { policyVariables } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { Budget, BudgetError, CelError, toJson, type Bindings } from '../../../../src-kube/machinery/cel/index.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { isObject, shapeOfObject } from '../../../../src-kube/machinery/fields-v1/shape.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { atomicPlaces } from '../../../../src-kube/machinery/patch/atomic-places.ts'
import { FailedTestError, jsonPatch } from '../../../../src-kube/machinery/patch/json.ts'
import { listOfFaults, typeFaults } from '../../../../src-kube/machinery/patch/type-faults.ts'
import { typedMerge } from '../../../../src-kube/machinery/patch/typed-merge.ts'
import { findSchema, type StructSchema } from '../../../../src-kube/machinery/schema/index.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { seenIn, takeBack } from '../webhooks/seen.ts'
import { ChangedTypeError, inVersion } from '../webhooks/versions.ts'
import { answered } from './authorizer.ts'
import { failedEvaluation, programOf } from './expressions.ts'
import { scopeOf, type PolicyHost } from './scope.ts'

/**
 * Changes an object as a policy says (kubernetes.io, "Mutating Admission Policy"): each mutation sees what those before it made. Answers why some
 * could not be evaluated or applied; the others are made all the same. Throws `CelError` when conditions or parameters cannot be settled.
 */
export async function mutate(
  host: PolicyHost,
  policy: MutatingAdmissionPolicy,
  binding: MutatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
): Promise<CelError[]> {
  const failures: CelError[] = []
  const scope = await scopeOf(host, policy.spec ?? {}, binding.spec ?? {}, attributes)
  for (const bind of scope?.bindings ?? [])
    for (const mutation of policy.spec?.mutations ?? []) {
      const failure = await apply(host, mutation, bind, attributes, scope!.served)
      if (failure) failures.push(failure)
    }
  return failures
}

/** Makes one mutation; answers why it cannot be made. */
async function apply(
  host: PolicyHost,
  mutation: Mutation,
  bind: (budget: Budget) => Promise<Bindings>,
  attributes: AdmissionAttributes,
  served: ServedVersion,
): Promise<CelError | undefined> {
  const seen = await seenIn(attributes, served, host.convert)
  const before = structuredClone(inVersion(seen.object, seen, served)!)
  const budget = new Budget()
  const bindings = await bind(budget)
  try {
    const made = await answered(() => evaluated(mutation, bindings, budget))
    const after = mutated(mutation, before, made, attributes, served)
    await takeBack(after, attributes, served, host.convert).catch(asCelError)
    return undefined
  } catch (error) {
    if (error instanceof CelError) return error
    throw error
  }
}

function asCelError(error: unknown): never {
  if (error instanceof ChangedTypeError) throw new CelError(error.message, { cause: error })
  throw error
}

function mutated(
  { patchType }: Mutation,
  before: KubeObject,
  made: unknown,
  { descriptor }: AdmissionAttributes,
  served: ServedVersion,
): unknown {
  if (patchType !== 'JSONPatch') {
    const { apiVersion, kind } = before
    const own = kind === descriptor.kind ? served.custom?.struct : undefined
    const struct = own ?? findSchema(apiVersion, kind)
    if (!struct) throw new CelError(`no schema of ${kind} to apply a configuration to`)
    return configured(before, made, struct)
  }
  return patched(before, made)
}

function evaluated(
  { patchType, jsonPatch: patch, applyConfiguration: apply }: Mutation,
  bindings: Bindings,
  budget: Budget,
): unknown {
  const expression = (patchType === 'JSONPatch' ? patch : apply)?.expression ?? 'null'
  try {
    return toJson(programOf(expression, policyVariables).evaluate(bindings, budget))
  } catch (error) {
    if (!(error instanceof CelError) || error instanceof BudgetError) throw error
    throw new CelError(failedEvaluation(expression, error), { cause: error })
  }
}

/** The patched object, or the object as it is where a `test` of the patch found something else: such a patch changes on a condition. */
function patched(before: KubeObject, patch: unknown): unknown {
  try {
    return jsonPatch(before, patch)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    if (error.cause instanceof FailedTestError) return before
    throw new CelError(`JSONPath: ${error.cause instanceof Error ? error.cause.message : error.message}`, {
      cause: error,
    })
  }
}

const NOT_APPLIED = 'error applying patch'

/**
 * The object with a configuration laid over it, which has to be of its type and may hold nothing that is owned as a whole: what is left out of
 * that would be lost (kubernetes.io, "Mutating Admission Policy", ApplyConfiguration).
 */
function configured(before: object, made: unknown, struct: StructSchema): unknown {
  if (!isObject(made)) throw new CelError('unsupported return type from ApplyConfiguration expression')
  const faults = typeFaults(made, struct)
  if (faults.length > 0)
    throw new CelError(`${NOT_APPLIED}: failed to convert patch object to typed object: ${listOfFaults(faults)}`)
  const shape = shapeOfObject(struct)
  const atomic = atomicPlaces(made, shape)
  if (atomic.length > 0)
    throw new CelError(
      `${NOT_APPLIED}: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`,
    )
  return typedMerge(before, made, shape)
}
