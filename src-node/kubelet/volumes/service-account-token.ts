import type { Pod, ServiceAccountTokenProjection } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { formatTime, parseTime } from '../../../src-kube/machinery/time.ts'

/** A token and when to ask for the next. */
export interface HeldToken {
  token: string
  /** Milliseconds since the epoch: 80 % of the token's life, a day at most. */
  refreshAt: number
  /** When it ends, as the API server wrote it. */
  expires: string
}

/** Tokens bound to pods, kept until most of their life is over. */
export interface TokenSource {
  get(pod: Pod, projection: ServiceAccountTokenProjection): Promise<HeldToken>
  forget(uid: string): void
}

/** Seconds that a token lasts whose volume does not say. */
const WHOLE_HOUR = 3600
/** However long a token lives, in milliseconds. */
const OLDEST = 24 * 3_600_000

/** Asks the API server for tokens (`serviceaccounts/token`). */
export function createTokenSource(client: Client, clock: Clock): TokenSource {
  const held = new Map<string, HeldToken>()
  return {
    async get(pod, { audience, expirationSeconds = WHOLE_HOUR }) {
      const { name, uid, namespace } = pod.metadata
      const account = pod.spec?.serviceAccountName ?? 'default'
      const key = `${uid}/${account}/${audience ?? ''}/${expirationSeconds}`
      const known = held.get(key)
      if (known && clock.now() < known.refreshAt) return known
      const request = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          audiences: audience ? [audience] : [],
          expirationSeconds,
          boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid },
        },
      }
      const asked = clock.now()
      const answer = await client
        .resource(refs.serviceAccounts)
        .createSubresource({ subresource: 'token', name: account, namespace, body: request })
        .catch((error: unknown) => {
          // The old one serves until it expires.
          if (known && clock.now() < known.refreshAt + 60_000) return undefined
          throw new Error(`failed to fetch token: ${error instanceof Error ? error.message : String(error)}`)
        })
      if (!answer && known) return { ...known, refreshAt: asked + 10_000 }
      const status = (answer as { status?: { token?: string; expirationTimestamp?: string } } | undefined)?.status
      if (!status?.token) throw new Error('failed to fetch token: the answer has no token')
      const expires = parseTime(status.expirationTimestamp) ?? asked + expirationSeconds * 1000
      const refreshAt = asked + Math.min((expires - asked) * 0.8, OLDEST)
      const fresh = { token: status.token, refreshAt, expires: formatTime(expires) }
      held.set(key, fresh)
      return fresh
    },
    forget(uid) {
      for (const key of held.keys()) if (key.startsWith(`${uid}/`)) held.delete(key)
    },
  }
}
