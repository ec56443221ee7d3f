import type { PodResourceClaim, PodSpec } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'

const lists = ['containers', 'initContainers'] as const

/** Whether a pod speaks of devices at all. */
export function usesClaims({ resourceClaims, containers, initContainers }: PodSpec): boolean {
  if (resourceClaims !== undefined) return true
  for (const { resources } of containers ?? []) if (resources?.claims) return true
  for (const { resources } of initContainers ?? []) if (resources?.claims) return true
  return false
}

/** kubernetes.io, "Dynamic Resource Allocation": the claims of a pod, and what its containers use of them. */
export function validateClaims(spec: PodSpec, path: FieldPath): FieldError[] {
  const names = new Set<string>()
  const errors = (spec.resourceClaims ?? []).flatMap((claim, i) =>
    validateClaim(claim, names, path.child('resourceClaims').index(i)),
  )
  for (const list of lists)
    for (const [i, { resources }] of (spec[list] ?? []).entries())
      errors.push(
        ...validateUses(resources?.claims ?? [], names, path.child(list).index(i).child('resources', 'claims')),
      )
  return errors
}

function validateClaim(claim: PodResourceClaim, names: Set<string>, path: FieldPath): FieldError[] {
  const { name, resourceClaimName, resourceClaimTemplateName } = claim
  const errors: FieldError[] = []
  if (!name) errors.push(path.child('name').required())
  else if (names.has(name)) errors.push(path.child('name').duplicate(name))
  else errors.push(...isDns1123Label(name).map((words) => path.child('name').invalid(name, words)))
  names.add(name)
  if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
    errors.push(
      path.invalid(claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
    )
  if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
    errors.push(path.invalid(claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
  for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
    const value = claim[field]
    if (value !== undefined)
      errors.push(...isDns1123Subdomain(value).map((words) => path.child(field).invalid(value, words)))
  }
  return errors
}

function validateUses(
  uses: ReadonlyArray<{ name: string; request?: string | undefined }>,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const seen = new Set<string>()
  return uses.flatMap(({ name, request }, i) => {
    const at = path.index(i)
    if (!name) return [at.required()]
    const errors: FieldError[] = []
    const use = request ? `${name}/${request}` : name
    // The whole claim is all of its requests.
    if (seen.has(use) || seen.has(name)) errors.push(at.duplicate(use))
    seen.add(use)
    if (!names.has(name)) {
      const missing = at.notFound(name)
      const known = names.size > 0 ? `: ${[...names].toSorted().join(', ')}` : ' which is empty'
      const message = `${missing.message}: must be one of the names in pod.spec.resourceClaims${known}`
      errors.push({ ...missing, message })
    }
    return errors
  })
}
