import { createPrivateKey, X509Certificate } from 'node:crypto'

interface Block {
  type: string
  pem: string
}

const BLOCK = /-----BEGIN ([^\n-]+)-----\s[^]*?-----END \1-----/g

const blocksOf = (pem: string): Block[] =>
  [...pem.matchAll(BLOCK)].map(([block, type]) => ({ type: type!, pem: block }))

const isKey = (type: string): boolean => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')
const typesOf = (blocks: readonly Block[]): string => `[${blocks.map(({ type }) => type).join(' ')}]`

/**
 * Why a certificate and a key, both PEM, are no pair that a server could show, in the words of Go's `tls.X509KeyPair`; nothing when they are
 * one. (kubernetes.io, "Secrets: TLS Secrets": the API server does not refuse what does not fit.)
 */
export function problemOfPair(certificate: string, key: string): string | undefined {
  const certificates = blocksOf(certificate)
  const leaf = certificates.find(({ type }) => type === 'CERTIFICATE')
  if (!leaf) return noCertificate(certificates)
  const keys = blocksOf(key)
  const own = keys.find(({ type }) => isKey(type))
  return own ? problemOfParts(leaf.pem, own.pem) : noKey(keys)
}

function noCertificate(found: readonly Block[]): string {
  if (found.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (found.length === 1 && isKey(found[0]!.type))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  const after = `after skipping PEM blocks of the following types: ${typesOf(found)}`
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input ${after}`
}

function noKey(found: readonly Block[]): string {
  if (found.length === 0) return 'tls: failed to find any PEM data in key input'
  if (found.length === 1 && found[0]!.type === 'CERTIFICATE')
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  const after = `after skipping PEM blocks of the following types: ${typesOf(found)}`
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input ${after}`
}

function problemOfParts(certificate: string, key: string): string | undefined {
  const parsed = attempt(() => new X509Certificate(certificate))
  if (!parsed) return 'x509: malformed certificate'
  const secret = attempt(() => createPrivateKey(key))
  if (!secret) return 'tls: failed to parse private key'
  if (parsed.publicKey.asymmetricKeyType !== secret.asymmetricKeyType)
    return 'tls: private key type does not match public key type'
  return parsed.checkPrivateKey(secret) ? undefined : 'tls: private key does not match public key'
}

/** What Node cannot parse is not what it is named; it says no more of it than that. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
