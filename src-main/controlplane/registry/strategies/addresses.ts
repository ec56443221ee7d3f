import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { validateIp } from './standard-addresses.ts'

const special: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(0\.0\.0\.0|::)$/, 'may not be unspecified (0.0.0.0)'],
  [/^(127\.|::1$)/, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^(169\.254\.|fe[89ab])/i, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^(224\.0\.0\.|ff02:)/i, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
]

/** Whether a service is the API server's own: where no node network exists, the server is at a loopback address. */
export function isOwnService(namespace: string | undefined, name: string | undefined): boolean {
  return namespace === 'default' && name === 'kubernetes'
}

/** An address that packets for a service may be sent to (reference: `ValidateEndpointIP`). */
export function endpointAddress(ip: string, path: FieldPath, own: boolean): FieldError[] {
  const errors = validateIp(ip, path)
  if (own || errors.length > 0) return errors
  return special.filter(([range]) => range.test(ip)).map(([, words]) => path.invalid(ip, words))
}
