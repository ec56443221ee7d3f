import { forbidSniffing } from '../filters/refused.ts'
import type { Exchange } from '../http/exchange.ts'
import type { RequestInfo } from '../http/request-info.ts'
import { type FlowControl, type TakenSeats, TooManyRequests } from './flow-control.ts'

/** Seconds after which a refused client should come again. */
const RETRY_AFTER = '1'

/** Objects there are of a resource. */
export type Count = (group: string, resource: string) => number

/** Subresources whose answers last: they are no part of the load that priorities divide. */
const lasting = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** Whether the answer lasts as long as its client wants (exec, logs, …): such requests take no seat. */
export const isLasting = ({ subresource, verb }: RequestInfo): boolean => lasting.has(subresource) || verb === 'proxy'

/**
 * Gives a request its seats, now or once there are some, and says in the answer's headers what it was taken for. Undefined for requests
 * that last; a watch counts until it has begun (kubernetes.io, "API Priority and Fairness: Watch Requests").
 */
export function admitToWork(
  control: FlowControl,
  exchange: Exchange,
  count: Count,
): TakenSeats | Promise<TakenSeats> | undefined {
  const { info, user } = exchange
  if (isLasting(info)) return undefined
  const flow = control.flowOf(user, info)
  if (!flow) return undefined
  exchange.setHeader('x-kubernetes-pf-flowschema-uid', flow.schemaUid)
  exchange.setHeader('x-kubernetes-pf-prioritylevel-uid', flow.levelUid)
  return control.enter(flow, { user, asked: info }, widthOf(info, count), () => whenGone(exchange))
}

function whenGone({ response }: Exchange): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return gone.signal
}

/** Objects of a list that one seat is reckoned for, and the most seats of a request. */
const OBJECTS_PER_SEAT = 100
const MOST_SEATS = 10

/** Lists are reckoned by the objects that they may answer (kubernetes.io, "Seats Occupied by a Request"); all else takes one seat. */
function widthOf({ verb, group, resource, query }: RequestInfo, count: Count): number {
  if (verb !== 'list') return 1
  const limit = Number(query.get('limit') ?? 0)
  const objects = limit > 0 ? Math.min(limit, count(group, resource)) : count(group, resource)
  return Math.min(MOST_SEATS, Math.max(1, Math.ceil(objects / OBJECTS_PER_SEAT)))
}

/** Answers a request that found no seat; false for any other error. */
export function answerTooMany(exchange: Exchange, error: unknown): boolean {
  if (!(error instanceof TooManyRequests)) return false
  forbidSniffing(exchange)
  exchange.setHeader('retry-after', RETRY_AFTER)
  exchange.send(429, `${error.message}\n`, 'text/plain; charset=utf-8')
  return true
}
