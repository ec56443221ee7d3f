import { X509Certificate } from 'node:crypto'

const BLOCK = /-----BEGIN ([^\n]*?)-----\s*\n([\s\S]*?)-----END \1-----/g

/**
 * Why what a signer writes is no chain of certificates, in upstream's words (reference: `validateCertificate` of CertificateSigningRequests);
 * undefined when it is.
 *
 * @param content Base64 of PEM blocks.
 */
export function certificateFault(content: string): string | undefined {
  const blocks = [...Buffer.from(content, 'base64').toString('latin1').matchAll(BLOCK)]
  for (const [block, type = '', inside = ''] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    if (inside.includes(':')) return 'no PEM block headers are permitted'
    const fault = parseFault(block)
    if (fault !== undefined) return fault
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

function parseFault(pem: string): string | undefined {
  try {
    void new X509Certificate(pem)
    return undefined
  } catch (error) {
    return `x509: malformed certificate: ${(error as Error).message}`
  }
}
