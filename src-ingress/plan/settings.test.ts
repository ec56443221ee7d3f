import { describe, expect, it } from 'vitest'
import { RejectedAnnotation } from './annotations.ts'
import { readSettings } from './settings.ts'

const PREFIX = 'nginx.ingress.kubernetes.io/'
const read = (annotations: Record<string, string>) =>
  readSettings(Object.fromEntries(Object.entries(annotations).map(([name, value]) => [PREFIX + name, value])))
const settings = (annotations: Record<string, string>) => read(annotations).settings

describe('annotations', () => {
  it('that are absent or empty leave the defaults of ingress-nginx', () => {
    const byDefault = readSettings(undefined)
    expect(byDefault).toMatchObject({
      settings: {
        regex: false,
        sslRedirect: true,
        protocol: 'HTTP',
        bodySize: '1m',
        readTimeout: 60,
        buffering: false,
      },
      ignored: [],
    })
    expect(read({ 'proxy-body-size': '' })).toEqual(byDefault)
    expect(readSettings({ 'cert-manager.io/issuer': 'x' })).toEqual(byDefault)
  })

  it.each([
    ['rewrite-target', '/$2', { rewriteTarget: '/$2', regex: true }],
    ['use-regex', 'true', { regex: true }],
    ['ssl-redirect', 'false', { sslRedirect: false }],
    ['force-ssl-redirect', 'true', { forceSslRedirect: true }],
    ['proxy-body-size', '0', { bodySize: '0' }],
    ['proxy-read-timeout', '3600', { readTimeout: 3600 }],
    ['proxy-send-timeout', '30s', { sendTimeout: 30 }],
    ['proxy-connect-timeout', ' 7 ', { connectTimeout: 7 }],
    ['proxy-buffering', 'on', { buffering: true }],
    ['proxy-request-buffering', 'off', { requestBuffering: false }],
    ['proxy-buffer-size', '16k', { bufferSize: '16k' }],
    ['backend-protocol', 'grpc', { protocol: 'GRPC' }],
    ['whitelist-source-range', '10.0.0.0/8, ::1', { allow: ['10.0.0.0/8', '::1'] }],
    ['allowlist-source-range', '10.0.0.1', { allow: ['10.0.0.1'] }],
    ['denylist-source-range', '10.0.0.0/8', { deny: ['10.0.0.0/8'] }],
    ['permanent-redirect', 'https://a.dev', { redirect: { code: 301, url: 'https://a.dev' } }],
    ['temporal-redirect', '/new$is_args$args', { redirect: { code: 302, url: '/new$is_args$args' } }],
    ['app-root', '/home', { appRoot: '/home' }],
    ['upstream-vhost', 'in.dev:80', { upstreamHost: 'in.dev:80' }],
    ['affinity', 'cookie', { cookie: { name: 'INGRESSCOOKIE', path: '/', maxAge: undefined, sameSite: undefined } }],
  ])('%s: %s', (name, value, expected) => {
    expect(read({ [name]: value })).toMatchObject({ settings: expected, ignored: [] })
  })

  it.each([
    ['proxy-body-size', '8 MB'],
    ['proxy-read-timeout', '-1'],
    ['proxy-buffering', 'true'],
    ['ssl-redirect', 'no'],
    ['app-root', '/a"; return 200 "'],
    ['upstream-vhost', 'a b'],
    ['session-cookie-name', 'a;b'],
    ['session-cookie-path', '/;'],
    ['x-forwarded-prefix', '/$host'],
    ['affinity', 'ip'],
    ['permanent-redirect-code', '200'],
    ['cors-allow-methods', 'GET";'],
    ['auth-realm', 'a\nb'],
  ])('%s cannot be %j: it is told and the default taken', (name, value) => {
    const { settings: taken, ignored } = read({ [name]: value })
    expect(ignored).toEqual([
      expect.stringContaining(`annotation ${PREFIX}${name}: ${JSON.stringify(value)} is not valid`),
    ])
    expect(taken).toEqual(settings({}))
  })

  it.each([
    ['rewrite-target', '/$host'],
    ['rewrite-target', '/a\nb'],
    ['backend-protocol', 'FCGI'],
    ['whitelist-source-range', '10.0.0.0/33'],
    ['whitelist-source-range', 'all;'],
    ['denylist-source-range', '1.2.3.4/8/8'],
    ['permanent-redirect', 'https://a.dev/$remote_user'],
    ['permanent-redirect', 'javascript:alert(1)'],
    ['cors-allow-origin', 'evil("'],
    ['auth-type', 'digest'],
    ['auth-secret', 'other/users'],
    ['auth-url', 'ftp://login.dev'],
    ['auth-url', 'https://login.dev/$cookie_a'],
    ['auth-url', 'https:// login.dev'],
    ['auth-method', 'LOOK'],
    ['auth-signin', 'login.dev'],
    ['auth-signin', 'https://login.dev/<b>'],
    ['auth-signin', 'https://login.dev/$cookie_a'],
    ['auth-tls-secret', 'shop/ca'],
  ])('%s cannot be %j: routing without it would do what nobody asked for', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(RejectedAnnotation)
  })

  it('that nobody knows are told', () => {
    expect(read({ 'configuration-snippet': 'deny all;', 'mirror-target': 'https://b.dev' }).ignored).toEqual([
      `annotation ${PREFIX}configuration-snippet is not supported`,
      `annotation ${PREFIX}mirror-target is not supported`,
    ])
  })
})

describe('basic authentication', () => {
  it('needs a secret', () => {
    expect(() => read({ 'auth-type': 'basic' })).toThrow('needs the annotation nginx.ingress.kubernetes.io/auth-secret')
    expect(settings({ 'auth-type': 'basic', 'auth-secret': 'users' }).auth).toEqual({ secret: 'users', realm: '' })
  })
})

describe('the cookie of an affinity', () => {
  it('lasts and goes where its annotations say', () => {
    const asked = { affinity: 'cookie', 'session-cookie-name': 'route', 'session-cookie-expires': '60' }
    expect(settings(asked).cookie).toMatchObject({ name: 'route', maxAge: 60 })
    const more = {
      ...asked,
      'session-cookie-max-age': '999999999',
      'session-cookie-samesite': 'Lax',
      'session-cookie-path': '/a',
    }
    expect(settings(more).cookie).toEqual({ name: 'route', path: '/a', maxAge: 315_360_000, sameSite: 'Lax' })
  })
})

describe('other origins', () => {
  it('are all allowed, or those that are named, with one label for a star', () => {
    expect(settings({ 'enable-cors': 'true' }).cors).toMatchObject({
      origins: undefined,
      credentials: true,
      maxAge: 1_728_000,
    })
    const { origins } = settings({
      'enable-cors': 'true',
      'cors-allow-origin': 'https://*.a.dev, http://b.dev:80',
    }).cors!
    const allowed = (origin: string) => new RegExp(origins!).test(origin)
    expect(['https://x.a.dev', 'http://b.dev:80'].every(allowed)).toBe(true)
    expect(['https://a.dev', 'https://x.y.a.dev', 'https://xaadev', 'http://b.dev'].some(allowed)).toBe(false)
    expect(settings({ 'cors-allow-origin': 'https://a.dev' }).cors).toBeUndefined()
  })
})

describe('a canary', () => {
  const canary = (annotations: Record<string, string>) => settings({ canary: 'true', ...annotations }).canary

  it('is one that says so, with nobody who comes to it of itself', () => {
    expect(settings({ 'canary-weight': '10' }).canary).toBeUndefined()
    expect(canary({})).toEqual({ share: 0 })
  })

  it.each([
    [{ 'canary-weight': '10' }, { share: 1000 }],
    [{ 'canary-weight': '1', 'canary-weight-total': '1000' }, { share: 10 }],
    [{ 'canary-weight': '500' }, { share: 10_000 }],
    [{ 'canary-by-cookie': 'try_it' }, { share: 0, cookie: 'try_it' }],
    [{ 'canary-by-header': 'X-Try' }, { share: 0, header: { name: 'X-Try' } }],
    [
      { 'canary-by-header': 'X-Try', 'canary-by-header-value': 'a "b"' },
      { share: 0, header: { name: 'X-Try', value: 'a "b"' } },
    ],
    [
      { 'canary-by-header': 'X-Try', 'canary-by-header-pattern': '^a|b$' },
      { share: 0, header: { name: 'X-Try', pattern: '^a|b$' } },
    ],
    [{ 'canary-by-header-value': 'alone' }, { share: 0 }],
  ])('%j', (annotations, expected) => {
    expect(canary(annotations)).toEqual(expected)
  })

  it.each([
    ['canary-weight', 'half'],
    ['canary-by-cookie', 'a-b'],
    ['canary-by-header', 'a b'],
    ['canary-by-header-value', 'a\nb'],
    ['canary-by-header-pattern', '('],
    ['canary-by-header-pattern', 'a\nb'],
  ])('%s cannot be %j', (name, value) => {
    expect(read({ canary: 'true', [name]: value })).toMatchObject({
      settings: { canary: { share: 0 } },
      ignored: [expect.stringContaining(name)],
    })
  })
})

describe('external authentication', () => {
  it('is asked at an address, for headers that the backend gets', () => {
    const asked = { 'auth-url': 'https://$host/ask?of=$request_uri', 'auth-method': 'post' }
    expect(settings({ ...asked, 'auth-response-headers': 'X-User, X-Groups' }).externalAuth).toEqual({
      url: 'https://$host/ask?of=$request_uri',
      method: 'POST',
      responseHeaders: ['X-User', 'X-Groups'],
    })
    expect(settings({ 'auth-url': 'http://auth.shop.svc.cluster.local' }).externalAuth?.responseHeaders).toEqual([])
    expect(settings({ 'auth-method': 'GET' }).externalAuth).toBeUndefined()
    const signIn = (url: string, more = {}) =>
      settings({ ...asked, 'auth-signin': url, ...more }).externalAuth?.signIn?.replace('$scheme://$http_host', '')
    expect(signIn('https://in.dev/?rd=/x')).toBe('https://in.dev/?rd=/x')
    expect(signIn('https://in.dev/')).toBe('https://in.dev/?rd=$escaped_request_uri')
    expect(signIn('$scheme://in.dev/?a', { 'auth-signin-redirect-param': 'to' })).toBe(
      '$scheme://in.dev/?a&to=$escaped_request_uri',
    )
    expect(read({ ...asked, 'auth-response-headers': 'a b' }).ignored).toHaveLength(1)
  })
})
