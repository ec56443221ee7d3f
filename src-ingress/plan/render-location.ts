import type { Backend, Location } from './model.ts'
import { literal, quote } from './quote.ts'
import type { Affinity } from './render-affinity.ts'
import { authHeaders, authLines } from './render-auth.ts'
import { canarySwitch } from './render-canary.ts'
import { corsLines } from './render-cors.ts'
import type { RenderOptions } from './render.ts'
import type { Settings } from './settings.ts'

type Around = Pick<RenderOptions, 'directory' | 'resolvers'>

/** The `location` block of nginx's configuration. */
export function renderLocation(location: Location, affinity: Affinity, around: Around): string[] {
  const { modifier, pattern } = location
  return rendered(location, `${modifier ? `${modifier} ` : ''}${quote(pattern)}`, affinity, around)
}

/** The locations of a server's canaries: each as the location beside which it stands, with a backend of its own. */
export function renderCanaries(locations: readonly Location[], affinity: Affinity, around: Around): string[] {
  const canaries = new Map(locations.flatMap((location) => (location.canary ? [[location.canary.name, location]] : [])))
  return [...canaries].flatMap(([name, { canary, ...location }]) => {
    const { backend, cookie } = canary!
    const own = { ...location, backend, settings: { ...location.settings, cookie } }
    return rendered(own, name, affinity, around)
  })
}

function rendered(location: Location, place: string, affinity: Affinity, around: Around): string[] {
  const { backend, settings, canary } = location
  const { allow, deny = [], auth, externalAuth, cors, cookie, redirect } = settings
  const lines = [
    ...(location.redirectToHttps
      ? ['if ($scheme = http) {', '  return 308 https://$host$https_port$request_uri;', '}']
      : []),
    ...(canary ? canarySwitch(canary) : []),
    ...deny.map((one) => `deny ${one};`),
    ...(allow ? [...allow.map((one) => `allow ${one};`), 'deny all;'] : []),
    ...(auth && location.users
      ? [
          `auth_basic ${literal(auth.realm)};`,
          `auth_basic_user_file ${quote(`${around.directory}/${location.users}`)};`,
        ]
      : []),
    ...(externalAuth ? authLines(externalAuth) : []),
    ...(cors ? corsLines(cors) : []),
    ...(cookie ? [`add_header Set-Cookie ${affinity.setCookie(cookie)} always;`] : []),
    ...(redirect ? [`return ${redirect.code} ${quote(redirect.url)};`] : forward(location, backend, settings, around)),
  ]
  return [`# ${location.ingress}`, `location ${place} {`, ...lines.map((line) => `  ${line}`), '}']
}

function forward({ rewriteFrom }: Location, backend: Backend, settings: Settings, around: Around): string[] {
  if (backend.type === 'none') return ['return 503;']
  const { rewriteTarget, protocol, bodySize } = settings
  const isGrpc = protocol.startsWith('GRPC')
  const [directive, scheme] = [isGrpc ? 'grpc_pass' : 'proxy_pass', protocol.toLowerCase()]
  const { address, lines } = destination(backend, around)
  return [
    // Before the rewriting, which ends all that is set.
    ...lines,
    ...(rewriteFrom && rewriteTarget !== undefined
      ? [`rewrite ${quote(rewriteFrom)} ${quote(rewriteTarget)} break;`]
      : []),
    ...(bodySize === '1m' ? [] : [`client_max_body_size ${bodySize};`]),
    ...(isGrpc ? grpcLines(settings) : proxyLines(settings)),
    `${directive} ${scheme}://${address};`,
  ]
}

/** Where to, and what must stand before it. A variable has nginx ask for the name when it is needed. */
function destination(
  backend: Exclude<Backend, { type: 'none' }>,
  { resolvers }: Around,
): { address: string; lines: string[] } {
  if (backend.type === 'outside') {
    const asked = resolvers.length > 0 ? [`resolver ${resolvers.join(' ')} valid=10s ipv6=off;`] : []
    return {
      address: `$backend:${backend.port}`,
      lines: [...asked, `set $backend ${quote(backend.host)};`, 'proxy_ssl_name $backend;'],
    }
  }
  const { upstream, port } = backend
  return port
    ? { address: `$backend:${port}`, lines: [`set $backend ${quote(upstream)};`] }
    : { address: upstream, lines: [] }
}

const timeouts = ({ connectTimeout, sendTimeout, readTimeout }: Settings, of: string): string[] => [
  ...(connectTimeout === 5 ? [] : [`${of}_connect_timeout ${connectTimeout}s;`]),
  ...(sendTimeout === 60 ? [] : [`${of}_send_timeout ${sendTimeout}s;`]),
  ...(readTimeout === 60 ? [] : [`${of}_read_timeout ${readTimeout}s;`]),
]

function proxyLines(settings: Settings): string[] {
  const { buffering, bufferSize, requestBuffering, upstreamHost, forwardedPrefix, externalAuth } = settings
  return [
    ...timeouts(settings, 'proxy'),
    ...(buffering ? ['proxy_buffering on;'] : []),
    ...(bufferSize === '4k'
      ? []
      : [
          `proxy_buffer_size ${bufferSize};`,
          `proxy_busy_buffers_size ${bufferSize};`,
          `proxy_buffers 4 ${bufferSize};`,
        ]),
    ...(requestBuffering ? [] : ['proxy_request_buffering off;']),
    // A header of a location's own takes the place of all headers set above it.
    ...(upstreamHost || forwardedPrefix || externalAuth?.responseHeaders.length ? forwardedHeaders(settings) : []),
  ]
}

function grpcLines(settings: Settings): string[] {
  return [
    ...timeouts(settings, 'grpc'),
    `grpc_set_header Host ${settings.upstreamHost ? quote(settings.upstreamHost) : '$best_host'};`,
    'grpc_set_header X-Real-IP $remote_addr;',
    'grpc_set_header X-Forwarded-For $remote_addr;',
    'grpc_set_header X-Forwarded-Proto $scheme;',
    'grpc_set_header X-Request-ID $request_id;',
    ...(settings.externalAuth ? authHeaders(settings.externalAuth) : []).map(
      ([name, value]) => `grpc_set_header ${name} ${value};`,
    ),
  ]
}

/** What a server behind learns of the request. What clients say of themselves is not passed on as true. */
export function forwardedHeaders({
  upstreamHost,
  forwardedPrefix,
  externalAuth,
}: Partial<Pick<Settings, 'upstreamHost' | 'forwardedPrefix' | 'externalAuth'>>): string[] {
  const headers: Array<[name: string, value: string]> = [
    ['Host', upstreamHost ? quote(upstreamHost) : '$best_host'],
    ['Upgrade', '$http_upgrade'],
    ['Connection', '$connection_upgrade'],
    ['X-Request-ID', '$request_id'],
    ['X-Real-IP', '$remote_addr'],
    ['X-Forwarded-For', '$remote_addr'],
    ['X-Forwarded-Host', '$best_host'],
    ['X-Forwarded-Port', '$forwarded_port'],
    ['X-Forwarded-Proto', '$scheme'],
    ['X-Forwarded-Scheme', '$scheme'],
    ['X-Scheme', '$scheme'],
    ['X-Original-Forwarded-For', '$http_x_forwarded_for'],
    ['Proxy', '""'],
    ...(externalAuth ? authHeaders(externalAuth) : []),
    ...(forwardedPrefix ? [['X-Forwarded-Prefix', literal(forwardedPrefix)] as [string, string]] : []),
  ]
  return headers.map(([name, value]) => `proxy_set_header ${name} ${value};`)
}
