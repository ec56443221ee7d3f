import type { Affinity, NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import {
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '../../../../../src-kube/machinery/names.ts'
import { validateLabelSelector } from '../checks.ts'
import { validateLabelKeys } from './label-keys.ts'

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** kubernetes.io, "Assigning Pods to Nodes": node affinity, pod affinity and pod anti-affinity of a pod. */
export function validateAffinity(affinity: Affinity, path: FieldPath): FieldError[] {
  const errors = affinity.nodeAffinity ? validateNodeAffinity(affinity.nodeAffinity, path.child('nodeAffinity')) : []
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const at = path.child(kind)
    for (const [i, term] of (affinity[kind]?.[REQUIRED] ?? []).entries())
      errors.push(...validatePodTerm(term, at.child(REQUIRED).index(i)))
    for (const [i, { weight, podAffinityTerm }] of (affinity[kind]?.[PREFERRED] ?? []).entries()) {
      const entry = at.child(PREFERRED).index(i)
      errors.push(...validateWeight(weight, entry), ...validatePodTerm(podAffinityTerm, entry.child('podAffinityTerm')))
    }
  }
  return errors
}

function validateNodeAffinity(affinity: NodeAffinity, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const selector = affinity[REQUIRED]
  if (selector) errors.push(...validateNodeSelector(selector.nodeSelectorTerms, path.child(REQUIRED)))
  for (const [i, { weight, preference }] of (affinity[PREFERRED] ?? []).entries()) {
    const at = path.child(PREFERRED).index(i)
    errors.push(...validateWeight(weight, at), ...validateNodeTerm(preference, at.child('preference')))
  }
  return errors
}

/** Terms of a node selector, of a pod or of a persistent volume; an empty list would match nothing and is refused. */
export function validateNodeSelector(terms: readonly NodeSelectorTerm[] | undefined, path: FieldPath): FieldError[] {
  const at = path.child('nodeSelectorTerms')
  if (!terms?.length) return [at.required('must have at least one node selector term')]
  return terms.flatMap((term, i) => validateNodeTerm(term, at.index(i)))
}

function validateWeight(weight: number, path: FieldPath): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [path.child('weight').invalid(weight ?? 0, 'must be in the range 1-100')]
}

function validateNodeTerm(term: NodeSelectorTerm | undefined, path: FieldPath): FieldError[] {
  const byLabel = (term?.matchExpressions ?? []).flatMap((r, i) =>
    validateRequirement(r, path.child('matchExpressions').index(i)),
  )
  const byField = (term?.matchFields ?? []).flatMap((r, i) => validateField(r, path.child('matchFields').index(i)))
  return [...byLabel, ...byField]
}

function validateRequirement(requirement: NodeSelectorRequirement, path: FieldPath): FieldError[] {
  const { key, operator, values = [] } = requirement
  const at = path.child('values')
  const errors: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(at.required("must be specified when `operator` is 'In' or 'NotIn'"))
    for (const [i, value] of values.entries())
      errors.push(...isLabelValue(value).map((w) => at.index(i).invalid(value, w)))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.push(at.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(at.required("must be specified single value when `operator` is 'Lt' or 'Gt'"))
  } else errors.push(path.child('operator').invalid(operator ?? '', 'not a valid selector operator'))
  return [...errors, ...isQualifiedName(key ?? '').map((w) => path.child('key').invalid(key ?? '', w))]
}

/** Fields of a node: only its name can be asked for. */
function validateField({ key, operator, values = [] }: NodeSelectorRequirement, path: FieldPath): FieldError[] {
  const at = path.child('values')
  const errors: FieldError[] = []
  if ((operator as string) !== 'In' && operator !== 'NotIn')
    errors.push(path.child('operator').invalid(operator ?? '', 'not a valid selector operator'))
  else if (values.length !== 1)
    errors.push(at.required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  if (key !== 'metadata.name')
    return [...errors, path.child('key').invalid(key ?? '', 'not a valid field selector key')]
  for (const [i, value] of values.entries())
    errors.push(...isDns1123Subdomain(value).map((w) => at.index(i).invalid(value, w)))
  return errors
}

function validatePodTerm(term: PodAffinityTerm | undefined, path: FieldPath): FieldError[] {
  const errors = [
    ...validateLabelSelector(term?.labelSelector, path.child('labelSelector')),
    ...validateLabelSelector(term?.namespaceSelector, path.child('namespaceSelector')),
  ]
  for (const name of term?.namespaces ?? [])
    errors.push(...isDns1123Label(name).map((w) => path.child('namespace').invalid(name, w)))
  if (term) errors.push(...validateLabelKeys(term, path))
  const key = term?.topologyKey ?? ''
  if (!key) errors.push(path.child('topologyKey').required('can not be empty'))
  return [...errors, ...isQualifiedName(key).map((w) => path.child('topologyKey').invalid(key, w))]
}
