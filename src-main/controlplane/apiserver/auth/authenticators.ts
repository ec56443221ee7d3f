import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { unauthorized } from '../../../../src-kube/machinery/errors.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import type { ObjectReader, UserInfo } from '../../admission/admission.ts'
import type { Authenticator, Credentials } from './auth.ts'
import { ISSUER, type ServiceAccountTokens } from './service-account-tokens.ts'

/** What tells who a request is from. */
export interface AuthenticatorOptions {
  read: ObjectReader
  tokens: Pick<ServiceAccountTokens, 'authenticate'>
  clock: Clock
}

/** What a bootstrap token may add itself to. */
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/**
 * Who a request comes from (kubernetes.io, "Authenticating"): the client certificate first, as with kube-apiserver, whatever token comes along, then
 * the token, else nobody in particular. A token that nobody knows is refused, not taken for nobody.
 */
export function authenticators(options: AuthenticatorOptions): Authenticator {
  // One user per subject and connection: what authorization knows of a user is kept by identity.
  const known = new WeakMap<object, UserInfo>()
  return (credentials) => {
    const { token, certificate: subject } = credentials
    if (!subject || subject.commonName === '')
      return token === undefined ? anonymous : byToken(options, token, credentials.audiences)
    let user = known.get(subject)
    if (!user) {
      const { commonName: name, organizations: groups, uid } = subject
      user = authenticated({ name, ...(uid ? { uid } : {}), groups, ...credentialOf(subject) })
      known.set(subject, user)
    }
    return user
  }
}

/** Which certificate it was, for reviews of one's own identity and for audits (KEP-4193). */
function credentialOf({ fingerprint }: NonNullable<Credentials['certificate']>): Pick<UserInfo, 'extra'> {
  return fingerprint ? { extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] } } : {}
}

async function byToken(
  options: AuthenticatorOptions,
  token: string,
  audiences: readonly string[] | undefined,
): Promise<UserInfo> {
  const account = await options.tokens.authenticate(token, audiences)
  if (account) return account
  // Bootstrap tokens are meant for the API server alone.
  const user = !audiences || audiences.includes(ISSUER) ? await bootstrapToken(options, token) : undefined
  if (!user) throw unauthorized()
  return authenticated(user)
}

const authenticated = (user: UserInfo): UserInfo => ({ ...user, groups: [...user.groups, 'system:authenticated'] })

/** `abcdef.0123456789abcdef` (kubernetes.io, "Authenticating with Bootstrap Tokens"). */
async function bootstrapToken({ read, clock }: AuthenticatorOptions, token: string): Promise<UserInfo | undefined> {
  const match = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token)
  if (!match) return undefined
  const [, id = '', secret = ''] = match
  const stored = await read.get('', 'secrets', 'kube-system', `bootstrap-token-${id}`)
  if (!stored || stored['type'] !== 'bootstrap.kubernetes.io/token' || stored.metadata.deletionTimestamp)
    return undefined
  const data = (stored['data'] ?? {}) as Record<string, string>
  const field = (name: string): string => Buffer.from(data[name] ?? '', 'base64').toString('utf8')
  const until = field('expiration')
  // An expiry that nobody can read is one that has passed.
  const expiration = until === '' ? Infinity : (parseTime(until) ?? 0)
  const good =
    field('token-id') === id &&
    same(field('token-secret'), secret) &&
    field('usage-bootstrap-authentication') === 'true' &&
    expiration > clock.now()
  if (!good) return undefined
  const extra = field('auth-extra-groups')
    .split(',')
    .filter((group) => EXTRA_GROUP.test(group))
  return { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] }
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
