import type { PodCertificateRequest, PodCertificateRequestSpec } from '#types/certificates.k8s.io/v1beta1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import type { Strategy } from '../../strategy.ts'
import { immutable } from '../checks.ts'
import { validateCertificateStatus } from './pod-certificate-status.ts'
import { validateKey } from './public-key.ts'
import { isKubernetesSigner, validateSignerName } from './signer-name.ts'

const path = fieldPath('spec')
const LONGEST_UID = 128
/** Seconds that a certificate may last: an hour to 91 days; a day where Kubernetes signs. */
const [SHORTEST, LONGEST, LONGEST_KUBERNETES] = [3600, 91 * 86_400, 86_400]

/** Whom a certificate is for never changes; whoever signs writes the status, once (kubernetes.io, "Pod certificate requests"). */
export const podCertificateRequestStrategy: Strategy<PodCertificateRequest> = {
  prepareForCreate(_context, object) {
    object['status'] = {}
  },
  prepareForUpdate({ subresource }, object, old) {
    if (subresource === 'status') object['spec'] = old['spec']
    else object['status'] = old['status']
  },
  validateCreate: (_context, object) => validateSpec(object.spec),
  validateUpdate: (_context, object, old) => immutable(object.spec, old.spec, path),
  validateStatusUpdate: ({ now }, object, old) => validateCertificateStatus(object, old, now),
}

function validateSpec(spec: PodCertificateRequestSpec): FieldError[] {
  const { signerName, maxExpirationSeconds: seconds = 0 } = spec
  const errors = [
    ...validateSignerName(signerName, path.child('signerName')),
    ...validateAnnotations(spec.unverifiedUserAnnotations, path.child('unverifiedUserAnnotations')),
  ]
  for (const name of ['pod', 'serviceAccount', 'node'] as const) {
    const value = spec[`${name}Name`] ?? ''
    const uid = spec[`${name}UID`] ?? ''
    errors.push(...isDns1123Subdomain(value).map((words) => path.child(`${name}Name`).invalid(value, words)))
    if (uid === '') errors.push(path.child(`${name}UID`).invalid(uid, 'must not be empty'))
    if (uid.length > LONGEST_UID) errors.push(path.child(`${name}UID`).tooLong(LONGEST_UID))
  }
  const longest = isKubernetesSigner(signerName ?? '') ? LONGEST_KUBERNETES : LONGEST
  if (seconds < SHORTEST || seconds > longest)
    errors.push(path.child('maxExpirationSeconds').invalid(seconds, `must be in the range [${SHORTEST}, ${longest}]`))
  return [...errors, ...validateKey(spec)]
}

const LARGEST_ANNOTATIONS = 256 * 1024

/** What a pod tells its signer: keys have a domain. */
export function validateAnnotations(annotations: Record<string, string> = {}, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of Object.entries(annotations)) {
    size += key.length + value.length
    if (!/^[^/]+\/[^/]+$/.test(key))
      errors.push(at.invalid(key, 'must be a domain-prefixed key (such as "acme.io/foo")'))
  }
  if (size > LARGEST_ANNOTATIONS) errors.push(at.tooLong(LARGEST_ANNOTATIONS))
  return errors
}
