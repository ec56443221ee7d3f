import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { badRequest, StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { Moment } from '../../registry/past.ts'
import type { Registry, Target } from '../../registry/registry.ts'
import type { Exchange } from '../http/exchange.ts'
import { pathNotFound } from '../scope.ts'
import { integerOf } from '../verbs/list-query.ts'

/** Revisions in an answer, when it is not said how many, and at most. */
const SOME = 100
const MOST = 500

/**
 * Answers what was written to an object, newest first: `{revisions: [{type, resourceVersion, time, object}], more}`, with `time` in milliseconds since
 * the epoch, absent for what stood there when the history that is kept begins. `limit` and `before` (a resourceVersion) make pages of it.
 */
export async function serveRevisions(exchange: Exchange, { past }: Registry, target: Target): Promise<void> {
  checkRead(exchange)
  if (target.name === '' || target.subresource !== '') throw pathNotFound()
  const { query } = exchange.info
  const limit = Math.min(integerOf(query, 'limit') ?? SOME, MOST)
  if (limit < 1) throw badRequest(`limit must be at least 1, not ${limit}`)
  const found = await past.revisionsOf(target, { limit, before: integerOf(query, 'before') })
  exchange.sendJson(200, {
    revisions: found.revisions.map(({ type, entry, time }) => ({
      type,
      resourceVersion: String(entry.revision),
      time,
      object: entry.as(target.served),
    })),
    more: found.more,
  })
}

/**
 * Answers between which moments lists can be read as they were, `{begins, now}`, each `{resourceVersion, time}`; with `?at=<time>`
 * (RFC 3339, or milliseconds since the epoch) also the revision that was newest then, as `at`. 410 when that is not kept any more.
 */
export function serveMoments(exchange: Exchange, { past }: Registry, clock: Clock): void {
  checkRead(exchange)
  if (exchange.info.path !== '/debug/history') throw pathNotFound()
  const asked = exchange.info.query.get('at')
  const time = asked === null ? undefined : timeOf(asked)
  if (time !== undefined && time > clock.now()) throw badRequest(`at is in the future: ${new Date(time).toISOString()}`)
  const at = time === undefined ? undefined : past.at(time)
  const bounds = past.bounds()
  if (!bounds) throw new StatusError(404, 'NotFound', 'nothing has been written to this cluster yet')
  exchange.sendJson(200, { begins: told(bounds.begins), now: told(bounds.now), ...(at ? { at: told(at) } : {}) })
}

const told = ({ revision, time }: Moment): object => ({ resourceVersion: String(revision), time })

function timeOf(text: string): number {
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isFinite(new Date(time).getTime())) return time
  throw badRequest(`at is no time: ${JSON.stringify(text)}; expected one like 2026-01-31T12:00:00Z, or milliseconds`)
}

/** The past cannot be written. */
function checkRead({ request }: Exchange): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  throw new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}
