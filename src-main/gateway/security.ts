/**
 * Who may talk to the gateway. It listens on loopback, where any web page and any local user can knock, so each request must
 * name our own host (no DNS rebinding), come from our own origin if it says one (no cross-site requests), and carry the secret
 * of this launch in a cookie. The cookie is given in exchange for a token that works once and stands in the URL that opens
 * the app. The cookie's name holds the port, because browsers share cookies between ports.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** Why a request is answered by the gateway itself; `chinese` is what a browser that asks for Chinese is told. */
export type Denial = { code: 401 | 403 | 421; message: string; chinese?: string }

/** What a person meets who opens the address by itself; the other refusals answer programs. */
const notSignedIn: Denial = {
  code: 401,
  message: 'Open Drydock by the link it printed; `npx drydock status` gives a new one.',
  chinese: '请用 Drydock 给出的链接打开；`npx drydock status` 会给出新的链接。',
}

/** Whether the language a browser would rather have is Chinese (RFC 9110, "Accept-Language"); languages stand in the order of their weights. */
export const wantsChinese = ({ 'accept-language': languages = '' }: IncomingHttpHeaders): boolean =>
  /^\s*zh\b/i.test(languages)

/** Who may speak to the gateway: a browser that was signed in by a link that works once, from this machine (ARCHITECTURE.md, "Contracts"). */
export interface Guard {
  /** Undefined when the request may pass. `upgrade` asks for an Origin as well: every browser sends one with a WebSocket. */
  check(request: IncomingMessage, options?: { upgrade?: boolean }): Denial | undefined
  /** A URL that signs one browser in. */
  issueUrl(): string
  /** The `Set-Cookie` value when the token is one of ours and not used yet. */
  redeem(token: string): string | undefined
}

/** The guard of the gateway on that port; its secret is made anew in each process, so that a link ends with it. */
export function createGuard(port: number): Guard {
  const secret = randomBytes(32).toString('base64url')
  const cookieName = `drydock-${port}`
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
  const tokens = new Set<string>()

  return {
    check(request, { upgrade = false } = {}) {
      const host = request.headers.host
      if (!host || !hosts.has(host))
        return { code: 421, message: 'This server answers only to 127.0.0.1 and localhost.' }
      const origin = request.headers.origin
      if (origin === undefined ? upgrade : origin !== `http://${host}`) {
        return { code: 403, message: 'Requests from other sites are refused.' }
      }
      const given = cookieOf(request.headers, cookieName)
      if (given === undefined || !same(given, secret)) {
        return notSignedIn
      }
      return undefined
    },
    issueUrl() {
      const token = randomBytes(24).toString('base64url')
      tokens.add(token)
      return `http://127.0.0.1:${port}/?token=${token}`
    },
    redeem(token) {
      if (!tokens.delete(token)) return undefined
      return `${cookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict`
    },
  }
}

function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
