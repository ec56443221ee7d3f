import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes, UserInfo } from '../admission/admission.ts'
import type { Trail } from './audit/trail.ts'
import { isTrue, type RequestInfo } from './http/request-info.ts'
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

const connect = new Set(['log', 'exec', 'attach', 'portforward', 'proxy'])

/** Whether a request is passed on to a node. */
export const isConnect = (info: RequestInfo): boolean =>
  connect.has(info.subresource) && ['pods', 'services', 'nodes'].includes(info.resource)

/** Subresources whose upgrade gives what only a creation should: who may merely read may not. */
const interactive = new Set(['exec', 'attach', 'portforward'])

/**
 * What else has to be allowed for a connection to be upgraded: a WebSocket begins with a GET, so that it would be had for reading alone
 * (kubernetes.io, "Feature gates: AuthorizePodWebsocketUpgradeCreatePermission").
 */
export const alsoNeeded = (info: RequestInfo): RequestInfo | undefined =>
  info.resource === 'pods' && interactive.has(info.subresource) && info.verb !== 'create'
    ? { ...info, verb: 'create' }
    : undefined

/** Logs are read; all else is a CONNECT that admission has a say in, about the options of the connection. Undefined for logs. */
export function connectAttributes(
  info: RequestInfo,
  descriptor: KindDescriptor,
  user: UserInfo,
): AdmissionAttributes | undefined {
  const { subresource, namespace, name } = info
  if (subresource === 'log') return undefined
  const object = optionsOf(info, descriptor)
  const about = { descriptor, subresource, namespace, name, user, object, oldObject: undefined }
  return { operation: 'CONNECT', ...about, dryRun: false, warn: () => {} }
}

const switches = ['stdin', 'stdout', 'stderr', 'tty']

/** `PodExecOptions`, `PodAttachOptions`, `PodPortForwardOptions` or `…ProxyOptions`, as the query says them. */
function optionsOf({ subresource, query, rest }: RequestInfo, descriptor: KindDescriptor): KubeObject {
  const kind = descriptor.subresources.find(({ name }) => name === subresource)?.kind
  const container = query.get('container')
  const command = query.getAll('command')
  const ports = query.getAll('ports').map(Number)
  const options = {
    ...Object.fromEntries(switches.filter((name) => isTrue(query.get(name))).map((name) => [name, true])),
    ...(container ? { container } : {}),
    ...(subresource === 'exec' && command.length > 0 ? { command } : {}),
  }
  const said = subresource === 'proxy' ? { path: rest } : subresource === 'portforward' ? { ports } : options
  return { kind, apiVersion: 'v1', ...said } as KubeObject
}

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
