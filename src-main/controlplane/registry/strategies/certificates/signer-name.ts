import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'

/** A domain, a slash and a path of both at their longest. */
const LONGEST = 571

/** Whether Kubernetes itself signs under this name. */
export function isKubernetesSigner(name: string): boolean {
  const [domain = ''] = name.split('/')
  return domain === 'kubernetes.io' || domain.endsWith('.kubernetes.io')
}

/** `example.com/signer-name` (kubernetes.io, "Certificates and Certificate Signing Requests: Signers"). */
export function validateSignerName(name: string | undefined, path: FieldPath): FieldError[] {
  if (!name) return [path.required()]
  const [domain = '', last, ...more] = name.split('/')
  if (last === undefined || more.length > 0)
    return [path.invalid(name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  const errors = firstBadLabel(domain, isDns1123Label, path)
  if (!domain.includes('.'))
    errors.push(path.invalid(domain, 'should be a domain with at least two segments separated by dots'))
  errors.push(...firstBadLabel(last, isDns1123Subdomain, path))
  if (name.length > LONGEST) errors.push(path.tooLong(LONGEST))
  return errors
}

/** What is wrong with the first part between dots that is wrong at all: of more the words would be the same. */
function firstBadLabel(segment: string, faults: (label: string) => string[], path: FieldPath): FieldError[] {
  for (const label of segment.split('.')) {
    const words = faults(label)
    if (words.length > 0)
      return words.map((fault) => path.invalid(segment, `validating label ${JSON.stringify(label)}: ${fault}`))
  }
  return []
}
