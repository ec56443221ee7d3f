import type { ParamKind, ParamRef } from '#types/admissionregistration.k8s.io/v1'
import { findKind } from '../../../../src-kube/kinds/index.ts'
import { CelError } from '../../../../src-kube/machinery/cel/index.ts'
import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes, ObjectReader } from '../admission.ts'

/**
 * The objects that parameterise a policy under a binding; one `undefined` for a policy without parameters (kubernetes.io, "Validating Admission
 * Policy: Parameter resources"). Throws `CelError` when there ought to be some and are none.
 */
export async function paramsOf(
  read: ObjectReader,
  kind: ParamKind | undefined,
  ref: ParamRef | undefined,
  { namespace: asked }: AdmissionAttributes,
): Promise<Array<KubeObject | undefined>> {
  if (!kind || !ref) return [undefined]
  const resource = await resourceOf(read, kind)
  if (!resource)
    throw new CelError(`failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'`)
  const { group, plural, namespaced } = resource
  // Without a namespace of its own, a binding means that of the request.
  const namespace = namespaced ? (ref.namespace ?? asked) : ''
  const found = ref.name
    ? [await read.get(group, plural, namespace, ref.name)].filter((one) => one !== undefined)
    : (await read.list(group, plural, namespace)).filter((one) =>
        labelSelectorMatcher(ref.selector ?? {}).matches(one.metadata.labels),
      )
  if (found.length > 0) return found
  if (ref.parameterNotFoundAction === 'Allow') return []
  throw new CelError('no params found for policy binding with `Deny` parameterNotFoundAction')
}

interface Resource {
  group: string
  plural: string
  namespaced: boolean
}

/** The resource of which a policy's parameters are; undefined when nobody knows their kind. */
export async function resourceOf(
  read: ObjectReader,
  { apiVersion = '', kind = '' }: ParamKind,
): Promise<Resource | undefined> {
  const { group } = parseApiVersion(apiVersion)
  const known = findKind(group, kind)
  if (known) return { group: known.group, plural: known.plural, namespaced: known.scope === 'Namespaced' }
  interface Definition {
    group: string
    scope: string
    names: { kind: string; plural: string }
  }
  const definitions = await read.list('apiextensions.k8s.io', 'customresourcedefinitions')
  const found = definitions
    .map((one) => one['spec'] as Definition)
    .find((one) => one.group === group && one.names.kind === kind)
  return found && { group, plural: found.names.plural, namespaced: found.scope === 'Namespaced' }
}
