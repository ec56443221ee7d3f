import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { PodCertificateRequestSpec } from '#types/certificates.k8s.io/v1beta1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath, type FieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { readSigningRequest } from './signing-request.ts'
import { wrong } from './wrong.ts'

const spec = fieldPath('spec')
/** Bytes of a key, a proof or a request. */
const LARGEST = 10 * 1024
const curves = ['prime256v1', 'secp384r1', 'secp521r1']
const sizes = [3072, 4096]

/** The key that a certificate is asked for; undefined when the request names none. */
export function requestedKey({ stubPKCS10Request, pkixPublicKey }: PodCertificateRequestSpec): KeyObject | undefined {
  if (stubPKCS10Request) return readSigningRequest(Buffer.from(stubPKCS10Request, 'base64'))?.key
  return readKey(Buffer.from(pkixPublicKey ?? '', 'base64'))
}

/** A key is named by a request signed with it, or by itself with a signature over the pod's uid (KEP-4317). */
export function validateKey(request: PodCertificateRequestSpec): FieldError[] {
  const { stubPKCS10Request, pkixPublicKey, proofOfPossession } = request
  for (const [name, value] of Object.entries({ stubPKCS10Request, pkixPublicKey, proofOfPossession }))
    if (Buffer.from(value ?? '', 'base64').length > LARGEST) return [spec.child(name).tooLong(LARGEST)]
  const both = pkixPublicKey && proofOfPossession
  if (stubPKCS10Request ? pkixPublicKey || proofOfPossession : !both)
    return [wrong(spec, 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set')]
  return stubPKCS10Request ? validateStub(stubPKCS10Request) : validatePair(request)
}

function validateStub(text: string): FieldError[] {
  const path = spec.child('stubPKCS10Request')
  const request = readSigningRequest(Buffer.from(text, 'base64'))
  if (!request) return [wrong(path, 'must be a valid PKCS#10 certificate signing request')]
  const errors = validateKind(request.key, path)
  if (errors.length > 0 || request.verified) return errors
  return [wrong(path, 'could not verify the signature of the certificate signing request')]
}

function validatePair({ pkixPublicKey = '', proofOfPossession = '', podUID }: PodCertificateRequestSpec): FieldError[] {
  const path = spec.child('pkixPublicKey')
  const key = readKey(Buffer.from(pkixPublicKey, 'base64'))
  if (!key) return [wrong(path, 'must be a valid PKIX-serialized public key')]
  const errors = validateKind(key, path)
  if (errors.length > 0 || proves(key, podUID, Buffer.from(proofOfPossession, 'base64'))) return errors
  return [wrong(spec.child('proofOfPossession'), 'could not verify proof-of-possession signature')]
}

function validateKind(
  { asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject,
  path: FieldPath,
): FieldError[] {
  if (type === 'ed25519') return []
  if (type === 'ec') {
    if (curves.includes(details.namedCurve ?? '')) return []
    return [path.invalid(`curve ${details.namedCurve}`, 'elliptic public keys must use curve P256, P384 or P521')]
  }
  if (type === 'rsa') {
    if (sizes.includes(details.modulusLength ?? 0)) return []
    return [path.invalid(`${details.modulusLength}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096')]
  }
  return [wrong(path, 'unknown public key type; supported types are Ed25519, ECDSA, and RSA')]
}

function proves(key: KeyObject, uid: string, proof: Buffer): boolean {
  const data = Buffer.from(uid)
  if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, proof)
  if (key.asymmetricKeyType === 'ec') return verify('sha256', data, key, proof)
  return verify('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING }, proof)
}

function readKey(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
