import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
type Keys = Awaited<ReturnType<typeof webcrypto.subtle.generateKey>> & {
  privateKey: webcrypto.CryptoKey
  publicKey: webcrypto.CryptoKey
}
type X509Keys = Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[0]['keys']
type LeafParameters = Parameters<typeof x509.X509CertificateGenerator.create>[0]
type X509Key = LeafParameters['publicKey']
/** One of the library's two kinds of leaf is signed by a key, the other later. */
type SigningKey = LeafParameters extends { signingKey: infer K } ? K : never

/** A certificate with its key, PEM. */
export interface KeyPair {
  cert: string
  key: string
}

/** What a certificate says; for clients the organizations are groups (kubernetes.io, "PKI certificates and requirements"). */
export interface LeafOptions {
  commonName: string
  organizations?: readonly string[]
  dns?: readonly string[]
  ips?: readonly string[]
  usage: 'server' | 'client' | 'both'
  /** Milliseconds since the epoch. */
  notBefore: number
  notAfter: number
}

const generateKeys = async (): Promise<Keys> =>
  (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as Keys

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

async function readKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, true, ['sign'])
}

/** Object identifiers of extended key usages (RFC 5280, 4.2.1.12). */
const extendedUsage = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }

/** A self-signed CA (P-256). */
export async function createAuthority(name: string, notBefore: number, notAfter: number): Promise<KeyPair> {
  const keys = await generateKeys()
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    signingAlgorithm: algorithm,
    keys: keys as X509Keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: cert.toString('pem'), key: await keyPem(keys.privateKey) }
}

/** A leaf with a new key, signed by the CA. */
export async function createLeaf(authority: KeyPair, options: LeafOptions): Promise<KeyPair> {
  const keys = await generateKeys()
  const cert = await sign(authority, keys.publicKey as X509Key, options)
  return { cert, key: await keyPem(keys.privateKey) }
}

async function sign(authority: KeyPair, publicKey: X509Key, options: LeafOptions): Promise<string> {
  const issuer = new x509.X509Certificate(authority.cert)
  const usages =
    options.usage === 'both' ? [extendedUsage.server, extendedUsage.client] : [extendedUsage[options.usage]]
  const names = [
    ...(options.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(options.ips ?? []).map((value) => ({ type: 'ip' as const, value })),
  ]
  const subject = [...(options.organizations ?? []).map((o) => ({ O: [o] })), { CN: [options.commonName] }]
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject,
    issuer: issuer.subject,
    notBefore: new Date(options.notBefore),
    notAfter: new Date(options.notAfter),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: (await readKey(authority.key)) as SigningKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(usages),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return cert.toString('pem')
}

/** Sixteen random bytes, positive, as hexadecimal. */
function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0]! &= 0x7f
  return Buffer.from(bytes).toString('hex')
}

/** Facts of a certificate signing request. */
export interface RequestFacts {
  commonName: string
  organizations: string[]
  dnsNames: string[]
  ipAddresses: string[]
  emails: string[]
  uris: string[]
}

/** Reads a PKCS #10 request (PEM) and verifies its signature. Throws an Error that says what is wrong with it. */
export async function parseRequest(pem: string): Promise<RequestFacts> {
  const request = new x509.Pkcs10CertificateRequest(pem)
  if (!(await request.verify())) throw new Error('the signature of the certificate request does not match its key')
  const name = request.subjectName
  const alternative = request.extensions.find((extension) => extension instanceof x509.SubjectAlternativeNameExtension)
  const of = (type: string): string[] =>
    (alternative?.names.items ?? []).filter((item) => item.type === type).map((item) => item.value)
  return {
    commonName: name.getField('CN')[0] ?? '',
    organizations: name.getField('O'),
    dnsNames: of('dns'),
    ipAddresses: of('ip'),
    emails: of('email'),
    uris: of('url'),
  }
}

/** Signs a request as asked. */
export async function signRequest(
  authority: KeyPair,
  pem: string,
  leaf: Omit<LeafOptions, 'commonName' | 'organizations' | 'dns' | 'ips'>,
): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(pem)
  const facts = await parseRequest(pem)
  return sign(authority, request.publicKey as X509Key, {
    ...leaf,
    commonName: facts.commonName,
    organizations: facts.organizations,
    dns: facts.dnsNames,
    ips: facts.ipAddresses,
  })
}

/** End of a certificate and its alternative names, for renewal. */
export function factsOf(pem: string): { notAfter: number; names: string[] } {
  const certificate = new x509.X509Certificate(pem)
  const alternative = certificate.getExtension(x509.SubjectAlternativeNameExtension)
  return { notAfter: certificate.notAfter.getTime(), names: (alternative?.names.items ?? []).map((item) => item.value) }
}
