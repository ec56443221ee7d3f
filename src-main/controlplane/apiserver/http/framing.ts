import type { Incoming } from './exchange.ts'

/**
 * How a request's body is to be passed on whose length nobody told: in chunks. By itself Node adds them only for methods that usually have a body; one
 * of a DELETE it would send without an end.
 */
export function framing(request: Incoming): { 'transfer-encoding'?: 'chunked' } {
  const { headers } = request
  if (headers['content-length'] !== undefined) return {}
  const follows = 'stream' in request ? !request.stream.endAfterHeaders : headers['transfer-encoding'] !== undefined
  return follows ? { 'transfer-encoding': 'chunked' } : {}
}
