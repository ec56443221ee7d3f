import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A new key, and the request to sign it. */
export interface SigningRequest {
  /** PEM, PKCS #10. */
  request: string
  /** PEM, PKCS #8. */
  key: string
}

/** A new P-256 key and a request that names it; `names` are the subject's alternative names. */
export async function signingRequest(
  subject: { commonName: string; organization: string },
  names: { dns: string[]; ips: string[] },
): Promise<SigningRequest> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const alternative = [
    ...names.dns.map((value) => ({ type: 'dns' as const, value })),
    ...names.ips.map((value) => ({ type: 'ip' as const, value })),
  ]
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `O=${subject.organization}, CN=${subject.commonName}`,
    keys: keys as Parameters<typeof x509.Pkcs10CertificateRequestGenerator.create>[0]['keys'],
    signingAlgorithm: algorithm,
    ...(alternative.length > 0 ? { extensions: [new x509.SubjectAlternativeNameExtension(alternative)] } : {}),
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { request: request.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') }
}

/** When a certificate (PEM) ends, milliseconds since the epoch. */
export function expiryOf(certificate: string): number {
  return new x509.X509Certificate(certificate).notAfter.getTime()
}
