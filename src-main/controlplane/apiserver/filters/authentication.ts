import { badRequest, forbidden, unauthorized } from '../../../../src-kube/machinery/errors.ts'
import type { UserInfo } from '../../admission/admission.ts'
import type { AccessAttributes, Authenticator, Credentials, Decision } from '../auth/auth.ts'
import type { Incoming } from '../http/exchange.ts'
import type { PeerCertificate } from '../listener.ts'
import { constrainedImpersonation } from './constrained-impersonation.ts'

/** All authorizers as one. */
export type Authorize = (attributes: AccessAttributes) => Promise<Decision>

/** Group of the parts of a user that are neither name nor group. */
const IDENTITY = 'authentication.k8s.io'

const WEBSOCKET_TOKEN = 'base64url.bearer.authorization.k8s.io.'

/** What a request proves itself with: its connection's certificate, a bearer token, impersonation headers. A certificate that proves nothing is none beside a token. */
export function credentialsOf(request: Incoming, peer: PeerCertificate): Credentials {
  const token = tokenOf(request)
  if (peer === 'refused' && token === undefined) throw unauthorized()
  return { certificate: peer === 'refused' ? undefined : peer, token, impersonate: impersonation(request) }
}

function tokenOf({ headers }: Incoming): string | undefined {
  const authorization = headers['authorization']
  const bearer = authorization && /^bearer\s+(\S+)/i.exec(authorization)?.[1]
  // Other schemes prove nothing, and are no reason to be refused.
  if (bearer) return bearer
  const protocols = headers['sec-websocket-protocol']
  if (protocols === undefined) return undefined
  const offered = [protocols].flat().join(',')
  const encoded = offered
    .split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(WEBSOCKET_TOKEN))
  return encoded ? Buffer.from(encoded.slice(WEBSOCKET_TOKEN.length), 'base64url').toString('utf8') : undefined
}

function asksToImpersonate(headers: Incoming['headers']): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true
  return false
}

const EXTRA = 'impersonate-extra-'

/** Values of all headers that begin so, by their names in lower case. Node joins those that were sent twice; what was sent tells them apart. */
function sentTwiceOrMore({ headers, rawHeaders }: Incoming, prefix: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const add = (name: string, values: string | string[]): void => {
    if (name.startsWith(prefix)) found.set(name, [...(found.get(name) ?? []), ...[values].flat()])
  }
  if (rawHeaders) for (let i = 0; i < rawHeaders.length; i += 2) add(rawHeaders[i]!.toLowerCase(), rawHeaders[i + 1]!)
  else for (const [name, values = []] of Object.entries(headers)) add(name, values)
  return found
}

function impersonation(request: Incoming): Credentials['impersonate'] {
  if (!asksToImpersonate(request.headers)) return undefined
  const sent = sentTwiceOrMore(request, 'impersonate-')
  const [user] = sent.get('impersonate-user') ?? []
  const groups = sent.get('impersonate-group') ?? []
  const [uid] = sent.get('impersonate-uid') ?? []
  const extra: Record<string, string[]> = {}
  for (const [name, values] of sent) if (name.startsWith(EXTRA)) extra[unescaped(name.slice(EXTRA.length))] = values
  if (user) return { user, ...(uid ? { uid } : {}), groups, extra }
  if (groups.length > 0 || Object.keys(extra).length > 0 || uid)
    throw badRequest('requested impersonation of groups, uid or extra without impersonating a user')
  return undefined
}

/** A key that is no escaped text is taken as it is. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch (error) {
    if (error instanceof URIError) return key
    throw error
  }
}

/**
 * The user behind credentials, at once when that is known. Whoever impersonates must be allowed each part of it (kubernetes.io, "User impersonation").
 *
 * @param request what is asked for, in the name of a user; without it nobody is impersonated for some requests only
 */
export function authenticateRequest(
  credentials: Credentials,
  authenticate: Authenticator,
  authorize: Authorize,
  request?: (user: UserInfo) => AccessAttributes,
): UserInfo | Promise<UserInfo> {
  const { impersonate } = credentials
  const known = (user: UserInfo | undefined): UserInfo | Promise<UserInfo> => {
    if (!user) throw unauthorized()
    return impersonate ? impersonated(user, impersonate, authorize, request) : user
  }
  const found = authenticate(credentials)
  return found instanceof Promise ? found.then(known) : known(found)
}

async function impersonated(
  user: UserInfo,
  asked: NonNullable<Credentials['impersonate']>,
  authorize: Authorize,
  request: ((user: UserInfo) => AccessAttributes) | undefined,
): Promise<UserInfo> {
  const constrained = request && (await constrainedImpersonation(user, asked, authorize, request))
  if (constrained) return constrained
  const may = (identity: Identity): Promise<void> => mayImpersonate(user, authorize, identity)
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(asked.user)
  if (account) await may({ resource: 'serviceaccounts', namespace: account[1]!, name: account[2]! })
  else await may({ resource: 'users', name: asked.user })
  for (const group of asked.groups) await may({ resource: 'groups', name: group })
  if (asked.uid) await may({ group: IDENTITY, resource: 'uids', name: asked.uid })
  for (const [key, values] of Object.entries(asked.extra))
    for (const value of values) await may({ group: IDENTITY, resource: 'userextras', subresource: key, name: value })
  const implied = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : []
  const groups = [...new Set([...(asked.groups.length > 0 ? asked.groups : implied), 'system:authenticated'])]
  return {
    name: asked.user,
    uid: asked.uid,
    groups: asked.user === 'system:anonymous' ? ['system:unauthenticated'] : groups,
    extra: asked.extra,
  }
}

/** A name that somebody would like to go by, as authorization knows it. */
interface Identity {
  group?: string
  resource: string
  subresource?: string
  namespace?: string
  name: string
}

async function mayImpersonate(user: UserInfo, authorize: Authorize, identity: Identity): Promise<void> {
  const { group = '', resource, subresource = '', namespace = '', name } = identity
  const attributes = {
    user,
    verb: 'impersonate',
    group,
    version: 'v1',
    resource,
    subresource,
    namespace,
    name,
    path: '',
  }
  const decision = await authorize(attributes)
  if (decision.allowed) return
  const whole = subresource ? `${resource}/${subresource}` : resource
  throw forbidden({ group, resource: whole }, name, refusal(attributes))
}

/** Upstream's words for a refusal. */
export function refusal(attributes: AccessAttributes): string {
  const { user, verb, group, resource, subresource, namespace, path } = attributes
  if (resource === '') return `User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}`
  const what = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  return `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}`
}
