import { methodNotSupported } from '../../../../src-kube/machinery/errors.ts'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { TraceDocument, TraceRequest } from '../../../../src-wire/trace/document.ts'
import type { NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import type { ObjectReader } from '../../admission/admission.ts'
import { decodeBody, readBody, type Exchange } from '../http/exchange.ts'
import { conclude } from './conclude.ts'
import { factsOf } from './facts.ts'
import { followPacket } from './follow.ts'
import { hopsOf } from './hops.ts'
import { gather, type MaySee } from './known.ts'
import { planTrace } from './plan.ts'
import { type Authorize, checkTrace, maySee, parseTrace } from './request.ts'

export { TRACE_PATH } from '../../../../src-wire/trace/document.ts'

/** What a trace reads and whom it asks. */
export interface TraceContext {
  read: ObjectReader
  tunnels: NodeTunnels
  clock: Clock
  /** Asks about the user of a request. */
  authorize: Authorize
}

/**
 * Where a packet goes: opens one real connection from a pod or node, and answers what both ends saw of it. It judges itself who may ask:
 * those who may run commands in the pod, or use the node's proxy. Throws 400, 403 and 404; a node that is away is part of the answer.
 */
export async function serveTrace(exchange: Exchange, context: TraceContext): Promise<void> {
  const { user, request } = exchange
  const { authorize } = context
  if (request.method !== 'POST') throw methodNotSupported({ group: '', resource: 'traces' }, exchange.info.verb)
  const asked = parseTrace(decodeBody(await readBody(request), exchange.header('content-type')))
  await checkTrace(user, asked, authorize)
  exchange.sendJson(200, await traceDocument(asked, context, maySee(user, authorize)))
}

/** The answer to a request, of which the user sees what `maySee` says. Throws 400 and 404 for what cannot be sent. */
export async function traceDocument(
  asked: TraceRequest,
  { read, tunnels, clock }: Pick<TraceContext, 'read' | 'tunnels' | 'clock'>,
  maySee: MaySee,
): Promise<TraceDocument> {
  const facts = factsOf(read)
  const time = new Date(clock.now()).toISOString()
  const plan = await planTrace(asked, facts)
  const followed = await followPacket(plan, facts, tunnels, clock)
  const known = await gather(plan, followed, facts, maySee)
  const hops = hopsOf(known)
  const { host, port, protocol } = plan.probe
  return {
    ...conclude(known, hops),
    hops,
    sent: { host, port, protocol: protocol === 'udp' ? 'UDP' : 'TCP' },
    time,
  }
}
