import { expect, it } from 'vitest'
import { ingress, options, path, sources, slice, service, to } from '../testing/objects.ts'
import { buildModel, type Sources } from './build-model.ts'
import { namedSecrets } from './named-secrets.ts'
import { namesOf } from './names.ts'
import { escapeRegex, literal, quote } from './quote.ts'
import { render, type RenderOptions } from './render.ts'

const text = (ingresses: Sources['ingresses'], more: Partial<RenderOptions> = {}, known: Partial<Sources> = {}) =>
  render(buildModel(sources([...ingresses], known)), { ...options, ...more })
const of = (annotations: Record<string, string>, at = '/', known: Partial<Sources> = {}) =>
  text([ingress('a', { 'a.dev': [path(at, 'web', 'ImplementationSpecific')] }, { annotations })], {}, known)

/** Directives as nginx reads them: words outside quotes end with `;`, `{` and `}`; throws where quotes do not match. */
function directives(configuration: string): string[][] {
  const found: string[][] = [[]]
  const bare = configuration.replaceAll(/^\s*#.*$/gm, '')
  for (const [, quoted, single, end, word] of bare.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([;{}])|([^\s;{}"']+)/g)) {
    if (end) found.push([])
    else found.at(-1)!.push(quoted?.replaceAll(/\\(["\\])/g, '$1') ?? single ?? word ?? '')
  }
  return found.filter((words) => words.length > 0)
}

it('whatever people write is one argument', () => {
  const evil = ['/";return 200 x;#', String.raw`/\";}`, "/'", '/{a}', '/a b', '/$host', '/;', '/#', String.raw`/\\`]
  const plain = directives(of({}, '/plain')).map(([name]) => name)
  for (const one of evil) {
    const read = directives(of({}, one))
    expect(read.map(([name]) => name)).toEqual(plain)
    expect(read.find(([name, at]) => name === 'location' && at === one)).toBeDefined()
  }
})

it('an expression reaches nginx as it was written', () => {
  const read = directives(of({ 'rewrite-target': '/$1' }, String.raw`/a\d{2}"(.*)$`))
  expect(read).toContainEqual(['location', '~*', String.raw`^/a\d{2}"(.*)$`])
  expect(read).toContainEqual(['rewrite', String.raw`(?i)^/a\d{2}"(.*)$`, '/$1', 'break'])
})

it('quotes carry everything but control characters, and dollars where they stand for themselves', () => {
  expect(quote(String.raw`a"b\c`)).toBe(String.raw`"a\"b\\c"`)
  expect(literal('$5')).toBe('"${literal_dollar}5"')
  expect(() => quote('a\nb')).toThrow('control character')
  expect(new RegExp(`^${escapeRegex('a.b*c[d]$')}$`).test('a.b*c[d]$')).toBe(true)
})

it('HTTPS is redirected to where it answers on the desktop', () => {
  const portOf = (http: number, https: number) => {
    const [, block = ''] = /map \$http_host \$https_port \{([^}]*)\}/.exec(text([], { desktop: { http, https } }))!
    return (host: string): string => {
      const lines = [...block.matchAll(/^\s*(?:"~((?:[^"\\]|\\.)*)"|default) "(.*)";$/gm)]
      const found = lines.find(([, pattern]) => pattern && new RegExp(pattern.replaceAll('\\\\', '\\')).test(host))
      return (found ?? lines.find(([, pattern]) => !pattern))![2]!
    }
  }
  expect(['a.dev', 'a.dev:8080'].map(portOf(80, 443))).toEqual(['', ''])
  expect(['a.dev', 'a.dev:9000'].map(portOf(80, 8443))).toEqual([':8443', ''])
  expect(['a.dev', 'a.dev:8080', 'a.dev:9000'].map(portOf(8080, 8443))).toEqual(['', ':8443', ''])
  expect(['a.dev:8080'].map(portOf(8080, 443))).toEqual([''])
})

it('older releases of nginx have HTTP/2 with their listeners', () => {
  expect(text([])).toContain('http2 on;')
  const older = text([], { http2Directive: false })
  expect(older).toContain('listen 8443 ssl http2 default_server;')
  expect(older).not.toContain('http2 on;')
})

it('backends are spoken to in their protocol, with the limits asked for', () => {
  const limits = { 'proxy-read-timeout': '9', 'proxy-send-timeout': '8', 'proxy-connect-timeout': '7' }
  const grpc = of({ ...limits, 'backend-protocol': 'GRPCS', 'upstream-vhost': 'in.dev' })
  expect(grpc).toContain('grpc_pass grpcs://$backend:8080;')
  expect(grpc).toContain('grpc_set_header Host "in.dev";')
  expect(of({ 'backend-protocol': 'GRPC' })).toContain('grpc_set_header Host $best_host;')
  for (const [name, seconds] of Object.entries({ read: 9, send: 8, connect: 7 })) {
    expect(grpc).toContain(`grpc_${name}_timeout ${seconds}s;`)
    expect(of(limits)).toContain(`proxy_${name}_timeout ${seconds}s;`)
  }
  const more = of({
    'proxy-body-size': '8m',
    'proxy-buffering': 'on',
    'proxy-buffer-size': '8k',
    'proxy-request-buffering': 'off',
  })
  for (const line of [
    'client_max_body_size 8m',
    'proxy_buffering on',
    'proxy_buffer_size 8k',
    'proxy_request_buffering off',
  ])
    expect(more).toContain(`${line};`)
  expect(of({ 'backend-protocol': 'HTTPS' })).toContain('proxy_pass https://$backend:8080;')
})

it('a name outside is asked for where the cluster asks', () => {
  const outside = {
    service: () =>
      service('web', [{ name: 'http', port: 80, protocol: 'TCP' as const }], {
        type: 'ExternalName',
        externalName: 'x.dev',
      }),
  }
  const written = of({ 'rewrite-target': '/' }, '/', outside)
  expect(written).toMatch(
    /resolver 10\.96\.0\.10 [^;]*;\s+set \$backend "x.dev";[^}]*rewrite [^}]*proxy_pass http:\/\/\$backend:80;/,
  )
  expect(text([], { resolvers: [] })).not.toContain('10.96.0.10')
  const alone = ingress('a', { 'a.dev': [path('/', 'web')] })
  expect(text([alone], { resolvers: [] }, outside)).toContain('set $backend "x.dev";')
})

it('affinity has its servers in the configuration, and one map for cookies of one name', () => {
  const sticky = (name: string, more = {}) =>
    ingress(
      name,
      { [`${name}.dev`]: [path('/', 'web')] },
      { annotations: { affinity: 'cookie', 'session-cookie-name': 'a.b', ...more } },
    )
  const both = text([
    sticky('a'),
    sticky('b', { 'session-cookie-max-age': '5', 'session-cookie-samesite': 'Lax' }),
    sticky('c'),
  ])
  expect(both.match(/map \$http_cookie/g)).toHaveLength(1)
  expect(both).toContain(String.raw`"~(?:^|;\\s*)a\\.b=(?<affinity_given_0>[^;]+)"`)
  expect(both.match(/Set-Cookie/g)).toHaveLength(3)
  expect(both).toContain('; Path=/; Max-Age=5; SameSite=Lax; HttpOnly')
  expect(both).toMatch(
    /upstream "web\.80\.shop\.by\.a\.b" \{\s+hash \$affinity_key_0 consistent;\s+server 10\.244\.1\.5:8080;/,
  )
})

it('upstreams that one port and one answer of DNS cannot tell stand in the configuration', () => {
  const one = ingress('a', { 'a.dev': [path('/', 'web')] })
  const withSlices = (...slices: ReturnType<typeof slice>[]) => sources([one], { slices: () => slices })
  const ports = (port: number) => [{ name: 'http', port }]
  const many = Array.from({ length: 41 }, (_, i) => `10.0.0.${i}`)
  for (const known of [
    withSlices(slice(['10.0.0.1'], ports(80)), slice(['10.0.0.2'], ports(81))),
    withSlices(slice(['fd00::1'], ports(80))),
    withSlices(slice(many, ports(80))),
  ]) {
    const model = buildModel(known)
    expect(namesOf(model).size).toBe(0)
    expect(render(model, options)).toContain('proxy_pass http://web.80.shop;')
  }
  expect([...namesOf(buildModel(withSlices(slice(['10.0.0.1'], ports(80)))))]).toEqual([['web.80.shop', ['10.0.0.1']]])
})

it('origins are asked for once, and all are a star', () => {
  const cors = (name: string, origin?: string) =>
    ingress(
      name,
      { [`${name}.dev`]: [path('/', 'web')] },
      {
        annotations: {
          'enable-cors': 'true',
          'cors-allow-credentials': 'false',
          'cors-expose-headers': 'X-A',
          ...(origin ? { 'cors-allow-origin': origin } : {}),
        },
      },
    )
  const written = text([cors('a', 'https://x.dev'), cors('b', 'https://x.dev'), cors('c')])
  expect(written.match(/map \$http_origin/g)).toHaveLength(1)
  expect(written).toContain('add_header Access-Control-Allow-Origin "*" always;')
  expect(written).toContain('add_header Access-Control-Expose-Headers "X-A" always;')
  expect(written).not.toContain('Allow-Credentials')
})

it('paths are held as they are decoded, and as they stand where they cannot be', () => {
  const at = (one: string, type: 'Prefix' | 'Exact' = 'Exact') =>
    buildModel(sources([ingress('a', { 'a.dev': [path(one, 'web', type)] })])).servers[1]!.locations.map(
      ({ pattern }) => pattern,
    )
  expect(at('/a%20b')).toEqual(['/a b'])
  expect(at('/a%zz')).toEqual(['/a%zz'])
  expect(at('/x//', 'Prefix')).toEqual(['/x/', '/x'])
  expect(at('/', 'Prefix')).toEqual(['/'])
})

it('rewriting replaces what its kind of path says', () => {
  const rewrites = (type: 'Prefix' | 'Exact' | 'ImplementationSpecific', at = '/a') =>
    /rewrite "([^"]*)"/.exec(
      text([ingress('a', { 'a.dev': [path(at, 'web', type)] }, { annotations: { 'rewrite-target': '/' } })]),
    )![1]
  expect(rewrites('Exact')).toBe('^/a$')
  expect(rewrites('Prefix')).toBe('^/a(?:/|$)')
  expect(rewrites('Prefix', '/')).toBe('^/')
  expect(rewrites('ImplementationSpecific')).toBe('(?i)^/a')
})

it('Secrets that Ingresses name are known by their names', () => {
  const spec = { tls: [{ secretName: 'tls' }, { hosts: ['a.dev'] }], defaultBackend: to('web') }
  const named = ingress('a', {}, { spec, annotations: { 'auth-secret': 'users' } })
  expect([...namedSecrets([named, ingress('b', {}, { annotations: { 'auth-secret': 'in/users' } })])]).toEqual([
    'shop/tls',
    'shop/users',
  ])
})
