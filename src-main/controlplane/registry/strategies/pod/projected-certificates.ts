import type { ClusterTrustBundleProjection, PodCertificateProjection } from '#types/core/v1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { validateAnnotations } from '../certificates/pod-certificate-request.ts'
import { isKubernetesSigner, validateSignerName } from '../certificates/signer-name.ts'
import { bundleNameWords } from '../certificates/trust-bundle.ts'
import { validateLabelSelector } from '../checks.ts'

const keyTypes = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096']
/** Seconds that a certificate may last: an hour to 91 days; a day where Kubernetes signs. */
const [SHORTEST, LONGEST, LONGEST_KUBERNETES] = [3600, 91 * 86_400, 86_400]

/** The signer of a bundle that is named after one. */
const signerOf = (name: string): string | undefined => {
  const [domain, path, ...rest] = name.split(':')
  return rest.length > 0 ? `${domain}/${path}` : undefined
}

/** Bundles by their name, or by their signer and labels (KEP-3257); the path is judged by the caller. */
export function validateTrustBundle(
  { name, signerName, labelSelector }: ClusterTrustBundleProjection,
  path: FieldPath,
): FieldError[] {
  if (name !== undefined && signerName !== undefined)
    return [path.invalid('', 'only one of name and signerName may be used')]
  if (name !== undefined) {
    const errors = name === '' ? [path.child('name').required('must be a valid object name')] : []
    for (const words of bundleNameWords(name, signerOf(name)))
      errors.push(path.child('name').invalid(name, `not a valid clustertrustbundlename: ${words}`))
    if (labelSelector)
      errors.push(path.child('labelSelector').invalid('', 'labelSelector must be unset if name is specified'))
    return errors
  }
  if (signerName === undefined) return [path.required('either name or signerName must be specified')]
  if (signerName === '') return [path.child('signerName').required('must be a valid signer name')]
  return [
    ...validateSignerName(signerName, path.child('signerName')),
    ...validateLabelSelector(labelSelector, path.child('labelSelector')),
  ]
}

/** A key and a certificate for the pod (KEP-4317); its paths are judged by the caller. */
export function validatePodCertificate(source: PodCertificateProjection, path: FieldPath): FieldError[] {
  const { signerName = '', keyType = '', maxExpirationSeconds: seconds, userAnnotations } = source
  const errors = validateSignerName(signerName, path.child('signerName'))
  if (!keyTypes.includes(keyType)) errors.push(path.child('keyType').notSupported(keyType, keyTypes))
  const longest = isKubernetesSigner(signerName) ? LONGEST_KUBERNETES : LONGEST
  if (seconds !== undefined && (seconds < SHORTEST || seconds > longest)) {
    const words =
      seconds < SHORTEST
        ? `if provided, maxExpirationSeconds must be >= ${SHORTEST}`
        : `if provided, maxExpirationSeconds must be <= ${longest}`
    errors.push(path.child('maxExpirationSeconds').invalid(seconds, words))
  }
  if (!source.credentialBundlePath && !source.keyPath && !source.certificateChainPath)
    errors.push(path.required('specify at least one of credentialBundlePath, keyPath, and certificateChainPath'))
  return [...errors, ...validateAnnotations(userAnnotations, path.child('userAnnotations'))]
}
