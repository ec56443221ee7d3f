import type { UserInfo } from '../../admission/admission.ts'
import type { StatusObject } from '../../../../src-kube/machinery/errors.ts'
import { formatMicroTime } from '../../../../src-kube/machinery/time.ts'
import type { Incoming } from '../http/exchange.ts'
import type { RequestInfo } from '../http/request-info.ts'
import type { AuditLevel, AuditStage } from './policy.ts'

interface EventUser {
  username?: string
  uid?: string
  groups?: readonly string[]
  extra?: Record<string, string[]>
}

interface ObjectReference {
  resource?: string
  namespace?: string
  name?: string
  uid?: string
  apiGroup?: string
  apiVersion?: string
  resourceVersion?: string
  subresource?: string
}

/** `audit.k8s.io/v1` Event: one stage of one request (kubernetes.io, "Auditing"; "kube-apiserver Audit Configuration (v1)"). */
export interface AuditEvent {
  kind: 'Event'
  apiVersion: 'audit.k8s.io/v1'
  level: AuditLevel
  auditID: string
  stage: AuditStage
  requestURI: string
  verb: string
  user: EventUser
  impersonatedUser?: EventUser
  sourceIPs?: string[]
  userAgent?: string
  objectRef?: ObjectReference
  responseStatus?: Partial<Omit<StatusObject, 'metadata'>> & { metadata: object }
  requestObject?: unknown
  responseObject?: unknown
  requestReceivedTimestamp: string
  stageTimestamp: string
  annotations?: Record<string, string>
}

/** Bytes of a program's name at most. */
const LONGEST_AGENT = 1024

/** What is known of a request when it comes. `now`: milliseconds. */
export function eventOf(
  { info, request, id, user }: { info: RequestInfo; request: Incoming; id: string; user: UserInfo },
  level: AuditLevel,
  now: number,
): AuditEvent {
  const time = formatMicroTime(now)
  const agent = request.headers['user-agent']
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level,
    auditID: id,
    stage: 'RequestReceived',
    requestURI: request.url ?? '/',
    verb: info.verb,
    user: userOf(user),
    sourceIPs: sourcesOf(request),
    ...(agent
      ? { userAgent: agent.length > LONGEST_AGENT ? `${agent.slice(0, LONGEST_AGENT)}...TRUNCATED` : agent }
      : {}),
    ...(info.isResource ? { objectRef: referenceOf(info) } : {}),
    requestReceivedTimestamp: time,
    stageTimestamp: time,
  }
}

export const userOf = ({ name, uid, groups, extra }: UserInfo): EventUser => ({
  ...(name ? { username: name } : {}),
  ...(uid ? { uid } : {}),
  ...(groups.length > 0 ? { groups } : {}),
  ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
})

const referenceOf = ({ resource, namespace, name, group, version, subresource }: RequestInfo): ObjectReference => ({
  resource,
  ...(namespace ? { namespace } : {}),
  ...(name ? { name } : {}),
  ...(group ? { apiGroup: group } : {}),
  apiVersion: version,
  ...(subresource ? { subresource } : {}),
})

/** Whom the request came from, the nearest last: those that proxies name, then who is connected. */
function sourcesOf({ headers, socket }: Incoming): string[] {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().flatMap((text) => text.split(','))
  const named = [...forwarded, ...[headers['x-real-ip'] ?? []].flat()]
    .map((text) => text.trim())
    .filter((ip) => ip !== '')
  const peer = (socket as Partial<Incoming['socket']> | undefined)?.remoteAddress?.replace(/^::ffff:/, '')
  if (peer && named.at(-1) !== peer) named.push(peer)
  return named
}

/** An object, or the objects of a list, without `metadata.managedFields`. */
export function withoutManagers(object: unknown): unknown {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return object
  const { metadata, items, ...rest } = object as { metadata?: object; items?: unknown }
  const { managedFields: _, ...kept } = (metadata ?? {}) as { managedFields?: unknown }
  return {
    ...rest,
    ...(metadata ? { metadata: kept } : {}),
    ...(items === undefined ? {} : { items: Array.isArray(items) ? items.map(withoutManagers) : items }),
  }
}
