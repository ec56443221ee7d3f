import { generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair) as (
  type: string,
  options: object,
) => Promise<{ privateKey: KeyObject; publicKey: KeyObject }>

interface KeyKind {
  make(): ReturnType<typeof generate>
  /** Null: the algorithm brings its own. */
  digest: string | null
  /** The signature's algorithm in DER (RFC 5758, RFC 8017, RFC 8410). */
  algorithm: string
}

const rsa = (modulusLength: number): KeyKind => ({
  make: () => generate('rsa', { modulusLength }),
  digest: 'sha256',
  algorithm: '300d06092a864886f70d01010b0500',
})
const ecdsa = (namedCurve: string, digest: string, last: string): KeyKind => ({
  make: () => generate('ec', { namedCurve }),
  digest,
  algorithm: `300a06082a8648ce3d0403${last}`,
})

/** `keyType` of a `podCertificate` source (KEP-4317). */
const kinds: ReadonlyMap<string, KeyKind> = new Map([
  ['RSA3072', rsa(3072)],
  ['RSA4096', rsa(4096)],
  ['ECDSAP256', ecdsa('prime256v1', 'sha256', '02')],
  ['ECDSAP384', ecdsa('secp384r1', 'sha384', '03')],
  ['ECDSAP521', ecdsa('secp521r1', 'sha512', '04')],
  ['ED25519', { make: () => generate('ed25519', {}), digest: null, algorithm: '300506032b6570' }],
])

/** A new private key in PEM (PKCS#8), and an otherwise empty request signed with it (PKCS#10, DER). */
export interface CertificateKey {
  key: string
  request: Buffer
}

/** Makes a key of the type; throws for one that is not known. */
export async function makeCertificateKey(keyType: string): Promise<CertificateKey> {
  const kind = kinds.get(keyType)
  if (!kind) throw new Error(`unknown key type ${JSON.stringify(keyType)}`)
  const { privateKey, publicKey } = await kind.make()
  const info = sequence([
    // Version 0, no subject, the key, no attributes.
    Buffer.from('0201003000', 'hex'),
    publicKey.export({ format: 'der', type: 'spki' }),
    Buffer.from('a000', 'hex'),
  ])
  const signature = bitString(sign(kind.digest, info, privateKey))
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    request: sequence([info, Buffer.from(kind.algorithm, 'hex'), signature]),
  }
}

const sequence = (parts: readonly Buffer[]): Buffer => element(0x30, Buffer.concat(parts))
/** The first byte counts the bits that are not used. */
const bitString = (bytes: Buffer): Buffer => element(0x03, Buffer.concat([Buffer.from([0]), bytes]))

function element(tag: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const size = length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff])
  return Buffer.concat([Buffer.from([tag]), size, content])
}
