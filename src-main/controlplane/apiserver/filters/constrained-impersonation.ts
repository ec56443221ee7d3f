import type { UserInfo } from '../../admission/admission.ts'
import type { AccessAttributes, Credentials } from '../auth/auth.ts'
import type { Authorize } from './authentication.ts'

type Asked = NonNullable<Credentials['impersonate']>

const IDENTITY = 'authentication.k8s.io'
const NODE = 'system:node:'
const ACCOUNT = 'system:serviceaccount:'
const OWN_NODE = 'authentication.kubernetes.io/node-name'

/** Part of an identity, as authorization is asked about it. */
type Part = Pick<AccessAttributes, 'resource' | 'subresource' | 'namespace' | 'name'>

/** One way of being somebody else: what it is called in verbs, whom it makes, and what of them must be allowed. */
interface Mode {
  name: string
  user: UserInfo
  parts: readonly Part[]
}

/**
 * Whom a request may be made as, when both that and the request itself are allowed to whoever impersonates (KEP-5284; kubernetes.io, "User
 * Impersonation: Constrained Impersonation"). Undefined when not: the verb `impersonate` alone may still allow it.
 */
export async function constrainedImpersonation(
  user: UserInfo,
  asked: Asked,
  authorize: Authorize,
  request: (user: UserInfo) => AccessAttributes,
): Promise<UserInfo | undefined> {
  for (const mode of modesOf(user, asked)) if (await allows(mode, user, authorize, request(user))) return mode.user
  return undefined
}

async function allows(
  { name, parts }: Mode,
  user: UserInfo,
  authorize: Authorize,
  request: AccessAttributes,
): Promise<boolean> {
  const { allowed } = await authorize({ ...request, verb: `impersonate-on:${name}:${request.verb}` })
  if (!allowed) return false
  for (const part of parts) {
    const asked = { user, verb: `impersonate:${name}`, group: IDENTITY, version: 'v1', path: '', ...part }
    if (!(await authorize(asked)).allowed) return false
  }
  return true
}

function modesOf(user: UserInfo, asked: Asked): Mode[] {
  const { user: name, uid, groups, extra } = asked
  const alone = !uid && groups.length === 0 && Object.keys(extra).length === 0
  if (name.startsWith(NODE)) return alone ? nodeModes(user, name) : []
  if (name.startsWith(ACCOUNT)) return alone ? accountModes(name) : []
  return [userInfoMode(asked)]
}

const part = (resource: string, name: string, namespace = '', subresource = ''): Part => ({
  resource,
  subresource,
  namespace,
  name,
})

/** The node that the impersonator runs on may be allowed where others are not; its name is then no matter of rules. */
function nodeModes(impersonator: UserInfo, name: string): Mode[] {
  const node = name.slice(NODE.length)
  if (node === '') return []
  const user = { name, groups: ['system:nodes', 'system:authenticated'] }
  const arbitrary = { name: 'arbitrary-node', user, parts: [part('nodes', node)] }
  const isOwn = impersonator.name.startsWith(ACCOUNT) && impersonator.extra?.[OWN_NODE]?.includes(node)
  return isOwn ? [{ name: 'associated-node', user, parts: [part('nodes', '*')] }, arbitrary] : [arbitrary]
}

function accountModes(name: string): Mode[] {
  const [namespace = '', account = '', ...more] = name.slice(ACCOUNT.length).split(':')
  if (namespace === '' || account === '' || more.length > 0) return []
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  return [{ name: 'serviceaccount', user: { name, groups }, parts: [part('serviceaccounts', account, namespace)] }]
}

function userInfoMode({ user: name, uid, groups, extra }: Asked): Mode {
  const anonymous = name === 'system:anonymous'
  return {
    name: 'user-info',
    user: {
      name,
      uid,
      groups: anonymous ? ['system:unauthenticated'] : [...new Set([...groups, 'system:authenticated'])],
      extra,
    },
    parts: [
      part('users', name),
      ...groups.map((group) => part('groups', group)),
      ...(uid ? [part('uids', uid)] : []),
      ...Object.entries(extra).flatMap(([key, values]) => values.map((value) => part('userextras', value, '', key))),
    ],
  }
}
