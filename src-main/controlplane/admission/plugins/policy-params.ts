import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ParamKind,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '#types/admissionregistration.k8s.io/v1'
import { isDeepStrictEqual } from 'node:util'
import { invalid, type FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader, UserInfo } from '../admission.ts'
import { resourceOf } from '../policies/params.ts'
import { refusalName } from '../refusal-name.ts'
import type { HeldAccess } from './rbac-escalation.ts'

const GROUP = 'admissionregistration.k8s.io'
const policies = ['validatingadmissionpolicies', 'mutatingadmissionpolicies']
const bindings = ['validatingadmissionpolicybindings', 'mutatingadmissionpolicybindings']

type Policy = ValidatingAdmissionPolicy | MutatingAdmissionPolicy
type Binding = ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding

/**
 * What a policy finds in its parameters comes out in its messages: whoever writes one may read all objects of their kind, and who binds it those
 * that the binding names (reference: `authz.go` of the registries of both policies and of their bindings).
 */
export function policyParams(read: ObjectReader, held: HeldAccess): AdmissionPlugin {
  return {
    name: 'PolicyParams',
    resources: [...policies, ...bindings].map((plural) => `${plural}.${GROUP}`),
    handles: ({ operation, user, subresource }) =>
      subresource === '' &&
      (operation === 'CREATE' || operation === 'UPDATE') &&
      !user.groups.includes('system:masters'),
    async validate(attributes) {
      const { descriptor } = attributes
      const judge = bindings.includes(descriptor.plural) ? judgeBinding : judgePolicy
      const error = await judge(read, held, attributes)
      if (error) throw invalid({ group: GROUP, kind: descriptor.kind }, refusalName(attributes), [error])
    },
  }
}

type Judge = (read: ObjectReader, held: HeldAccess, attributes: AdmissionAttributes) => Promise<FieldError | undefined>

const judgePolicy: Judge = async (read, held, { object, oldObject, user }) => {
  const kind = (object as Policy).spec?.paramKind
  if (!kind || (oldObject && isDeepStrictEqual(kind, (oldObject as Policy).spec?.paramKind))) return undefined
  const { group, plural } = await resourceAsked(read, kind)
  if (await held.may(user, { verb: 'get', group, resource: plural, namespace: '*', name: '*' })) return undefined
  return fieldPath('spec', 'paramKind').forbidden(
    `user ${shown(user)} must have "get" permission on all objects of the referenced paramKind (kind=${kind.kind}, apiVersion=${kind.apiVersion})`,
  )
}

const judgeBinding: Judge = async (read, held, { descriptor, object, oldObject, user }) => {
  const { paramRef, policyName = '' } = (object as Binding).spec ?? {}
  const old = (oldObject as Binding | undefined)?.spec
  if (!paramRef || (old?.policyName === policyName && isDeepStrictEqual(old.paramRef, paramRef))) return undefined
  const plural = policies[bindings.indexOf(descriptor.plural)]!
  const policy = (await read.get(GROUP, plural, '', policyName)) as Policy | undefined
  const asked = await resourceAsked(read, policy?.spec?.paramKind)
  const { name = '', namespace = '' } = paramRef
  const verb = name === '' ? 'list' : 'get'
  if (await held.may(user, { verb, group: asked.group, resource: asked.plural, namespace, name })) return undefined
  return fieldPath('spec', 'paramRef').forbidden(
    policy
      ? `user ${shown(user)} does not have "${verb}" permission on the object referenced by paramRef`
      : `unable to get policy ${policyName} to determine minimum required permissions and user ${shown(user)} does not have "${verb}" permission for all groups, versions and resources`,
  )
}

/** What is not known could be anything. */
async function resourceAsked(read: ObjectReader, kind: ParamKind | undefined) {
  return (kind && (await resourceOf(read, kind))) ?? { group: '*', plural: '*' }
}

/** As Go shows a user. */
const shown = ({ name, uid = '', groups, extra = {} }: UserInfo): string =>
  `&{${name} ${uid} [${groups.join(' ')}] map[${Object.entries(extra)
    .map(([key, values]) => `${key}:[${values.join(' ')}]`)
    .join(' ')}]}`
