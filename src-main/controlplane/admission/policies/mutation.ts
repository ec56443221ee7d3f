import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
} from '#types/admissionregistration.k8s.io/v1'
import { policyVariables } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { CelError, toJson, type Bindings } from '../../../../src-kube/machinery/cel/index.ts'
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
import { programOf } from './expressions.ts'
import { scopeOf, type PolicyHost } from './scope.ts'

/**
 * Changes an object as a policy says (kubernetes.io, "Mutating Admission Policy"): each mutation sees what the one before it made. Throws
 * `CelError` for what cannot be evaluated or applied.
 */
export async function mutate(
  host: PolicyHost,
  policy: MutatingAdmissionPolicy,
  binding: MutatingAdmissionPolicyBinding,
  attributes: AdmissionAttributes,
): Promise<void> {
  const scope = await scopeOf(host, policy.spec ?? {}, binding.spec ?? {}, attributes)
  for (const bind of scope?.bindings ?? [])
    for (const mutation of policy.spec?.mutations ?? []) {
      const { served } = scope!
      const seen = await seenIn(attributes, served, host.convert)
      const before = structuredClone(inVersion(seen.object, seen, served)!)
      const bindings = await bind()
      const after = await answered(() => mutated(mutation, before, bindings, attributes, served))
      await takeBack(after, attributes, served, host.convert).catch(asCelError)
    }
}

function asCelError(error: unknown): never {
  if (error instanceof ChangedTypeError) throw new CelError(error.message, { cause: error })
  throw error
}

function mutated(
  { patchType, jsonPatch: patch, applyConfiguration: apply }: Mutation,
  before: KubeObject,
  bindings: Bindings,
  { descriptor }: AdmissionAttributes,
  served: ServedVersion,
): unknown {
  const source = patchType === 'JSONPatch' ? patch?.expression : apply?.expression
  const made = toJson(programOf(source ?? 'null', policyVariables).evaluate(bindings))
  if (patchType !== 'JSONPatch') {
    const { apiVersion, kind } = before
    const own = kind === descriptor.kind ? served.custom?.struct : undefined
    const struct = own ?? findSchema(apiVersion, kind)
    if (!struct) throw new CelError(`no schema of ${kind} to apply a configuration to`)
    return configured(before, made, struct)
  }
  return patched(before, made)
}

/** The patched object, or the object as it is where a `test` of the patch found something else: such a patch changes on a condition. */
function patched(before: KubeObject, patch: unknown): unknown {
  try {
    return jsonPatch(before, patch)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    if (error.cause instanceof FailedTestError) return before
    throw new CelError(error.cause instanceof Error ? error.cause.message : error.message, { cause: error })
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
