import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
} from '#types/admissionregistration.k8s.io/v1'
import { POLICY_VARIABLES } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { CelError, toJson, type Bindings } from '../../../../src-kube/machinery/cel/index.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { shapeOfObject } from '../../../../src-kube/machinery/fields-v1/shape.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { jsonPatch } from '../../../../src-kube/machinery/patch/json.ts'
import { typedMerge } from '../../../../src-kube/machinery/patch/typed-merge.ts'
import { findSchema } from '../../../../src-kube/machinery/schema/index.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { seenIn, takeBack } from '../webhooks/seen.ts'
import { inVersion } from '../webhooks/versions.ts'
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
      await takeBack(after, attributes, served, host.convert)
    }
}

function mutated(
  { patchType, jsonPatch: patch, applyConfiguration: apply }: Mutation,
  before: object,
  bindings: Bindings,
  { descriptor }: AdmissionAttributes,
  served: ServedVersion,
): unknown {
  const source = patchType === 'JSONPatch' ? patch?.expression : apply?.expression
  const made = toJson(programOf(source ?? 'null', POLICY_VARIABLES).evaluate(bindings))
  if (patchType !== 'JSONPatch') {
    const struct = served.custom?.struct ?? findSchema(formatApiVersion(served.group, served.version), descriptor.kind)
    if (!struct) throw new CelError(`no schema of ${descriptor.kind} to apply a configuration to`)
    return typedMerge(before, made, shapeOfObject(struct))
  }
  try {
    return jsonPatch(before, made)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new CelError(error.cause instanceof Error ? error.cause.message : error.message, { cause: error })
  }
}
