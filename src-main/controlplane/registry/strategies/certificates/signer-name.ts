import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'

/** A domain, a slash and a path of both at their longest. */
const LONGEST = 571

/** Whether Kubernetes itself signs under this name. */
export const isKubernetesSigner = (name: string): boolean => name.startsWith('kubernetes.io/')

/** `example.com/signer-name` (kubernetes.io, "Certificates and Certificate Signing Requests: Signers"). */
export function validateSignerName(name: string | undefined, path: FieldPath): FieldError[] {
  if (!name) return [path.required()]
  const [domain = '', last = '', ...more] = name.split('/')
  if (last === '' || more.length > 0)
    return [path.invalid(name, 'must be a fully qualified domain and path of the form "example.com/signer-name"')]
  const errors = [...domain.split('.'), ...last.split('.')].flatMap((label) =>
    isDns1123Subdomain(label).map((words) => path.invalid(name, `validating label ${JSON.stringify(label)}: ${words}`)),
  )
  if (!domain.includes('.'))
    errors.push(path.invalid(name, 'should be a domain with at least two segments separated by dots'))
  if (name.length > LONGEST) errors.push(path.tooLong(LONGEST))
  return errors
}
