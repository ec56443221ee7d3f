import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClusterConnection } from './cluster-actions.ts'
import { signInOf, type SignIn } from './sign-in.ts'
import { createUpstream, proxyOf, unreachable } from './upstream.ts'

const upstream = createUpstream({ server: 'http://127.0.0.1:9/k8s/clusters/one' })

describe('a path that is asked of a cluster', () => {
  it.each([
    '/secrets',
    '/debug/pprof',
    '/api/../debug/pprof',
    '/api/%2e%2e/debug/pprof',
    '/api/.%2E/debug/pprof',
    '/api/..\\..\\debug/pprof',
    '/api/%2e%2e/%2e%2e/two/api/v1/secrets',
    '/debug/history/%2e%2e/%2e%2e/%2e%2e/two/api/v1/secrets',
    '//elsewhere.example/api',
    '@elsewhere.example/api',
  ])('is refused when it leads out of what may be asked for: %s', async (path) => {
    await expect(upstream.request({ method: 'GET', path })).rejects.toThrow('is not a path of the API')
    expect(() => upstream.connect(path, 'p')).toThrow('is not a path of the API')
  })

  it.each(['/version', '/api/v1/pods?labelSelector=a%2Fb', '/debug/history/api/v1/pods', '/drydock/v1/trace'])(
    'goes on its way when it does not: %s',
    async (path) => {
      await expect(upstream.request({ method: 'GET', path })).rejects.toThrow('ECONNREFUSED')
    },
  )
})

describe('a server', () => {
  let server: Server
  let address: string
  /** What the server is asked with; it takes nothing but `new`. */
  let seen: IncomingHttpHeaders[]
  beforeEach(async () => {
    seen = []
    server = createServer(({ headers }, response) => {
      seen.push(headers)
      response.writeHead(headers.authorization === 'Bearer new' ? 200 : 401).end()
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => new Promise((done) => server.close(done)))
  const ask = async (connection: Partial<ClusterConnection>): Promise<number | undefined> => {
    const to = createUpstream({ server: address, ...connection })
    const response = await to.request({ method: 'GET', path: '/version' })
    response.resume()
    to.close()
    return response.statusCode
  }

  it('is told who asks, and as whom', async () => {
    await ask({ basic: { username: 'joe', password: 's' }, impersonate: { user: 'jane', groups: ['dev', 'ops'] } })
    expect(seen[0]).toMatchObject({
      authorization: `Basic ${Buffer.from('joe:s').toString('base64')}`,
      'impersonate-user': 'jane',
      'impersonate-group': 'dev, ops',
    })
  })

  it('is asked with what a program gives to sign in', async () => {
    const status = JSON.stringify({ status: { token: 'new' } })
    const signIn = signInOf({ command: process.execPath, args: ['-e', `console.log('${status}')`] }, '/')
    expect(await ask({ signIn })).toBe(200)
  })

  it('is asked so by the first WebSocket too, which tells why there are no credentials', async () => {
    const script = (text: string): SignIn => signInOf({ command: process.execPath, args: ['-e', text] }, '/')
    const knock = async (signIn: SignIn): Promise<string> => {
      const to = createUpstream({ server: address, signIn })
      const socket = to.connect('/api/v1/namespaces/a/pods/b/exec', 'v5.channel.k8s.io')
      const told = await new Promise<string>((done) => {
        socket.on('unexpected-response', (_request, { statusCode }: IncomingMessage) => done(String(statusCode)))
        socket.on('error', ({ message }) => done(message))
      })
      to.close()
      return told
    }
    server.on('upgrade', ({ headers }, socket) => {
      seen.push(headers)
      socket.end('HTTP/1.1 418 Seen\r\n\r\n')
    })
    expect(await knock(script(`console.log('{"status":{"token":"new"}}')`))).toBe('418')
    expect(seen[0]?.authorization).toBe('Bearer new')
    expect(await knock(script(`console.error('no session'); process.exit(1)`))).toContain('no session')
  })

  it('behind a proxy is asked through it', async () => {
    expect(await ask({ server: 'http://cluster.example', proxy: address, token: 'new' })).toBe(200)
    expect(seen[0]?.host).toBe('cluster.example')
  })
})

it('that takes a connection and then says nothing is given up after a while', async () => {
  const silent = createNetServer()
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  const to = createUpstream({ server: `https://127.0.0.1:${(silent.address() as AddressInfo).port}` })
  const accepted = once(silent, 'connection')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const failed = to.request({ method: 'GET', path: '/version' }).catch((error: unknown) => error)
    await accepted
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await failed).toMatchObject({ code: 'ETIMEDOUT' })
  } finally {
    vi.useRealTimers()
    to.close()
    silent.close()
  }
})

it('goes through the proxy of the environment, but to this machine', () => {
  const environment = { HTTPS_PROXY: 'http://proxy:3128' }
  const way = (server: string): unknown => proxyOf(undefined, new URL(server), environment)
  expect(way('https://cluster.example')).toBe(environment)
  expect(['https://localhost:6443', 'https://127.0.0.1:6443', 'https://[::1]:6443'].map(way)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(proxyOf('http://own:1', new URL('https://cluster.example'), environment)).toMatchObject({
    HTTPS_PROXY: 'http://own:1',
  })
})

it.each([
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'not for this address'],
  ['CERT_HAS_EXPIRED', 'not trusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'not trusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'not trusted'],
  ['ETIMEDOUT', 'does not answer in time'],
  ['ECONNRESET', 'broke'],
  ['EPROTO', 'no API server'],
])('says of %s that the cluster %s', (code, words) => {
  expect(unreachable(Object.assign(new Error('m'), { code }))).toContain(words)
})
