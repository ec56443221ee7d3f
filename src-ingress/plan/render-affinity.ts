import type { Cookie, Model } from './model.ts'
import { escapeRegex, literal, quote } from './quote.ts'

/**
 * Session affinity by cookie with what nginx has: a client without the cookie gets one with a random value, and the value decides by consistent hashing which server
 * serves it. Nothing is remembered: the cookie leads to the same server after a reload, and when servers come or go only their own clients move.
 */
export class Affinity {
  readonly #names: string[] = []
  readonly #cookies: Cookie[] = []

  constructor({ servers, upstreams }: Model) {
    const cookies = [
      ...upstreams.flatMap(({ cookie }) => cookie ?? []),
      ...servers.flatMap(({ locations }) =>
        locations.flatMap(({ settings, canary }) => [settings.cookie ?? [], canary?.cookie ?? []].flat()),
      ),
    ]
    for (const cookie of cookies) {
      if (!this.#names.includes(cookie.name)) this.#names.push(cookie.name)
      if (!this.#cookies.some((one) => isSame(one, cookie))) this.#cookies.push(cookie)
    }
  }

  /** The variable that decides the server of a request. */
  key({ name }: Cookie): string {
    return `$affinity_key_${this.#names.indexOf(name)}`
  }

  /** The variable with the answer's `Set-Cookie`, empty when the request has the cookie. */
  setCookie(cookie: Cookie): string {
    return `$affinity_set_${this.#cookies.findIndex((one) => isSame(one, cookie))}`
  }

  maps(): string[] {
    return [
      ...this.#names.flatMap((name, i) => {
        const given = `(?:^|;\\s*)${escapeRegex(name)}=(?<affinity_given_${i}>[^;]+)`
        return [
          `map $http_cookie $affinity_of_${i} {`,
          '  default "";',
          `  ${quote(`~${given}`)} $affinity_given_${i};`,
          '}',
          `map $affinity_of_${i} $affinity_key_${i} {`,
          `  default $affinity_of_${i};`,
          '  "" $request_id;',
          '}',
        ]
      }),
      ...this.#cookies.flatMap((cookie, i) => [
        `map $affinity_of_${this.#names.indexOf(cookie.name)} $affinity_set_${i} {`,
        '  default "";',
        `  "" ${headerOf(cookie)};`,
        '}',
      ]),
    ]
  }
}

/** The value of `Set-Cookie`, as an argument. */
function headerOf({ name, path, maxAge, sameSite }: Cookie): string {
  const attributes = [
    `Path=${path}`,
    ...(maxAge ? [`Max-Age=${maxAge}`] : []),
    ...(sameSite ? [`SameSite=${sameSite}`] : []),
  ]
  const fixed = (text: string): string => literal(text).slice(1, -1)
  return `"${fixed(`${name}=`)}\${request_id}; ${fixed(attributes.join('; '))}; HttpOnly\${cookie_secure}"`
}

const isSame = (a: Cookie, b: Cookie): boolean =>
  a.name === b.name && a.path === b.path && a.maxAge === b.maxAge && a.sameSite === b.sameSite
