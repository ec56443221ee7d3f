import { parseIp } from '../../src-kube/machinery/ip-address.ts'
import { Annotations, RejectedAnnotation } from './annotations.ts'
import { canaryOf, type Canary } from './canary.ts'
import { corsOf, type Cors } from './cors.ts'
import { externalAuthOf, type ExternalAuth } from './external-auth.ts'
import type { Cookie } from './model.ts'
import { isQuotable } from './quote.ts'

/** What is spoken to the pods (`backend-protocol`). */
export type Protocol = 'HTTP' | 'HTTPS' | 'GRPC' | 'GRPCS'

/** What an Ingress's annotations ask of all its paths; defaults are those of ingress-nginx. */
export interface Settings {
  /** Paths are regular expressions, whatever the case of their letters. */
  regex: boolean
  rewriteTarget?: string | undefined
  /** To HTTPS where the host has a certificate. */
  sslRedirect: boolean
  /** To HTTPS wherever. */
  forceSslRedirect: boolean
  redirect?: { code: number; url: string } | undefined
  appRoot?: string | undefined
  protocol: Protocol
  bodySize: string
  /** Seconds. */
  connectTimeout: number
  sendTimeout: number
  readTimeout: number
  buffering: boolean
  bufferSize: string
  requestBuffering: boolean
  upstreamHost?: string | undefined
  forwardedPrefix?: string | undefined
  /** Addresses and ranges; whoever is in none of them is refused. */
  allow?: string[] | undefined
  deny?: string[] | undefined
  cors?: Cors | undefined
  cookie?: Cookie | undefined
  /** For an Ingress that stands beside another: nothing else of it counts but its cookie. */
  canary?: Canary | undefined
  /** Secret with users, and what browsers show when they ask for a password. */
  auth?: { secret: string; realm: string } | undefined
  externalAuth?: ExternalAuth | undefined
}

/** What an Ingress's annotations come to. */
export interface ReadSettings {
  settings: Settings
  /** Words about annotations that have no effect. */
  ignored: string[]
}

const SIZE = /^\d+[kKmMgG]?$/
const methods = ['HTTP', 'HTTPS', 'GRPC', 'GRPCS'] as const
const DAY = 86_400
/** How settings of nginx itself are turned on and off. */
const nginxWords = { on: 'on', off: 'off' }

/** Throws `RejectedAnnotation` where ignoring an annotation would route what its author wants kept or sent elsewhere. */
export function readSettings(annotations: Record<string, string> | undefined): ReadSettings {
  const a = new Annotations(annotations)
  const rewriteTarget = a.must('rewrite-target', 'a path with captures as $1', (value) =>
    hasVariables(value, /^\d/) ? undefined : value,
  )
  const settings: Settings = {
    regex: a.flag('use-regex') || rewriteTarget !== undefined,
    rewriteTarget,
    sslRedirect: a.flag('ssl-redirect', { byDefault: true }),
    forceSslRedirect: a.flag('force-ssl-redirect'),
    redirect: redirectOf(a),
    appRoot: a.matching('app-root', 'a path', /^\/[^\s"$;{}\\]*$/),
    protocol:
      a.must('backend-protocol', methods.join(', '), (value) => methods.find((one) => one === value.toUpperCase())) ??
      'HTTP',
    bodySize: a.matching('proxy-body-size', 'a size such as 8m', SIZE) ?? '1m',
    connectTimeout: a.count('proxy-connect-timeout', 'seconds') ?? 5,
    sendTimeout: a.count('proxy-send-timeout', 'seconds') ?? 60,
    readTimeout: a.count('proxy-read-timeout', 'seconds') ?? 60,
    buffering: a.flag('proxy-buffering', nginxWords),
    bufferSize: a.matching('proxy-buffer-size', 'a size such as 8k', SIZE) ?? '4k',
    requestBuffering: a.flag('proxy-request-buffering', { byDefault: true, ...nginxWords }),
    upstreamHost: a.matching('upstream-vhost', 'a host', /^[\w.:-]+$/),
    forwardedPrefix: a.matching('x-forwarded-prefix', 'a path', /^[^\s"$\\]+$/),
    allow:
      a.must('whitelist-source-range', 'addresses and ranges', ranges) ??
      a.must('allowlist-source-range', 'addresses and ranges', ranges),
    deny: a.must('denylist-source-range', 'addresses and ranges', ranges),
    cors: corsOf(a),
    cookie: cookieOf(a),
    canary: canaryOf(a),
    auth: authOf(a),
    externalAuth: externalAuthOf(a, (url) => !hasVariables(url, REQUEST_VARIABLE)),
  }
  return { settings, ignored: [...a.ignored, ...a.unread()] }
}

/** Whether a text has variables other than those that a pattern allows after the dollar sign, or cannot be quoted at all. */
const hasVariables = (text: string, allowed: RegExp): boolean =>
  !isQuotable(text) ||
  text
    .split('$')
    .slice(1)
    .some((rest) => !allowed.test(rest))

const REQUEST_VARIABLE = /^(host|http_host|request_uri|uri|scheme|args|is_args)(?!\w)/
const redirectVariable = new RegExp(`^\\d|${REQUEST_VARIABLE.source}`)

function redirectOf(a: Annotations): Settings['redirect'] {
  const urlOf = (value: string) =>
    /^(https?:\/\/|\/|\$scheme:\/\/)/.test(value) && !hasVariables(value, redirectVariable) ? value : undefined
  const codeOf = (value: string) => (/^30[0-8]$/.test(value) ? Number(value) : undefined)
  const codes = { permanent: a.read('permanent-redirect-code', 'a code of 300 to 308', codeOf) ?? 301 }
  const temporal = a.must('temporal-redirect', 'an address', urlOf)
  const permanent = a.must('permanent-redirect', 'an address', urlOf)
  if (temporal) return { code: 302, url: temporal }
  return permanent ? { code: codes.permanent, url: permanent } : undefined
}

/** Addresses and ranges, with commas between them. */
function ranges(value: string): string[] | undefined {
  const list = value.split(',').map((one) => one.trim())
  return list.every(isRange) ? list : undefined
}

function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const ip = parseIp(address)
  if (!ip || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (ip.family === 4 ? 32 : 128))
}

function cookieOf(a: Annotations): Cookie | undefined {
  const affinity = a.matching('affinity', 'cookie', /^cookie$/)
  const name = a.matching('session-cookie-name', 'a name of letters, digits, ".", "_" and "-"', /^[\w.-]+$/)
  const path = a.matching('session-cookie-path', 'a path', /^\/[^\s"$;\\]*$/)
  const maxAge = a.count('session-cookie-max-age', 'seconds') ?? a.count('session-cookie-expires', 'seconds')
  const sameSite = a.matching('session-cookie-samesite', 'None, Lax or Strict', /^(None|Lax|Strict)$/)
  // Which server a cookie leads to is a matter of its value alone, so both modes are one, and a server that fails is left at once.
  a.matching('affinity-mode', 'balanced or persistent', /^(balanced|persistent)$/)
  a.flag('session-cookie-change-on-failure')
  if (!affinity) return undefined
  return {
    name: name ?? 'INGRESSCOOKIE',
    path: path ?? '/',
    maxAge: maxAge === undefined ? undefined : Math.min(maxAge, 3650 * DAY),
    sameSite,
  }
}

function authOf(a: Annotations): Settings['auth'] {
  const type = a.must('auth-type', 'basic', (value) => (value === 'basic' ? value : undefined))
  const secret = a.must('auth-secret', 'the name of a Secret of the same namespace', (value) =>
    /^[a-z0-9][a-z0-9.-]*$/.test(value) ? value : undefined,
  )
  const realm = a.read('auth-realm', 'words', (value) => (isQuotable(value) ? value : undefined)) ?? ''
  // Guards that are not there must not be taken for guards that let everybody in.
  a.must('auth-tls-secret', 'nothing: certificates of clients are not supported', () => undefined)
  if (!type) return undefined
  if (!secret)
    throw new RejectedAnnotation('basic authentication needs the annotation nginx.ingress.kubernetes.io/auth-secret')
  return { secret, realm }
}
