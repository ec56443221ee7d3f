import { X509Certificate } from 'node:crypto'
import type { ClusterTrustBundle } from '#types/certificates.k8s.io/v1beta1'
import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { isDns1123Subdomain } from '../../../../../src-kube/machinery/names.ts'
import { pemBlocks, type PemBlock } from '../../../../../src-kube/machinery/pem.ts'
import type { Strategy } from '../../strategy.ts'
import { immutable } from '../checks.ts'
import { validateSignerName } from './signer-name.ts'

const specPath = fieldPath('spec')
const bundlePath = specPath.child('trustBundle')
const NOTHING = '<value omitted>'
/** Bytes that a bundle may have. */
const LARGEST = 2 ** 20

/** kubernetes.io, "Cluster trust bundles": certificates of authorities; one for a signer is named after it. */
export const clusterTrustBundleStrategy: Strategy<ClusterTrustBundle> = {
  // A name has a prefix with colons where there is a signer: `validate` knows which.
  validateName: () => [],
  validate(_context, object) {
    const { metadata, spec } = object
    // What is required may be missing until it has been checked.
    const { signerName, trustBundle = '' } = spec as Partial<typeof spec>
    const name = metadata.name ?? ''
    const errors = bundleNameWords(name, signerName).map((words) => fieldPath('metadata', 'name').invalid(name, words))
    if (signerName) errors.push(...validateSignerName(signerName, specPath.child('signerName')))
    return [...errors, ...validateBundle(trustBundle)]
  },
  validateUpdate: (_context, object, old) =>
    immutable(object.spec.signerName, old.spec.signerName, specPath.child('signerName')),
}

/** What is wrong with the name of a bundle of a signer, or of none. */
export function bundleNameWords(name: string, signerName: string | undefined): string[] {
  if (!signerName) {
    if (name.includes(':')) return ['ClusterTrustBundle without signer name must not have ":" in its name']
    return isDns1123Subdomain(name)
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`
  if (name.startsWith(prefix)) return isDns1123Subdomain(name.slice(prefix.length))
  return [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`]
}

function validateBundle(text: string): FieldError[] {
  if (Buffer.byteLength(text) > LARGEST) return [bundlePath.tooLong(LARGEST)]
  const blocks = pemBlocks(text)
  const errors = blocks.flatMap((block, i) => blockWords(block, i).map((words) => bundlePath.invalid(NOTHING, words)))
  if (errors.length > 0) return errors
  if (blocks.length === 0) return [bundlePath.invalid(NOTHING, 'at least one trust anchor must be provided')]
  const seen = new Map<string, number[]>()
  for (const [i, { body }] of blocks.entries()) seen.set(body, [...(seen.get(body) ?? []), i])
  return [...seen.values()]
    .filter((indices) => indices.length > 1)
    .map((indices) => bundlePath.invalid(NOTHING, `duplicate trust anchor (indices [${indices.join(' ')}])`))
}

function blockWords({ type, hasHeaders, body }: PemBlock, i: number): string[] {
  if (type !== 'CERTIFICATE') return [`entry ${i} has bad block type: ${type}`]
  if (hasHeaders) return [`entry ${i} has PEM block headers`]
  const certificate = certificateOf(body)
  if (!certificate) return [`entry ${i} does not parse as X.509`]
  return certificate.ca ? [] : [`entry ${i} does not have the CA bit set`]
}

/** The certificate of a block; undefined when it is none. */
export function certificateOf(body: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(body, 'base64'))
  } catch {
    return undefined
  }
}
