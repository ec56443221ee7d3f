import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testCertificates } from '../../src-wire/testing/certificates.ts'
import { ingress, path, secret, to } from '../testing/objects.ts'
import { Serving } from '../testing/serving.ts'

let serving: Serving
let ports: Record<string, number[]>

beforeAll(async () => {
  serving = await Serving.start()
  const names = ['web', 'api', 'root', 'exact', 'spare']
  ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, [await serving.backend(name)]])))
  const guard = await serving.guard('guard')
  const { cert, key } = testCertificates.server
  const certificate = secret('tls', { 'tls.crt': cert, 'tls.key': key })
  const users = secret('users', { auth: 'eve:{PLAIN}apple' })
  const secrets = new Map([
    ['shop/tls', certificate],
    ['shop/users', users],
  ])
  const of = (name: string, annotations: Record<string, string>, paths = [path('/', 'web')], spec = {}) =>
    ingress(name, { [`${name}.dev`]: paths }, { annotations, spec })
  const all = [
    ingress('paths', {
      'paths.dev': [
        path('/api', 'api'),
        path('/api/exact', 'exact', 'Exact'),
        path('/', 'root'),
        path('/impl', 'web', 'ImplementationSpecific'),
        path('/tail/', 'web'),
        path('/slash/', 'exact', 'Exact'),
      ],
    }),
    ingress('wild', { '*.wild.dev': [path('/', 'web')], 'one.wild.dev': [path('/', 'api')] }),
    ingress('all', { '': [path('/everywhere', 'spare')] }),
    ingress('rest', {}, { spec: { defaultBackend: to('root') } }),
    of('rewrite', { 'rewrite-target': '/$2' }, [
      path('/api(/|$)(.*)', 'api', 'ImplementationSpecific'),
      path('/', 'root'),
    ]),
    of('regex', { 'use-regex': 'true' }, [
      path('/item/[0-9]+', 'api', 'ImplementationSpecific'),
      path('/item', 'web'),
      path('/item/7', 'exact', 'Exact'),
    ]),
    of('secure', {}, undefined, { tls: [{ hosts: ['secure.dev'], secretName: 'tls' }] }),
    of('both', { 'ssl-redirect': 'false' }, undefined, { tls: [{ hosts: ['both.dev'], secretName: 'tls' }] }),
    of('moved', { 'permanent-redirect': 'https://new.dev$request_uri', 'permanent-redirect-code': '308' }),
    of('small', { 'proxy-body-size': '1k' }),
    of('closed', { 'whitelist-source-range': '10.0.0.0/8' }),
    of('open', { 'whitelist-source-range': '10.0.0.0/8, 127.0.0.1' }),
    of('sticky', { affinity: 'cookie', 'session-cookie-name': 'route-1', 'session-cookie-max-age': '60' }),
    of('cors', { 'enable-cors': 'true', 'cors-allow-origin': 'https://*.shop.dev' }),
    of('asked', { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Costs $5' }),
    of('root', { 'app-root': '/home' }),
    of('vhost', { 'upstream-vhost': 'inner.dev', 'x-forwarded-prefix': '/shop' }),
    of('main', { 'x-forwarded-prefix': '/shop', 'rewrite-target': '/inner$1' }, [
      path('/app(/.*)', 'web', 'ImplementationSpecific'),
    ]),
    ingress(
      'beside',
      { 'main.dev': [path('/app(/.*)', 'api', 'ImplementationSpecific')] },
      {
        annotations: {
          canary: 'true',
          'canary-by-header': 'X-Try',
          'canary-by-cookie': 'try',
          'canary-weight': '0',
          'ssl-redirect': 'false',
        },
      },
    ),
    of('valued', {}),
    ingress(
      'beside-valued',
      { 'valued.dev': [path('/', 'api')] },
      {
        annotations: { canary: 'true', 'canary-by-header': 'Region', 'canary-by-header-value': 'e.u' },
      },
    ),
    of('matched', {}),
    ingress(
      'beside-matched',
      { 'matched.dev': [path('/', 'api')] },
      {
        annotations: { canary: 'true', 'canary-by-header': 'Region', 'canary-by-header-pattern': '^eu-' },
      },
    ),
    of('weighed', {}),
    ingress(
      'beside-weighed',
      { 'weighed.dev': [path('/', 'api')] },
      {
        annotations: { canary: 'true', 'canary-weight': '300', 'canary-weight-total': '1000' },
      },
    ),
    of('full', { 'auth-type': 'basic', 'auth-secret': 'users' }),
    ingress(
      'beside-full',
      { 'full.dev': [path('/', 'api')] },
      {
        annotations: { canary: 'true', 'canary-weight': '100', affinity: 'cookie' },
      },
    ),
    of('asking', {
      'auth-url': `http://127.0.0.1:${guard}/ask?of=$request_uri`,
      'auth-method': 'POST',
      'auth-response-headers': 'X-User',
    }),
    ingress(
      'beside-asking',
      { 'asking.dev': [path('/', 'api')] },
      {
        annotations: { canary: 'true', 'canary-by-header': 'X-Try' },
      },
    ),
    of('login', {
      'auth-url': `http://127.0.0.1:${guard}/ask`,
      'auth-signin': 'https://$host/start?rd=$escaped_request_uri',
    }),
    of('portal', { 'auth-url': `http://127.0.0.1:${guard}/ask`, 'auth-signin': 'https://portal.dev/?a=1' }),
    of('unasked', { 'auth-url': 'http://127.0.0.1:1/' }),
    ingress('nothing', { 'nothing.dev': [path('/', 'missing')] }),
  ]
  await serving.route(serving.known(all, ports, { secret: (key) => secrets.get(key) }))
}, 30_000)
afterAll(() => serving.stop())

const body = async (...asked: Parameters<Serving['ask']>): Promise<string> => (await serving.ask(...asked)).body

describe('a canary', () => {
  const at = (host: string, headers: Record<string, string> = {}, path = '/app/x?q=1') => body(host, path, { headers })

  it('has the requests whose header says so, else whose cookie does', async () => {
    expect(await at('main.dev')).toBe('web GET /inner/x?q=1')
    expect(await at('main.dev', { 'x-try': 'always' })).toBe('api GET /inner/x?q=1')
    expect(serving.heard('api')).toMatchObject({ 'x-forwarded-prefix': '/shop', host: 'main.dev' })
    expect(await at('main.dev', { cookie: 'a=1; try=always' })).toContain('api ')
    expect(await at('main.dev', { 'x-try': 'never', cookie: 'try=always' })).toContain('web ')
    expect(await at('main.dev', { 'x-try': 'sometimes', cookie: 'try=never' })).toContain('web ')
  })

  it('has those with a value of the header, or one that matches', async () => {
    expect(await at('valued.dev', { region: 'e.u' })).toContain('api ')
    for (const region of ['eXu', 'E.U', 'always']) expect(await at('valued.dev', { region })).toContain('web ')
    expect(await at('matched.dev', { region: 'eu-west' })).toContain('api ')
    expect(await at('matched.dev', { region: 'us-east' })).toContain('web ')
  })

  it('has its share of the rest', async () => {
    const said = await Promise.all(Array.from({ length: 300 }, () => at('weighed.dev')))
    const share = said.filter((one) => one.startsWith('api ')).length
    expect(share).toBeGreaterThan(40)
    expect(share).toBeLessThan(150)
  })

  it('keeps the guards of the Ingress beside which it stands, and a cookie of its own', async () => {
    expect((await serving.ask('full.dev', '/')).status).toBe(401)
    const headers = { authorization: `Basic ${Buffer.from('eve:apple').toString('base64')}` }
    const answer = await serving.ask('full.dev', '/', { headers, method: 'PUT' })
    expect(answer.body).toBe('api PUT /')
    expect(answer.headers['set-cookie']?.[0]).toContain('INGRESSCOOKIE=')
  })
})

describe('external authentication', () => {
  const asking = (headers: Record<string, string> = {}, method = 'GET') =>
    serving.ask('asking.dev', '/in?a=1', { headers, method })

  it('refuses whom the one who is asked refuses', async () => {
    expect((await asking()).status).toBe(401)
    expect(serving.heard('guard')).toMatchObject({
      'x-asked': 'POST /ask?of=/in?a=1',
      'x-original-url': 'http://asking.dev/in?a=1',
      'x-original-method': 'GET',
    })
    expect((await asking({ 'x-user': 'eve' })).status).toBe(403)
  })

  it('tells the backend who it is, whatever clients say of themselves', async () => {
    const answer = await asking({ authorization: 'let me in', 'x-user': 'root' }, 'PUT')
    expect(answer.body).toBe('web PUT /in?a=1')
    expect(serving.heard('web')).toMatchObject({ 'x-user': 'adam', host: 'asking.dev' })
    expect(answer.headers['set-cookie']).toEqual(['seen=1'])
  })

  it('sends whom nobody knows where to sign in, and from there back', async () => {
    const answer = await serving.ask('login.dev', '/in?a=1&b=%26', { method: 'POST' })
    expect(answer).toMatchObject({ status: 302, headers: { 'set-cookie': ['seen=1'] } })
    expect(answer.headers.location).toBe('https://login.dev/start?rd=%2Fin%3Fa%3D1%26b%3D%2526')
    const portal = await serving.ask('portal.dev', '/in')
    expect(portal.headers.location).toBe('https://portal.dev/?a=1&rd=http://portal.dev%2Fin')
    expect((await serving.ask('login.dev', '/in', { headers: { authorization: 'let me in' } })).body).toBe(
      'web GET /in',
    )
    expect((await fetch(`http://127.0.0.1:${serving.options.signIn}/`)).status).toBe(400)
  })

  it('guards a canary as well', async () => {
    expect((await asking({ 'x-try': 'always' })).status).toBe(401)
    expect((await asking({ 'x-try': 'always', authorization: 'let me in' })).body).toContain('api ')
  })

  it('lets nobody pass when nobody can be asked', async () => {
    expect((await serving.ask('unasked.dev', '/')).status).toBe(500)
  })

  it('cannot be asked from outside', async () => {
    const [, place = ''] = /location = (\/_external-auth-\w+)/.exec(await serving.text()) ?? []
    expect((await serving.ask('asking.dev', place)).status).toBe(404)
  })
})

describe('paths', () => {
  it.each([
    ['paths.dev', '/api', 'api GET /api'],
    ['paths.dev', '/api/', 'api GET /api/'],
    ['paths.dev', '/api/deep?q=1', 'api GET /api/deep?q=1'],
    ['paths.dev', '/slash/', 'exact GET /slash/'],
    ['paths.dev', '/slash', 'root GET /slash'],
    ['paths.dev', '/slash/more', 'root GET /slash/more'],
    ['paths.dev', '/apis', 'root GET /apis'],
    ['paths.dev', '/api/exact', 'exact GET /api/exact'],
    ['paths.dev', '/api/exact/', 'api GET /api/exact/'],
    ['paths.dev', '/implicit', 'web GET /implicit'],
    ['paths.dev', '/tail', 'web GET /tail'],
    ['paths.dev', '/tail/x', 'web GET /tail/x'],
    ['paths.dev:8080', '/api', 'api GET /api'],
    ['PATHS.dev', '/api', 'api GET /api'],
    ['one.wild.dev', '/', 'api GET /'],
    ['two.wild.dev', '/', 'web GET /'],
    ['a.two.wild.dev', '/', 'root GET /'],
    ['unknown.dev', '/everywhere', 'spare GET /everywhere'],
    ['unknown.dev', '/else', 'root GET /else'],
    ['rewrite.dev', '/api/v1/x?q=1', 'api GET /v1/x?q=1'],
    ['rewrite.dev', '/api', 'api GET /'],
    ['regex.dev', '/item/12', 'api GET /item/12'],
    ['regex.dev', '/ITEM/12', 'api GET /ITEM/12'],
    ['regex.dev', '/item/7', 'exact GET /item/7'],
    ['regex.dev', '/item/x', 'web GET /item/x'],
  ])('%s%s is answered by %s', async (host, asked, answer) => {
    expect(await body(host, asked)).toBe(answer)
  })

  it('a host answers 404 where it has no path, and 503 where nothing is ready', async () => {
    expect((await serving.ask('regex.dev', '/items')).status).toBe(404)
    expect((await serving.ask('nothing.dev', '/')).status).toBe(503)
  })
})

it('a connection may become a stream, as WebSockets do', async () => {
  expect(await serving.echo('one.wild.dev', 'hello')).toBe('hello')
})

describe('HTTPS', () => {
  it('a host with a certificate redirects to HTTPS, where it answers, unless an annotation says otherwise', async () => {
    const { status, headers } = await serving.ask('secure.dev', '/x?y=1')
    expect([status, headers.location]).toEqual([308, 'https://secure.dev/x?y=1'])
    expect(await body('secure.dev', '/x', { tls: true })).toBe('web GET /x')
    expect(serving.heard('web')).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' })
    expect(await body('both.dev', '/x')).toBe('web GET /x')
    expect(await body('paths.dev', '/api', { tls: true })).toBe('api GET /api')
  })
})

describe('annotations', () => {
  it('a permanent redirect keeps what was asked for', async () => {
    const { status, headers } = await serving.ask('moved.dev', '/a?b=1')
    expect([status, headers.location]).toEqual([308, 'https://new.dev/a?b=1'])
  })

  it('a body larger than allowed is refused', async () => {
    const big = { 'content-length': '2000' }
    expect((await serving.ask('small.dev', '/', { method: 'POST', headers: big })).status).toBe(413)
  })

  it('only listed addresses get in', async () => {
    expect((await serving.ask('closed.dev', '/')).status).toBe(403)
    expect((await serving.ask('open.dev', '/')).status).toBe(200)
  })

  it('a client without the cookie gets one, and one with it none', async () => {
    const first = await serving.ask('sticky.dev', '/')
    const [cookie = ''] = first.headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^route-1=[0-9a-f]{32}; Path=\/; Max-Age=60; HttpOnly$/)
    const again = await serving.ask('sticky.dev', '/', { headers: { cookie: `a=b; ${cookie.split(';')[0]}` } })
    expect(again.headers['set-cookie']).toBeUndefined()
  })

  it('other origins are answered when they are allowed', async () => {
    const from = (origin: string, method = 'GET') => serving.ask('cors.dev', '/', { method, headers: { origin } })
    expect((await from('https://a.shop.dev')).headers['access-control-allow-origin']).toBe('https://a.shop.dev')
    expect((await from('https://evil.dev')).headers['access-control-allow-origin']).toBeUndefined()
    const before = await from('https://a.shop.dev', 'OPTIONS')
    expect(before.status).toBe(204)
    expect(before.headers['access-control-allow-methods']).toContain('PATCH')
  })

  it('passwords are asked for, in the words given', async () => {
    const { status, headers } = await serving.ask('asked.dev', '/')
    expect([status, headers['www-authenticate']]).toEqual([401, 'Basic realm="Costs $5"'])
    const authorization = `Basic ${Buffer.from('eve:apple').toString('base64')}`
    expect((await serving.ask('asked.dev', '/', { headers: { authorization } })).status).toBe(200)
  })

  it('the root of a host may lead elsewhere, and a backend may be told another host', async () => {
    expect((await serving.ask('root.dev', '/')).headers.location).toBe('http://root.dev/home')
    await serving.ask('vhost.dev', '/', { headers: { 'x-forwarded-for': '8.8.8.8' } })
    expect(serving.heard('web')).toMatchObject({
      host: 'inner.dev',
      'x-forwarded-prefix': '/shop',
      'x-forwarded-for': '127.0.0.1',
      'x-original-forwarded-for': '8.8.8.8',
    })
  })
})
