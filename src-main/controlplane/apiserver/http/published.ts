import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Exchange } from './exchange.ts'

/** A document as clients cache it (RFC 9110, "Conditional requests"): by a hash of its content. */
export interface Published {
  /** Compressed: descriptions make these documents ten times as long, and clients that cache them take gzip. */
  gzip: Buffer
  /** SHA-512 in upper-case hexadecimal digits, as the API server writes it. */
  hash: string
  type: string
}

/** Compresses a document that many will fetch, once; the hash is its ETag. */
export function publish(content: Buffer | string, type = 'application/json'): Published {
  return { gzip: gzipSync(content, { level: 1 }), hash: hashOf(content), type }
}

export const contentOf = ({ gzip }: Published): Buffer => gunzipSync(gzip)

/** SHA-512 in capital letters, as upstream writes it. */
export const hashOf = (content: Buffer | string): string =>
  createHash('sha512').update(content).digest('hex').toUpperCase()

/** Answers with the document, or 304 when the client has it already. */
export function sendPublished(exchange: Exchange, document: Published): void {
  const { gzip, hash, type } = document
  if (isCached(exchange, hash)) return
  const zipped = /\bgzip\b/.test(exchange.header('accept-encoding') ?? '')
  exchange.setHeader('vary', 'Accept, Accept-Encoding')
  if (zipped) exchange.setHeader('content-encoding', 'gzip')
  exchange.send(200, zipped ? gzip : contentOf(document), type)
}

/** Sets the entity tag and, when the client named the same, answers 304. True when answered. */
export function isCached(exchange: Exchange, hash: string): boolean {
  const tag = `"${hash}"`
  exchange.setHeader('etag', tag)
  const known = (exchange.header('if-none-match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (!known.includes(tag)) return false
  exchange.setHeader('vary', 'Accept')
  exchange.begin(304, {})
  exchange.response.end()
  return true
}
