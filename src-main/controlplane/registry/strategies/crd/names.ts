import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { APPROVAL, approvalOf, isProtectedGroup } from '../../../../../src-kube/kinds/apiextensions/approval.ts'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1035Label, isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'

const spec = fieldPath('spec')

/** Group, scope and names (kubernetes.io, CustomResourceDefinitionSpec). */
export function validateNames({ metadata, spec: given }: CustomResourceDefinition): FieldError[] {
  const { names } = given
  // What is required may be missing until it has been checked.
  const { group = '', scope = '' } = given as Partial<typeof given>
  const errors: FieldError[] = []
  const wanted = `${names.plural}.${group}`
  for (const field of ['generateName', 'name'] as const)
    if (metadata[field] && metadata[field] !== wanted)
      errors.push(fieldPath('metadata', field).invalid(metadata[field], 'must be spec.names.plural+"."+spec.group'))
  errors.push(...validateGroup(group, spec.child('group')))
  if (scope === '') errors.push(spec.child('scope').required())
  else if (scope !== 'Cluster' && scope !== 'Namespaced')
    errors.push(spec.child('scope').notSupported(scope, ['Cluster', 'Namespaced']))
  return [...errors, ...validateOwnNames(names, spec.child('names'))]
}

function validateGroup(group: string, path: FieldPath): FieldError[] {
  if (group === '') return [path.required()]
  const wrong = isDns1123Subdomain(group)
  if (wrong.length > 0) return [path.invalid(group, wrong.join(','))]
  return group.includes('.') ? [] : [path.invalid(group, 'should be a domain with at least one dot')]
}

function validateOwnNames(names: CustomResourceDefinition['spec']['names'], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const label = (value: string, at: FieldPath): void => {
    const wrong = isDns1035Label(value)
    if (wrong.length > 0) errors.push(at.invalid(value, wrong.join(',')))
  }
  const kind = (value: string, at: FieldPath): void => {
    const wrong = isDns1035Label(value.toLowerCase())
    if (wrong.length > 0)
      errors.push(at.invalid(value, `may have mixed case, but should otherwise match: ${wrong.join(',')}`))
  }
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    const value = names[field] ?? ''
    const at = path.child(field)
    if (value === '') errors.push(at.required())
    else if (field === 'kind' || field === 'listKind') kind(value, at)
    else label(value, at)
  }
  if (names.kind && names.kind === names.listKind)
    errors.push(path.child('listKind').invalid(names.listKind, 'kind and listKind may not be the same'))
  for (const field of ['shortNames', 'categories'] as const)
    for (const [i, name] of (names[field] ?? []).entries()) label(name, path.child(field).index(i))
  return errors
}

/** Groups that belong to Kubernetes need its approval (KEP-1111). */
export function validateApproval({ metadata, spec: { group } }: CustomResourceDefinition): FieldError[] {
  if (!group || !isProtectedGroup(group)) return []
  const { state, message } = approvalOf(metadata.annotations)
  const at = fieldPath('metadata', 'annotations').key(APPROVAL)
  if (state === 'missing') return [at.required(message)]
  return state === 'invalid' ? [at.invalid(metadata.annotations?.[APPROVAL], message)] : []
}
