import { createServer, request as httpsRequest, type Server } from 'node:https'
import { createServer as createHttpServer } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { NodeConnection, NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import { SpdyConnection } from '../../../../src-wire/spdy/connection.ts'
import { testCertificates as pki } from '../../../../src-wire/testing/certificates.ts'
import { localStreams } from '../../../../src-wire/testing/local-streams.ts'
import { listen } from '../../../../src-wire/testing/loopback.ts'
import { createStreaming, type ConnectTarget } from './index.ts'

let server: Server
let port: number
const web = createHttpServer((request, response) => {
  if (request.url === '/move') response.writeHead(302, { location: '/there' }).end()
  else if (request.url === '/packed')
    response
      .writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
      .end(gzipSync('<a href="/x">packed</a>'))
  else if (request.url === '/heard')
    void text(request).then((body) => response.end(`${request.method} ${request.headers['content-length']} ${body}`))
  else if (request.url?.startsWith('/echo'))
    response.end(
      `${request.method} ${request.url} ${request.headers['x-forwarded-uri']} ${request.headers['x-forwarded-proto']}`,
    )
  else response.writeHead(200, { 'content-type': 'text/html' }).end(`<a href="/x">${request.url}</a>`)
})

const pods: Record<string, unknown> = {}
const objects: Record<string, unknown> = { 'services/s': { spec: { ports: [{ port: 80 }] } } }
const slices: unknown[] = []
const read = {
  get: (_group: string, resource: string, _namespace: string, name: string) =>
    Promise.resolve((resource === 'pods' ? pods[name] : objects[`${resource}/${name}`]) as KubeObject | undefined),
  list: () => Promise.resolve(slices as KubeObject[]),
}
const node = {
  ...localStreams(),
  node: 'n1',
  closed: new AbortController().signal,
  kubelet: (path: string) => Promise.resolve({ status: 200, headers: {}, body: Readable.from([`kubelet ${path}`]) }),
} satisfies NodeConnection
const tunnels: NodeTunnels = {
  get(name) {
    if (name === 'n1') return node
    throw new StatusError(502, 'BadGateway', `error dialing backend: no connection from node "${name}"`)
  },
  has: (name) => name === 'n1',
  list: () => ['n1'],
}

function targetOf(url: URL): ConnectTarget {
  const [, resource = '', name = '', subresource = '', ...rest] = url.pathname.split('/')
  const path = rest.length > 0 ? `/${rest.join('/')}` : ''
  const user = { name: 'admin', groups: [] }
  return { resource, name, subresource, namespace: 'default', path, query: url.searchParams, user }
}

beforeAll(async () => {
  const webPort = await listen(web)
  const pod = (name: string, containers: unknown[], nodeName?: string) => ({
    metadata: { name, namespace: 'default', uid: name },
    spec: { containers, nodeName },
    status: { podIP: '127.0.0.1' },
  })
  pods['one'] = pod('one', [{ name: 'c', ports: [{ containerPort: webPort }] }], 'n1')
  const prepared = pod('prepared', [{ name: 'c' }], 'n1')
  pods['prepared'] = { ...prepared, spec: { ...prepared.spec, initContainers: [{ name: 'i' }] } } as typeof prepared
  pods['two'] = pod('two', [{ name: 'a' }, { name: 'b' }], 'n1')
  pods['pending'] = pod('pending', [{ name: 'c' }])
  pods['lost'] = pod('lost', [{ name: 'c' }], 'n9')
  pods['orphan'] = pod('orphan', [{ name: 'c' }], 'n8')
  objects['nodes/n1'] = {}
  objects['nodes/n9'] = {}
  objects['services/empty'] = objects['services/s']
  slices.push({
    metadata: { labels: { 'kubernetes.io/service-name': 's' } },
    ports: [{ port: webPort }],
    endpoints: [
      { addresses: ['127.0.0.1'], nodeName: 'n1', conditions: { ready: true } },
      { addresses: ['127.0.0.9'], nodeName: 'n1', conditions: { ready: false } },
    ],
  })
  objects['services/elsewhere'] = objects['services/s']
  slices.push({
    metadata: { labels: { 'kubernetes.io/service-name': 'elsewhere' } },
    ports: [{ port: webPort }],
    endpoints: [{ addresses: ['127.0.0.1'] }],
  })
  const streaming = createStreaming({ read, tunnels, log: () => undefined })
  server = createServer(pki.server)
  server.on('request', (request, response) => {
    const target = targetOf(new URL(request.url ?? '/', 'https://x'))
    streaming.handle({ ...target, request, response }).catch((error: StatusError) => {
      response.writeHead(error.code).end(error.message)
    })
  })
  server.on('upgrade', (request, socket, head) => {
    void streaming.upgrade({ ...targetOf(new URL(request.url ?? '/', 'https://x')), request, socket, head })
  })
  port = await listen(server)
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
  web.close()
})

const get = (path: string) => send('GET', path)

function send(
  method: string,
  path: string,
  content?: string,
  headers: Record<string, string> = content === undefined ? {} : { 'content-length': String(content.length) },
): Promise<{ status: number; body: string; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', method, path, headers, ca: pki.ca, agent: false }
    const call = httpsRequest(options, (response) => {
      void text(response).then((body) =>
        resolve({ status: response.statusCode ?? 0, body, location: response.headers.location }),
      )
    })
    call.once('error', reject)
    call.end(content)
  })
}

/** Messages of a WebSocket until it closes, as `channel:text`. */
function talk(path: string, protocol: string, send: Array<Buffer | string> = []): Promise<string[]> {
  const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, protocol ? [protocol] : [], { ca: pki.ca })
  const seen: string[] = []
  socket.on('open', () => {
    for (const message of send) socket.send(message)
  })
  socket.on('message', (data: Buffer) => {
    const bytes = Buffer.from(data)
    seen.push(
      protocol.includes('channel') && !protocol.includes('base64')
        ? `${bytes[0]}:${bytes.toString('utf8', 1)}`
        : bytes.toString(),
    )
  })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => resolve(seen))
  })
}

describe('pods/log', () => {
  it.each([
    ['/pods/one/log', 200, 'one\ntwo\n'],
    ['/pods/prepared/log', 200, 'one\ntwo\n'],
    ['/pods/none/log', 404, 'pods "none" not found'],
    ['/pods/two/log', 400, 'a container name must be specified for pod two, choose one of: [a b]'],
    ['/pods/two/log?container=z', 400, 'container z is not valid for pod two'],
    ['/pods/pending/log', 204, ''],
    ['/pods/orphan/log', 404, 'nodes "n8" not found'],
    ['/pods/lost/log', 502, 'error dialing backend: no connection from node "n9"'],
    [
      '/pods/one/log?tailLines=-1',
      422,
      'PodLogOptions "one" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      '/pods/one/log?limitBytes=0',
      422,
      'PodLogOptions "one" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
    ],
    [
      '/pods/one/log?stream=Stdout&tailLines=1',
      422,
      'PodLogOptions "one" is invalid: []: Forbidden: `tailLines` and specific `stream` are mutually exclusive for now',
    ],
    [
      '/pods/one/log?stream=stdout',
      422,
      'PodLogOptions "one" is invalid: stream: Unsupported value: "stdout": supported values: "All", "Stderr", "Stdout"',
    ],
    ['/pods/one/log?tailLines=1.5', 400, 'strconv.ParseInt: parsing "1.5": invalid syntax'],
    ['/pods/one/log?sinceTime=x', 400, 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
    [
      '/pods/one/log?sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z',
      422,
      'PodLogOptions "one" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    ],
    ['/pods/one/log?stream=All&tailLines=1', 200, 'one\ntwo\n'],
  ])('GET %s answers %i', async (path, status, body) => {
    expect(await get(path)).toMatchObject({ status, body })
  })

  it('is read over a WebSocket too', async () => {
    expect((await talk('/pods/one/log', 'binary.k8s.io')).join('')).toBe('one\ntwo\n')
    const encoded = await talk('/pods/one/log', 'base64.binary.k8s.io')
    expect(Buffer.from(encoded.join(''), 'base64').toString()).toBe('one\ntwo\n')
  })
})

describe('pods/exec', () => {
  const failed = (code: number) =>
    `3:{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: command terminated with exit code ${code}","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"${code}"}]}}`

  it('sends output, then the exit code as a Status', async () => {
    const path = '/pods/one/exec?command=sh&command=-c&command=echo%20hi;exit%207&stdout=true&stderr=true'
    expect(await talk(path, 'v4.channel.k8s.io')).toEqual(['1:', '1:hi\n', failed(7)])
  })

  it('ends stdin when a v5 client closes its channel', async () => {
    const path = '/pods/one/exec?command=cat&stdin=true&stdout=true'
    const seen = await talk(path, 'v5.channel.k8s.io', [Buffer.from('\0typed'), Buffer.from([255, 0])])
    expect(seen.filter((message) => message !== '1:')[0]).toBe('1:typed')
    expect(seen.at(-1)).toContain('"status":"Success"')
  })

  it('passes on the size of the terminal, even when it comes before the command runs', async () => {
    const sizes: string[] = []
    const start = node.exec
    node.exec = async (target, options) => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      const session = await start(target, options)
      return { ...session, resize: (columns, rows) => sizes.push(`${columns}x${rows}`) }
    }
    const size = Buffer.from('\x04{"Width":80,"Height":24}\n')
    await talk('/pods/one/exec?command=cat&stdin=true&stdout=true&tty=true', 'v5.channel.k8s.io', [
      size,
      Buffer.from('\0\x04'),
    ])
    node.exec = start
    expect(sizes).toEqual(['80x24'])
  })

  it('speaks base64 to clients without binary messages', async () => {
    const path = '/pods/one/exec?command=head&command=-c&command=5&stdin=true&stdout=true'
    const typed = `0${Buffer.from('typed').toString('base64')}`
    expect(await talk(path, 'base64.channel.k8s.io', [typed])).toContain(`1${Buffer.from('typed').toString('base64')}`)
  })

  it('keeps all of a large output before the status', async () => {
    const path = '/pods/one/exec?command=head&command=-c&command=9000000&command=/dev/zero&stdout=true'
    const seen = await talk(path, 'v5.channel.k8s.io')
    const bytes = seen
      .filter((message) => message.startsWith('1:'))
      .reduce((sum, message) => sum + message.length - 2, 0)
    expect(bytes).toBe(9_000_000)
    expect(seen.at(-1)).toMatch(/^3:.*Success/)
  })

  it('speaks SPDY', async () => {
    const path = '/pods/one/exec?command=sh&command=-c&command=cat;exit%203&stdin=true&stdout=true'
    const { stdout, error } = await spdyExec(path, 'typed')
    expect(stdout).toBe('typed')
    expect(`3:${error}`).toBe(failed(3))
  })

  it('refuses before the upgrade what cannot work', async () => {
    await expect(talk('/pods/none/exec?command=x&stdout=true', 'v4.channel.k8s.io')).rejects.toThrow('404')
    await expect(talk('/pods/pending/exec?command=x&stdout=true', 'v4.channel.k8s.io')).rejects.toThrow('400')
    await expect(talk('/pods/one/exec?command=x', 'v4.channel.k8s.io')).rejects.toThrow('400')
    await expect(talk('/pods/one/exec?command=x&stdout=true', 'v9.channel.k8s.io')).rejects.toThrow('400')
    expect(await get('/pods/one/exec?command=x')).toMatchObject({ status: 400, body: 'Upgrade request required' })
    expect(await get('/pods/none/exec?command=x')).toMatchObject({ status: 404, body: 'pods "none" not found' })
  })

  it.each(['log', 'exec', 'attach', 'portforward'])('has no other methods for %s than clients use', async (what) => {
    const words = 'the server does not allow this method on the requested resource'
    for (const method of ['PUT', 'PATCH', 'DELETE', ...(what === 'log' ? ['POST'] : [])])
      expect(await send(method, `/pods/one/${what}`)).toMatchObject({ status: 405, body: words })
  })
})

function spdyExec(path: string, input: string): Promise<{ stdout: string; error: string }> {
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' }
  return new Promise((resolve, reject) => {
    const call = httpsRequest({ port, host: '127.0.0.1', path, ca: pki.ca, agent: false, headers, method: 'POST' })
    call.once('error', reject)
    call.once('upgrade', (_response, socket, head) => {
      const connection = new SpdyConnection({ socket, head, server: false, onStream: () => undefined })
      const [error, stdin, stdout] = ['error', 'stdin', 'stdout'].map((streamtype) => connection.open({ streamtype }))
      stdin!.end(input)
      void Promise.all([text(stdout!), text(error!)]).then(([out, status]) => {
        socket.destroy()
        resolve({ stdout: out, error: status })
      }, reject)
    })
    call.end()
  })
}

describe('proxy', () => {
  it.each([
    ['/pods/one/proxy/page?q=1', 200, '<a href="/pods/one/proxy/x">/page?q=1</a>'],
    ['/services/s/proxy/', 200, '<a href="/services/s/proxy/x">/</a>'],
    ['/services/s:80/proxy/', 200, '<a href="/services/s:80/proxy/x">/</a>'],
    ['/services/empty/proxy/', 503, 'no endpoints available for service "empty"'],
    ['/services/s:81/proxy/', 503, 'no service port 81 found for service "s"'],
    ['/services/none/proxy/', 404, 'services "none" not found'],
    ['/services/elsewhere/proxy/', 200, '<a href="/services/elsewhere/proxy/x">/</a>'],
    ['/pods/one/proxy/packed', 200, '<a href="/pods/one/proxy/x">packed</a>'],
    ['/pods/one/proxy/echo?a=%20b+c&d', 200, 'GET /echo?a=%20b+c&d /pods/one/proxy/echo https'],
    ['/nodes/n1/proxy/metrics', 200, 'kubelet /metrics'],
    ['/nodes/n1:10250/proxy/pods', 200, 'kubelet /pods'],
  ])('GET %s answers %i', async (path, status, body) => {
    expect(await get(path)).toMatchObject({ status, body })
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('passes on what is sent with %s', async (method) => {
    expect(await send(method, '/pods/one/proxy/heard', 'some words')).toMatchObject({
      status: 200,
      body: `${method} 10 some words`,
    })
    expect(await send(method, '/pods/one/proxy/heard', 'in chunks', { 'transfer-encoding': 'chunked' })).toMatchObject({
      status: 200,
      body: `${method} undefined in chunks`,
    })
  })

  it('leads redirects back through itself, and a bare path to its root', async () => {
    expect(await get('/pods/one/proxy/move')).toMatchObject({ status: 302, location: '/pods/one/proxy/there' })
    expect(await get('/pods/one/proxy?a=b')).toMatchObject({ status: 301, location: '/pods/one/proxy/?a=b' })
  })

  it('says that a backend cannot be reached', async () => {
    const { status, body } = await get('/pods/one:1/proxy/')
    expect(status).toBe(503)
    expect(body).toMatch(/^error trying to reach service: dial tcp .*: connect: connection refused$/)
  })
})
