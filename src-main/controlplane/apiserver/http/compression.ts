import type { ServerResponse } from 'node:http'
import { createGzip, type Gzip } from 'node:zlib'
import type { Outgoing } from './exchange.ts'

/** Bytes up to which an answer is sent as it is: packing it would take longer than sending it (kube-apiserver's `APIResponseCompression`). */
export const PACKED_FROM = 128 * 1024

/** Headers of an answer that is packed. */
export const packedHeaders = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }

/** Whether a client takes gzip, which it names plainly. */
export const takesGzip = (accepted: string | undefined): boolean =>
  accepted !== undefined && accepted.split(',').some((one) => one.trim() === 'gzip')

/**
 * What is written into it is packed beside this thread, at the fastest level, and sent when there is room. It ends the response when it is ended itself, and
 * is destroyed when nobody reads any more.
 *
 * @param response that is not gone yet
 */
export function packedInto(response: Outgoing): Gzip {
  const gzip = createGzip({ level: 1 })
  response.once('close', () => gzip.destroy())
  // Both response classes are streams; TypeScript cannot join their overloads.
  gzip.pipe(response as ServerResponse)
  return gzip
}
