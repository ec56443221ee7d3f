import { createHash } from 'node:crypto'
import { ESCAPED_VARIABLE, type ExternalAuth } from './external-auth.ts'
import type { Location } from './model.ts'
import { quote } from './quote.ts'

/** What a location says to have somebody asked about each request (nginx.org, "ngx_http_auth_request_module"). */
export function authLines(auth: ExternalAuth): string[] {
  return [
    `auth_request ${nameOf(auth)};`,
    'auth_request_set $auth_cookie $upstream_http_set_cookie;',
    'add_header Set-Cookie $auth_cookie;',
    ...(auth.signIn ? [`error_page 401 = ${signInOf(auth.signIn)};`] : []),
    ...authHeaders(auth).map(([name, variable]) => `auth_request_set ${variable} $upstream_http_${underscored(name)};`),
  ]
}

/** What the backend is told of the answer. */
export const authHeaders = ({ responseHeaders }: ExternalAuth): Array<[name: string, variable: string]> =>
  responseHeaders.map((name) => [name, `$auth_says_${underscored(name)}`])

/** The locations of a server at which its questions are asked: each with the request's headers and without its body. */
export function renderAuths(
  locations: readonly Location[],
  { resolvers, signIn }: { resolvers: readonly string[]; signIn: number },
): string[] {
  const all = locations.flatMap(({ settings }) => settings.externalAuth ?? [])
  const questions = new Map(all.map((auth) => [nameOf(auth), auth]))
  const places = new Set(all.flatMap((auth) => auth.signIn ?? []))
  return [
    ...[...questions].flatMap(([name, auth]) => block(`= ${name}`, question(auth, resolvers))),
    ...[...places].flatMap((place) => block(signInOf(place), signingIn(place, signIn))),
  ]
}

const block = (place: string, lines: readonly string[]): string[] => [
  `location ${place} {`,
  ...lines.map((line) => `  ${line}`),
  '}',
]

/** What stands in an address for the place that people wanted to, encoded. */
export const ESCAPED_MARK = '<escaped>'
/** The address, and the place that people wanted to. */
export const signInHeaders = ['x-sign-in', 'x-asked'] as const

function signingIn(place: string, port: number): string[] {
  return [
    'proxy_method GET;',
    'proxy_pass_request_body off;',
    'proxy_pass_request_headers off;',
    'proxy_set_header Content-Length "";',
    `proxy_set_header ${signInHeaders[0]} ${quote(place.replaceAll(ESCAPED_VARIABLE, ESCAPED_MARK))};`,
    `proxy_set_header ${signInHeaders[1]} $request_uri;`,
    'add_header Set-Cookie $auth_cookie;',
    `proxy_pass http://127.0.0.1:${port};`,
  ]
}

function question({ url, method }: ExternalAuth, resolvers: readonly string[]): string[] {
  const headers: Array<[name: string, value: string]> = [
    ['Host', '$proxy_host'],
    ['Content-Length', '""'],
    ['X-Original-URL', '$scheme://$best_host$request_uri'],
    ['X-Original-Method', '$request_method'],
    ['X-Auth-Request-Redirect', '$request_uri'],
    ['X-Sent-From', 'nginx-ingress-controller'],
    ['X-Request-ID', '$request_id'],
    ['X-Real-IP', '$remote_addr'],
    ['X-Forwarded-For', '$remote_addr'],
    ['X-Forwarded-Host', '$best_host'],
    ['X-Forwarded-Proto', '$scheme'],
    ['Proxy', '""'],
  ]
  return [
    'internal;',
    ...(resolvers.length > 0 ? [`resolver ${resolvers.join(' ')} valid=10s ipv6=off;`] : []),
    'proxy_pass_request_body off;',
    ...(method ? [`proxy_method ${method};`] : []),
    ...headers.map(([name, value]) => `proxy_set_header ${name} ${value};`),
    'proxy_ssl_name $proxy_host;',
    // A variable has nginx look for the name when it is asked, and take the address as it stands.
    `set $question ${quote(url)};`,
    'proxy_pass $question;',
  ]
}

/** A name made of the question, so that equal ones share it. */
const nameOf = ({ url, method = '' }: ExternalAuth): string =>
  `/_external-auth-${createHash('sha256').update(`${method} ${url}`).digest('hex').slice(0, 12)}`

const signInOf = (place: string): string => `@sign-in-${createHash('sha256').update(place).digest('hex').slice(0, 12)}`

const underscored = (name: string): string => name.toLowerCase().replaceAll('-', '_')
