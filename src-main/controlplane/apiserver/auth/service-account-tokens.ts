import { randomUUID, type KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { unauthorized } from '../../../../src-kube/machinery/errors.ts'
import { formatTime, parseTime } from '../../../../src-kube/machinery/time.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { ObjectReader, UserInfo } from '../../admission/admission.ts'
import { keyId } from './issuer-discovery.ts'
import { INVALID_SINCE, isLegacyToken } from './legacy-tokens.ts'

export const ISSUER = 'https://kubernetes.default.svc.cluster.local'

/** What a token is bound to: it dies with it (kubernetes.io, "Managing Service Accounts: Bound service account tokens"). */
export interface BoundObject {
  kind: string
  name: string
  uid: string
}

export interface TokenRequest {
  namespace: string
  name: string
  uid: string
  /** Default: the API server itself. */
  audiences?: readonly string[] | undefined
  /** Seconds; at least 600. Default 3600. */
  expirationSeconds?: number | undefined
  bound?: (BoundObject & { node?: { name: string; uid: string } | undefined }) | undefined
}

export interface IssuedToken {
  token: string
  /** RFC 3339. */
  expirationTimestamp: string
  /** Whom it is meant for. */
  audiences: readonly string[]
}

export interface ServiceAccountTokens {
  issue(request: TokenRequest): Promise<IssuedToken>
  /** Undefined when the token is not one of ours; throws 401 when it is and is not good (any more), or is meant for none of `audiences`
   * (default: the API server). Equal tokens give the same user object, with `system:authenticated` among its groups. */
  authenticate(token: string, audiences?: readonly string[]): Promise<UserInfo | undefined>
}

interface Claims {
  namespace: string
  serviceaccount: { name: string; uid: string }
  pod?: { name: string; uid: string }
  secret?: { name: string; uid: string }
  node?: { name: string; uid: string }
}

const CLAIM = 'kubernetes.io'
const SHORTEST = 600
const DEFAULT = 3600
/** Verified tokens are remembered this many milliseconds: the signature costs more than the look-ups. */
const REMEMBER = 10_000
const MOST_REMEMBERED = 2000
/** Milliseconds. */
const LEEWAY = 60_000

interface Verified {
  claims: Claims
  audiences: readonly string[]
  user: UserInfo
  until: number
}

export interface TokenOptions {
  key: { privateKey: KeyObject; publicKey: KeyObject }
  read: ObjectReader
  clock: Clock
  issuer?: string
  /** Hears of every use of a token that a secret holds. */
  onLegacyUse?(secret: KubeObject): void
}

export function serviceAccountTokens(options: TokenOptions): ServiceAccountTokens {
  const { key, read, clock, issuer = ISSUER } = options
  const verified = new Map<string, Verified>()
  const kid = keyId(key.publicKey)

  async function verify(token: string): Promise<Verified | undefined> {
    const known = verified.get(token)
    if (known && known.until > clock.now()) return known
    try {
      const { payload } = await jwtVerify(token, key.publicKey, { issuer, currentDate: new Date(clock.now()) })
      const claims = payload[CLAIM] as Claims | undefined
      if (!claims?.serviceaccount?.uid) throw unauthorized()
      const found = {
        claims,
        audiences: [payload.aud ?? []].flat(),
        user: userOf(claims, payload.jti ?? ''),
        until: Math.min(clock.now() + REMEMBER, (payload.exp ?? 0) * 1000),
      }
      if (verified.size >= MOST_REMEMBERED) verified.clear()
      verified.set(token, found)
      return found
    } catch (error) {
      if (error instanceof errors.JWSInvalid) return undefined
      if (error instanceof errors.JOSEError) throw unauthorized()
      throw error
    }
  }

  /** The object of the claim, if it is not long gone. */
  async function find(
    resource: string,
    namespace: string,
    bound: { name: string; uid: string },
  ): Promise<KubeObject | undefined> {
    const found = await read.get('', resource, namespace, bound.name)
    return found?.metadata.uid === bound.uid && !hasEnded(found, clock.now()) ? found : undefined
  }

  const stands = async (...bound: Parameters<typeof find>): Promise<boolean> => (await find(...bound)) !== undefined

  async function secretStands(namespace: string, bound: { name: string; uid: string }): Promise<boolean> {
    const found = await find('secrets', namespace, bound)
    if (!found || !isLegacyToken(found)) return found !== undefined
    if (found.metadata.labels?.[INVALID_SINCE]) return false
    options.onLegacyUse?.(found)
    return true
  }

  /** Whether what the token speaks of still exists. The node of a pod is only told of: a pod outlives no node. */
  async function exists({ namespace, serviceaccount, pod, secret, node }: Claims): Promise<boolean> {
    if (!(await stands('serviceaccounts', namespace, serviceaccount))) return false
    if (secret && !(await secretStands(namespace, secret))) return false
    if (pod) return stands('pods', namespace, pod)
    return node ? stands('nodes', '', node) : true
  }

  return {
    async issue(request) {
      const seconds = Math.max(SHORTEST, request.expirationSeconds ?? DEFAULT)
      const now = Math.floor(clock.now() / 1000)
      const { bound } = request
      const audiences = request.audiences?.length ? [...request.audiences] : [issuer]
      const claims: Claims = {
        namespace: request.namespace,
        serviceaccount: { name: request.name, uid: request.uid },
        ...(bound ? { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } } : {}),
        ...(bound?.node ? { node: bound.node } : {}),
      }
      const token = await new SignJWT({ [CLAIM]: claims })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setIssuer(issuer)
        .setSubject(`system:serviceaccount:${request.namespace}:${request.name}`)
        .setAudience(audiences)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + seconds)
        .setJti(randomUUID())
        .sign(key.privateKey)
      return { token, expirationTimestamp: formatTime((now + seconds) * 1000), audiences }
    },
    async authenticate(token, audiences) {
      if (token.split('.', 4).length !== 3) return undefined
      const found = await verify(token)
      if (!found) return undefined
      const meant = audiences
        ? audiences.some((audience) => found.audiences.includes(audience))
        : found.audiences.includes(issuer)
      if (!meant || !(await exists(found.claims))) throw unauthorized()
      return found.user
    },
  }
}

/** Objects that end keep their tokens for their grace period and a minute more: who ends may still need to say so. */
function hasEnded({ metadata }: KubeObject, now: number): boolean {
  const ends = parseTime(metadata.deletionTimestamp)
  return ends !== undefined && ends + LEEWAY < now
}

function userOf({ namespace, serviceaccount, pod, node }: Claims, id: string): UserInfo {
  const extra: Record<string, string[]> = {
    'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
    ...(pod
      ? { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }
      : {}),
    ...(node
      ? { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] }
      : {}),
  }
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra,
  }
}
