import { constants, type ClientHttp2Stream } from 'node:http2'
import { Readable } from 'node:stream'

/**
 * What a stream receives, as a `Readable` of its own; to be made while the answer's headers are handed over. A server may end a stream whole
 * before anybody reads it, as Go's does with `RST_STREAM(NO_ERROR)` once it has answered (RFC 9113, section 8.1): what iterates over the stream
 * itself then takes its `closed` for an end before time, though everything that came can still be read. A stream that ends before its answer does
 * fails with "Premature close", also one whose connection is lost, which Node itself ends as if it were whole; destroying the body ends the
 * stream. Whoever does not read the body need not hear of its failure.
 */
export function bodyOf(stream: ClientHttp2Stream): Readable {
  let hasEnded = false
  const body = new Readable({
    read: () => stream.resume(),
    destroy(error, done) {
      if (!hasEnded) stream.destroy()
      done(error)
    },
  })
  body.on('error', () => undefined)
  stream.on('data', (chunk: Buffer) => {
    if (!body.push(chunk)) stream.pause()
  })
  stream.once('end', () => {
    if (stream.rstCode === constants.NGHTTP2_CANCEL) return
    hasEnded = true
    body.push(null)
  })
  stream.on('error', (error: Error) => body.destroy(error))
  stream.once('close', () => {
    if (!hasEnded) body.destroy(new Error('Premature close'))
  })
  return body
}
