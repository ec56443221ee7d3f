import { Affinity } from './render-affinity.ts'
import { renderAuths } from './render-auth.ts'
import { canaryMaps } from './render-canary.ts'
import { corsMaps } from './render-cors.ts'
import { forwardedHeaders, renderCanaries, renderLocation } from './render-location.ts'
import type { Model, Server, Upstream } from './model.ts'
import { DOLLAR, escapeRegex, quote } from './quote.ts'

/** Where nginx finds what the configuration speaks of. */
export interface RenderOptions {
  /** Of the configuration, its files and nginx's process id. */
  directory: string
  /** Where bodies are kept that do not fit into memory. */
  temporary: string
  /** Where each request is told in a line. */
  accessLog: string
  ports: { http: number; https: number; health: number }
  /** Port of this machine at which the controller answers for the names of upstreams. */
  names: number
  /** Port of this machine at which the controller tells where to sign in. */
  signIn: number
  /** PEM with certificate and key, for hosts that have none of their own. */
  certificate: string
  /** Addresses of the cluster's DNS, for services that are names of something outside. */
  resolvers: readonly string[]
  /** At which ports of the desktop 80 and 443 answer. */
  desktop: { http: number; https: number }
  /** nginx has the directive `http2`, which came with 1.25.1. */
  http2Directive: boolean
  workers: number
}

/** The model in nginx's words (nginx.org, "Core functionality"); what people wrote stands in quotes wherever it stands. */
export function render(model: Model, options: RenderOptions): string {
  const { directory, workers } = options
  const affinity = new Affinity(model)
  return `${[
    'daemon off;',
    `worker_processes ${workers};`,
    `pid ${directory}/nginx.pid;`,
    'error_log stderr warn;',
    // What a worker of an older configuration still serves after this is cut.
    'worker_shutdown_timeout 240s;',
    'events {',
    '  worker_connections 4096;',
    '}',
    'http {',
    ...indent([
      ...general(options),
      ...forwardedHeaders({}),
      ...variables(options),
      ...affinity.maps(),
      ...corsMaps(model),
      ...canaryMaps(model),
      ...model.upstreams.filter(({ port }) => !port).flatMap((upstream) => renderUpstream(upstream, affinity)),
      ...health(options),
      ...model.servers.flatMap((server) => renderServer(server, affinity, options)),
    ]),
    '}',
  ].join('\n')}\n`
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => (line ? `  ${line}` : line))

const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

function general({ temporary, names, accessLog }: RenderOptions): string[] {
  return [
    `log_format routed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time $http_host [$upstream_addr] $upstream_response_time $upstream_status $request_id';`,
    `access_log ${accessLog} routed;`,
    ...kinds.map((kind) => `${kind}_temp_path ${temporary}/${kind};`),
    'default_type text/html;',
    'server_tokens off;',
    'sendfile on;',
    'tcp_nopush on;',
    'keepalive_timeout 75s;',
    'large_client_header_buffers 4 8k;',
    'server_names_hash_bucket_size 512;',
    'server_names_hash_max_size 4096;',
    'variables_hash_max_size 4096;',
    'map_hash_bucket_size 256;',
    'ssl_protocols TLSv1.2 TLSv1.3;',
    'ssl_session_cache shared:SSL:2m;',
    'ssl_session_timeout 10m;',
    `resolver 127.0.0.1:${names} valid=1s ipv6=off;`,
    'resolver_timeout 5s;',
    'client_max_body_size 1m;',
    'proxy_http_version 1.1;',
    'proxy_connect_timeout 5s;',
    'proxy_send_timeout 60s;',
    'proxy_read_timeout 60s;',
    'proxy_buffering off;',
    'proxy_buffer_size 4k;',
    'proxy_redirect off;',
    'proxy_ssl_server_name on;',
    'proxy_ssl_name $host;',
    'proxy_next_upstream error timeout;',
    'proxy_next_upstream_tries 3;',
    'grpc_connect_timeout 5s;',
    'grpc_next_upstream error timeout;',
  ]
}

function variables({ desktop }: RenderOptions): string[] {
  const port = desktop.https === 443 ? '' : `:${desktop.https}`
  return [
    ...map('geo', DOLLAR, ['default "$";']),
    ...map('map $http_upgrade', '$connection_upgrade', ['default upgrade;', '"" close;']),
    ...map('map $http_host', '$best_host', ['default $http_host;', '"" $host;']),
    ...map('map $scheme', '$port_of_scheme', ['default 80;', 'https 443;']),
    ...map('map $http_host', '$forwarded_port', [
      'default $port_of_scheme;',
      String.raw`"~:(?<named_port>\\d+)$" $named_port;`,
    ]),
    ...map('map $scheme', '$cookie_secure', ['default "";', 'https "; Secure";']),
    // HTTPS answers at another port where HTTP does so, or where the desktop lets us have 80 and not 443.
    ...map('map $http_host', '$https_port', [
      `default "${desktop.http === 80 ? port : ''}";`,
      ...(desktop.http === 80 ? [String.raw`"~:\\d+$" "";`] : [`"~:${desktop.http}$" "${port}";`]),
    ]),
  ]
}

export const map = (from: string, to: string, entries: readonly string[]): string[] => [
  `${from} ${to} {`,
  ...indent(entries),
  '}',
]

function renderUpstream({ name, servers, cookie }: Upstream, affinity: Affinity): string[] {
  return [
    `upstream ${quote(name)} {`,
    ...indent([
      ...(cookie ? [`hash ${affinity.key(cookie)} consistent;`] : []),
      ...servers.map((one) => `server ${one};`),
    ]),
    '}',
  ]
}

function health({ ports }: RenderOptions): string[] {
  const answers = ['location = /healthz {', '  return 200 "ok\\n";', '}', 'location / {', '  return 404;', '}']
  return ['server {', ...indent([`listen ${ports.health};`, 'access_log off;', ...answers]), '}']
}

function renderServer(server: Server, affinity: Affinity, options: RenderOptions): string[] {
  const { host, locations, certificate, appRoot } = server
  const { ports, directory, http2Directive } = options
  const first = host === '' ? ' default_server' : ''
  const file = certificate ? `${directory}/${certificate}` : options.certificate
  const hasRoot = locations.some(({ modifier, pattern }) => modifier === '' && pattern === '/')
  return [
    'server {',
    ...indent([
      `listen ${ports.http}${first};`,
      `listen ${ports.https} ssl${http2Directive ? '' : ' http2'}${first};`,
      ...(http2Directive ? ['http2 on;'] : []),
      `server_name ${serverName(host)};`,
      `ssl_certificate ${quote(file)};`,
      `ssl_certificate_key ${quote(file)};`,
      ...(appRoot ? ['if ($uri = "/") {', `  return 302 $scheme://$best_host${appRoot};`, '}'] : []),
      ...locations.flatMap((location) => renderLocation(location, affinity, options)),
      ...renderCanaries(locations, affinity, options),
      ...renderAuths(locations, options),
      ...(hasRoot ? [] : ['location / {', '  return 404;', '}']),
    ]),
    '}',
  ]
}

/** A wildcard stands for one label (kubernetes.io, "Ingress: Hostname wildcards"), where nginx's own stands for any number. */
function serverName(host: string): string {
  if (host === '') return '_'
  return quote(host.startsWith('*.') ? `~^[^.]+${escapeRegex(host.slice(1))}$` : host)
}
