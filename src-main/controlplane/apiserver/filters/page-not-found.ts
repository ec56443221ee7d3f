import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { Exchange } from '../http/exchange.ts'
import { forbidSniffing } from './refused.ts'

/** Nothing of the API's own is at a path: no route of a built-in group, and no custom kind. */
export class PageNotFoundError extends StatusError {
  constructor() {
    super(404, 'NotFound', 'the server could not find the requested resource', {})
  }
}

/**
 * Answers such an error in plain words, as upstream's last handler does (reference: apiserver, `notfoundhandler`): no server that speaks of
 * Status is at such a path. Whether it was one.
 */
export function answerPageNotFound(exchange: Exchange, error: unknown): boolean {
  if (!(error instanceof PageNotFoundError) || exchange.hasBegun) return false
  forbidSniffing(exchange)
  exchange.send(404, '404 page not found\n', 'text/plain; charset=utf-8')
  return true
}
