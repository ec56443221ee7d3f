import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { Exchange } from '../http/exchange.ts'

/** Tells browsers to take an answer for nothing but what it says it is. */
export function forbidSniffing(exchange: Pick<Exchange, 'setHeader'>): void {
  exchange.setHeader('x-content-type-options', 'nosniff')
}

/**
 * Throws `error` again. A refusal repeats what the request said, so no browser may guess what it is (reference: kube-apiserver,
 * `Forbidden`).
 */
export function refuse(exchange: Pick<Exchange, 'setHeader'>, error: unknown): never {
  if (error instanceof StatusError && error.code === 403) forbidSniffing(exchange)
  throw error
}
