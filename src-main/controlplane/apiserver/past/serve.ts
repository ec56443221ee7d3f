import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { badRequest, StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { Moment, Past } from '../../registry/past.ts'
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
 * Of a collection it answers what was deleted: `{deleted: [{namespace, name, resourceVersion, time}]}`, the last one first.
 */
export async function serveRevisions(exchange: Exchange, { past }: Registry, target: Target): Promise<void> {
  checkRead(exchange)
  if (target.subresource !== '') throw pathNotFound()
  if (target.name === '') return exchange.sendJson(200, deletions(past, target))
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

function deletions(past: Past, target: Target): object {
  const found = past.deletionsOf(target).slice(0, SOME)
  return {
    deleted: found.map(({ revision, time, namespace, name }) => ({
      ...(namespace ? { namespace } : {}),
      name,
      ...told({ revision, time }),
    })),
  }
}

/**
 * Answers between which moments lists can be read as they were, `{begins, now}`, each `{resourceVersion, time}`; with `?at=<time>`
 * (RFC 3339, or milliseconds since the epoch) also the revision that was newest then, as `at`. 410 when that is not kept any more. With
 * `?parts=<n>&since=<time>` also how much was written in each of so many equal parts of the time since then, as `writes`.
 */
export function serveMoments(exchange: Exchange, { past }: Registry, clock: Clock): void {
  checkRead(exchange)
  if (exchange.info.path !== '/debug/history') throw pathNotFound()
  const asked = exchange.info.query.get('at')
  const time = asked === null ? undefined : timeOf(asked)
  const now = clock.now()
  if (time !== undefined && time > now)
    throw badRequest(
      `${new Date(time).toISOString()} is in the future: by the cluster's clock it is ${new Date(now).toISOString()}.`,
    )
  const at = time === undefined ? undefined : past.at(time)
  const bounds = past.bounds()
  if (!bounds) throw new StatusError(404, 'NotFound', 'nothing has been written to this cluster yet')
  const writes = writesOf(exchange.info.query, past, now)
  exchange.sendJson(200, {
    begins: told(bounds.begins),
    now: told(bounds.now),
    ...(at ? { at: told(at) } : {}),
    ...(writes ? { writes } : {}),
  })
}

function writesOf(query: URLSearchParams, past: Past, now: number): number[] | undefined {
  const parts = integerOf(query, 'parts')
  if (parts === undefined) return undefined
  if (parts < 1 || parts > MOST) throw badRequest(`parts must be between 1 and ${MOST}, not ${parts}`)
  return past.writes(timeOf(query.get('since') ?? ''), now, parts)
}

const told = ({ revision, time }: Moment): object => ({ resourceVersion: String(revision), time })

function timeOf(text: string): number {
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isFinite(new Date(time).getTime())) return time
  throw badRequest(`no time: ${JSON.stringify(text)}; expected one like 2026-01-31T12:00:00Z, or milliseconds`)
}

/** The past cannot be written. */
function checkRead({ request }: Exchange): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  throw new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}
