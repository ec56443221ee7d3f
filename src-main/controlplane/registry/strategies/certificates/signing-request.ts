import { createPublicKey, type KeyObject, verify } from 'node:crypto'

/** Digests by the last bytes of the signature's algorithm (RFC 5758, RFC 8017, RFC 8410); null: the algorithm brings its own. */
const digests: ReadonlyMap<string, string | null> = new Map([
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2b6570', null],
])

/** One value of DER: where it begins, where its content begins and where it ends. */
interface Element {
  start: number
  content: number
  end: number
}

/** A PKCS#10 request as its signature covers it (RFC 2986). */
export interface SigningRequest {
  key: KeyObject
  /** Whether whoever made it holds the key. */
  verified: boolean
}

/** Reads a request in DER; undefined when it is none or signed in a way that no signer takes. */
export function readSigningRequest(der: Buffer): SigningRequest | undefined {
  try {
    const [info, algorithm, signature] = childrenOf(der, elementAt(der, 0))
    const key = childrenOf(der, info!)[2]!
    const oid = childrenOf(der, algorithm!)[0]!
    const digest = digests.get(der.toString('hex', oid.content, oid.end))
    if (digest === undefined) return undefined
    const publicKey = createPublicKey({ key: der.subarray(key.start, key.end), format: 'der', type: 'spki' })
    // The first byte of a bit string counts the bits it does not use.
    const signed = der.subarray(signature!.content + 1, signature!.end)
    return { key: publicKey, verified: verify(digest, der.subarray(info!.start, info!.end), publicKey, signed) }
  } catch {
    // Whatever is wrong with the bytes: they are no request.
    return undefined
  }
}

function elementAt(der: Buffer, start: number): Element {
  const first = der[start + 1]!
  const more = first < 0x80 ? 0 : first & 0x7f
  const content = start + 2 + more
  const length = more === 0 ? first : der.readUIntBE(start + 2, more)
  if (content + length > der.length) throw new RangeError('the value ends after the bytes')
  return { start, content, end: content + length }
}

function childrenOf(der: Buffer, { content, end }: Element): Element[] {
  const found: Element[] = []
  for (let at = content; at < end; at = found.at(-1)!.end) found.push(elementAt(der, at))
  return found
}
