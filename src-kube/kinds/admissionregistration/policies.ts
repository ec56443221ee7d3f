import type {
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '#types/admissionregistration.k8s.io/v1'
import { age, ageColumn, integer, nameColumn, text, UNSET } from '../cells.ts'
import { defineKind } from '../define.ts'

const GROUP = 'admissionregistration.k8s.io'

function defaultMatch(match: MatchResources | undefined): void {
  if (!match) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*'
}

const paramKind = (kind: ParamKind | undefined): string =>
  kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : UNSET

function paramRef(ref: ParamRef | undefined): string {
  if (!ref) return UNSET
  const name = ref.name ?? '*'
  return ref.namespace ? `${ref.namespace}/${name}` : name
}

export const validatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>({
  group: GROUP,
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  cluster: true,
  status: true,
  hasGeneration: true,
  defaults: ({ spec }) => {
    if (spec) spec.failurePolicy ??= 'Fail'
    defaultMatch(spec?.matchConstraints)
  },
  columns: [nameColumn, integer('Validations'), text('ParamKind'), ageColumn],
  row: (o, now) => [o.metadata.name, o.spec?.validations?.length ?? 0, paramKind(o.spec?.paramKind), age(o, now)],
})

/** Where a policy holds, and with which parameters: of both kinds of policies alike. */
const bindingKind = <T extends ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding>(
  kind: string,
  plural: string,
) =>
  defineKind<T>({
    group: GROUP,
    kind,
    plural,
    categories: ['api-extensions'],
    cluster: true,
    hasGeneration: true,
    defaults: ({ spec }) => defaultMatch(spec?.matchResources),
    columns: [nameColumn, text('PolicyName'), text('ParamRef'), ageColumn],
    row: (o, now) => [o.metadata.name, o.spec?.policyName ?? '', paramRef(o.spec?.paramRef), age(o, now)],
  })

export const validatingAdmissionPolicyBinding = bindingKind<ValidatingAdmissionPolicyBinding>(
  'ValidatingAdmissionPolicyBinding',
  'validatingadmissionpolicybindings',
)

export const mutatingAdmissionPolicy = defineKind<MutatingAdmissionPolicy>({
  group: GROUP,
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  categories: ['api-extensions'],
  cluster: true,
  hasGeneration: true,
  defaults: ({ spec }) => {
    if (spec) {
      spec.failurePolicy ??= 'Fail'
    }
    defaultMatch(spec?.matchConstraints)
  },
  columns: [nameColumn, integer('Mutations'), text('ParamKind'), ageColumn],
  row: (o, now) => [o.metadata.name, o.spec?.mutations?.length ?? 0, paramKind(o.spec?.paramKind), age(o, now)],
})

export const mutatingAdmissionPolicyBinding = bindingKind<MutatingAdmissionPolicyBinding>(
  'MutatingAdmissionPolicyBinding',
  'mutatingadmissionpolicybindings',
)
