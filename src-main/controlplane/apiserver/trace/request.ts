import { badRequest, forbidden } from '../../../../src-kube/machinery/errors.ts'
import { isRecord } from '../../../../src-kube/machinery/record.ts'
import type { TraceDestination, TraceRequest, TraceSource } from '../../../../src-wire/trace/document.ts'
import type { UserInfo } from '../../admission/admission.ts'
import type { AccessAttributes, Decision } from '../auth/auth.ts'

/** Asks the authorizers about the user who wants the trace. */
export type Authorize = (attributes: AccessAttributes) => Promise<Decision>

const LABEL = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/
/** A name as people write it, or an address; the node judges it again before it uses it. */
const HOST = /^[a-z0-9_]([a-z0-9_.-]{0,252})$/i

const isName = (value: unknown): value is string => typeof value === 'string' && LABEL.test(value)

/** A body as a request. Throws 400 for one that is none, in words that say what was expected. */
export function parseTrace(body: unknown): TraceRequest {
  if (!isRecord(body)) throw badRequest('a trace has a source, a destination and a port')
  const { port, protocol } = body
  if (port !== undefined && !isPort(port))
    throw badRequest('port must be a number from 1 to 65535, or a port of the service by its name')
  if (protocol !== undefined && protocol !== 'TCP' && protocol !== 'UDP')
    throw badRequest('protocol must be TCP or UDP')
  return {
    source: sourceIn(body['source']),
    destination: destinationIn(body['destination']),
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
  }
}

const isPort = (port: unknown): port is number | string =>
  typeof port === 'number' ? Number.isInteger(port) && port > 0 && port < 65_536 : isName(port)

function sourceIn(source: unknown): TraceSource {
  if (isRecord(source)) {
    const { kind, namespace, name } = source
    if (kind === 'pod' && isName(namespace) && isName(name)) return { kind, namespace, name }
    if (kind === 'node' && isName(name)) return { kind, name }
  }
  throw badRequest('source must be {kind: pod, namespace, name} or {kind: node, name}')
}

function destinationIn(destination: unknown): TraceDestination {
  if (isRecord(destination)) {
    const { kind, namespace, name, host } = destination
    if ((kind === 'service' || kind === 'pod') && isName(namespace) && isName(name)) return { kind, namespace, name }
    if (kind === 'host' && typeof host === 'string' && HOST.test(host)) return { kind, host }
  }
  throw badRequest('destination must be {kind: service|pod, namespace, name} or {kind: host, host}')
}

/**
 * Throws 403 unless the user may open connections from the source to anywhere (`create pods/exec`, or `create nodes/proxy` for a node) and see the
 * object that is the destination. `pods/portforward` is not enough: it leads to the pod's own ports alone.
 */
export async function checkTrace(user: UserInfo, request: TraceRequest, authorize: Authorize): Promise<void> {
  const { source, destination } = request
  const from =
    source.kind === 'pod'
      ? { verb: 'create', resource: 'pods', subresource: 'exec', namespace: source.namespace, name: source.name }
      : { verb: 'create', resource: 'nodes', subresource: 'proxy', namespace: '', name: source.name }
  await check(user, from, authorize)
  if (destination.kind === 'host') return
  const { kind, namespace, name } = destination
  await check(user, { verb: 'get', resource: `${kind}s`, subresource: '', namespace, name }, authorize)
}

type Access = Pick<AccessAttributes, 'verb' | 'resource' | 'subresource' | 'namespace' | 'name'>

async function check(user: UserInfo, access: Access, authorize: Authorize): Promise<void> {
  const decision = await authorize({ user, group: '', version: 'v1', path: '', ...access })
  if (decision.allowed) return
  const { verb, resource, subresource, namespace, name } = access
  const what = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? ` in the namespace "${namespace}"` : ' at the cluster scope'
  const words = `User "${user.name}" cannot ${verb} resource "${what}" in API group ""${where}`
  throw forbidden({ group: '', resource }, name, words)
}

/** Whether the user may see an object that a trace met. */
export const maySee =
  (user: UserInfo, authorize: Authorize) =>
  async (resource: string, namespace: string, name: string): Promise<boolean> => {
    const access = { verb: 'get', group: '', version: 'v1', resource, subresource: '', namespace, name, path: '' }
    return (await authorize({ user, ...access })).allowed
  }
