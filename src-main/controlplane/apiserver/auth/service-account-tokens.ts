import { randomUUID, type KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { unauthorized } from '../../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { ObjectReader, UserInfo } from '../../admission/admission.ts'
import { boundObjectsExist, type Claims } from './bound-objects.ts'
import { keyId } from './issuer-discovery.ts'

/** The issuer that tokens name, as kubeadm sets up clusters. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local'

/** What a token is bound to: it dies with it (kubernetes.io, "Managing Service Accounts: Bound service account tokens"). */
export interface BoundObject {
  kind: string
  name: string
  uid: string
}

/** For whom, for how long and bound to what (`TokenRequest` of authentication.k8s.io). */
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

/** What is answered to a request. */
export interface IssuedToken {
  token: string
  /** RFC 3339. */
  expirationTimestamp: string
  /** Whom it is meant for. */
  audiences: readonly string[]
}

/** Tokens of service accounts: signed JSON, which nobody keeps a list of. */
export interface ServiceAccountTokens {
  issue(request: TokenRequest): Promise<IssuedToken>
  /** Undefined when the token is not one of ours; throws 401 when it is and is not good (any more), or is meant for none of `audiences`
   * (default: the API server). Equal tokens give the same user object, with `system:authenticated` among its groups. */
  authenticate(token: string, audiences?: readonly string[]): Promise<UserInfo | undefined>
}

const CLAIM = 'kubernetes.io'
/** Seconds that a token lasts: at least, and where nothing is asked for. */
const SHORTEST = 600
const DEFAULT = 3600
/** Verified tokens are remembered this many milliseconds: the signature costs more than the look-ups. */
const REMEMBER = 10_000
const MOST_REMEMBERED = 2000
interface Verified {
  claims: Claims
  audiences: readonly string[]
  user: UserInfo
  until: number
}

/** With what tokens are signed and checked, and where what they are bound to is looked up. */
export interface TokenOptions {
  key: { privateKey: KeyObject; publicKey: KeyObject }
  read: ObjectReader
  clock: Clock
  issuer?: string
  /** Hears of every use of a token that a secret holds. */
  onLegacyUse?(secret: KubeObject): void
}

/** Signs tokens with the cluster's key, and tells whether one that comes back is good. */
export function serviceAccountTokens(options: TokenOptions): ServiceAccountTokens {
  const signer = new TokenSigner(options)
  const verifier = new TokenVerifier(options)
  return {
    issue: (request) => signer.issue(request),
    authenticate: (token, audiences) => verifier.authenticate(token, audiences),
  }
}

class TokenSigner {
  readonly #options: TokenOptions
  readonly #keyId: string

  constructor(options: TokenOptions) {
    this.#options = options
    this.#keyId = keyId(options.key.publicKey)
  }

  async issue(request: TokenRequest): Promise<IssuedToken> {
    const { clock, key, issuer = ISSUER } = this.#options
    const seconds = Math.max(SHORTEST, request.expirationSeconds ?? DEFAULT)
    const now = Math.floor(clock.now() / 1000)
    const audiences = request.audiences?.length ? [...request.audiences] : [issuer]
    const token = await new SignJWT({ [CLAIM]: claimsOf(request) })
      .setProtectedHeader({ alg: 'ES256', kid: this.#keyId })
      .setIssuer(issuer)
      .setSubject(`system:serviceaccount:${request.namespace}:${request.name}`)
      .setAudience(audiences)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + seconds)
      .setJti(randomUUID())
      .sign(key.privateKey)
    return { token, expirationTimestamp: formatTime((now + seconds) * 1000), audiences }
  }
}

function claimsOf({ namespace, name, uid, bound }: TokenRequest): Claims {
  return {
    namespace,
    serviceaccount: { name, uid },
    ...(bound ? { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } } : {}),
    ...(bound?.node ? { node: bound.node } : {}),
  }
}

class TokenVerifier {
  readonly #options: TokenOptions
  readonly #issuer: string
  readonly #verified = new Map<string, Verified>()

  constructor(options: TokenOptions) {
    this.#options = options
    this.#issuer = options.issuer ?? ISSUER
  }

  async authenticate(token: string, audiences?: readonly string[]): Promise<UserInfo | undefined> {
    if (token.split('.', 4).length !== 3) return undefined
    const found = await this.#verify(token)
    if (!found) return undefined
    const meant = audiences
      ? audiences.some((audience) => found.audiences.includes(audience))
      : found.audiences.includes(this.#issuer)
    if (!meant || !(await boundObjectsExist(found.claims, this.#options))) throw unauthorized()
    return found.user
  }

  async #verify(token: string): Promise<Verified | undefined> {
    const { key, clock } = this.#options
    const known = this.#verified.get(token)
    if (known && known.until > clock.now()) return known
    try {
      const currentDate = new Date(clock.now())
      const { payload } = await jwtVerify(token, key.publicKey, { issuer: this.#issuer, currentDate })
      const claims = payload[CLAIM] as Claims | undefined
      if (!claims?.serviceaccount?.uid) throw unauthorized()
      const found = {
        claims,
        audiences: [payload.aud ?? []].flat(),
        user: userOf(claims, payload.jti ?? ''),
        until: Math.min(clock.now() + REMEMBER, (payload.exp ?? 0) * 1000),
      }
      if (this.#verified.size >= MOST_REMEMBERED) this.#verified.clear()
      this.#verified.set(token, found)
      return found
    } catch (error) {
      if (error instanceof errors.JWSInvalid) return undefined
      if (error instanceof errors.JOSEError) throw unauthorized()
      throw error
    }
  }
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
