import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { unauthorized } from '../../../../src-kube/machinery/errors.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import type { ObjectReader, UserInfo } from '../../admission/admission.ts'
import type { Authenticator, Credentials } from './auth.ts'
import type { ServiceAccountTokens } from './service-account-tokens.ts'

export interface AuthenticatorOptions {
  read: ObjectReader
  tokens: Pick<ServiceAccountTokens, 'authenticate'>
  clock: Clock
}

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/**
 * Who a request comes from (kubernetes.io, "Authenticating"): a token first, then the client certificate, else nobody in
 * particular. A token that nobody knows is refused, not taken for nobody.
 */
export function authenticators(options: AuthenticatorOptions): Authenticator {
  return async (credentials) => {
    if (credentials.token !== undefined) {
      const user =
        (await options.tokens.authenticate(credentials.token)) ?? (await bootstrapToken(options, credentials.token))
      if (!user) throw unauthorized()
      return authenticated(user)
    }
    return certificate(credentials) ?? ANONYMOUS
  }
}

const authenticated = (user: UserInfo): UserInfo => ({ ...user, groups: [...user.groups, 'system:authenticated'] })

function certificate({ certificate: subject }: Credentials): UserInfo | undefined {
  if (!subject || subject.commonName === '') return undefined
  return authenticated({ name: subject.commonName, groups: subject.organizations })
}

/** `abcdef.0123456789abcdef` (kubernetes.io, "Authenticating with Bootstrap Tokens"). */
async function bootstrapToken({ read, clock }: AuthenticatorOptions, token: string): Promise<UserInfo | undefined> {
  const match = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token)
  if (!match) return undefined
  const [, id, secret] = match as unknown as [string, string, string]
  const stored = await read.get('', 'secrets', 'kube-system', `bootstrap-token-${id}`)
  if (!stored || stored['type'] !== 'bootstrap.kubernetes.io/token' || stored.metadata.deletionTimestamp)
    return undefined
  const data = (stored['data'] ?? {}) as Record<string, string>
  const field = (name: string): string => Buffer.from(data[name] ?? '', 'base64').toString('utf8')
  const expiration = parseTime(field('expiration'))
  const good =
    field('token-id') === id &&
    same(field('token-secret'), secret) &&
    field('usage-bootstrap-authentication') === 'true' &&
    (expiration === undefined || expiration > clock.now())
  if (!good) return undefined
  const extra = field('auth-extra-groups')
    .split(',')
    .filter((group) => group.startsWith('system:bootstrappers:'))
  return { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] }
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
