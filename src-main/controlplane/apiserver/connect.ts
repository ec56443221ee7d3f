import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { UserInfo } from '../admission/admission.ts'
import type { Trail } from './audit/trail.ts'
import type { RequestInfo } from './http/request-info.ts'
import type { PeerCertificate } from './listener.ts'
import type { ConnectTarget } from './streaming/index.ts'

/** HTTP's code for a connection that speaks something else from now on. */
export const SWITCHED = 101

/** A connection that wants to speak something else. */
export interface Upgrade {
  info: RequestInfo
  request: IncomingMessage
  socket: Duplex
  head: Buffer
  peer: PeerCertificate
  trail: Trail | undefined
}

const CONNECT = new Set(['log', 'exec', 'attach', 'portforward', 'proxy'])

/** Whether a request is passed on to a node. */
export const isConnect = (info: RequestInfo): boolean =>
  CONNECT.has(info.subresource) && ['pods', 'services', 'nodes'].includes(info.resource)

/** What of it the node is asked for. */
export const connectTarget = (info: RequestInfo, user: UserInfo): ConnectTarget => ({
  resource: info.resource,
  subresource: info.subresource,
  namespace: info.namespace,
  name: info.name,
  path: info.rest,
  query: info.query,
  user,
})
