import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../src-kube/machinery/clock.ts'
import { notFound } from '../src-kube/machinery/errors.ts'
import { httpTransport, type HttpTransport } from './http-transport.ts'
import { relayTo } from './testing/loopback.ts'
import { testCertificates as pki } from './testing/certificates.ts'

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }

let server: Http2SecureServer
let sessions: ServerHttp2Session[]
let answer: (stream: ServerHttp2Stream, path: string, body: string, headers: IncomingHttpHeaders) => void
let transport: HttpTransport
const clock = new FakeClock()

beforeEach(async () => {
  sessions = []
  server = createSecureServer({ ...pki.server, ca: pki.ca, requestCert: true, settings: { maxConcurrentStreams: 10 } })
  server.on('session', (session) => sessions.push(session))
  server.on('sessionError', () => undefined)
  server.on('stream', (stream, headers) => {
    let body = ''
    stream.on('error', () => undefined)
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()))
    stream.on('end', () => answer(stream, String(headers[':path']), body, headers))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  transport = httpTransport({
    server: `https://127.0.0.1:${port}`,
    ca: pki.ca,
    ...pki.admin,
    clock,
    pingInterval: 1000,
  })
})

afterEach(() => {
  transport.close()
  for (const session of sessions) session.destroy()
  server.close()
})

const json = (stream: ServerHttp2Stream, value: unknown, status = 200) => {
  stream.respond({ ':status': status, 'content-type': 'application/json' })
  stream.end(JSON.stringify(value))
}

describe('httpTransport', () => {
  it('reads an answer whose stream the server ended whole before anybody read it', async () => {
    const ended = Promise.withResolvers<void>()
    server.removeAllListeners('stream')
    server.on('stream', (stream) => {
      // Go's server answers, then resets what it has not read of the request: here its end never comes.
      stream.respond({ ':status': 201 })
      stream.end('{"kind":"Pod"}', () => stream.close(constants.NGHTTP2_NO_ERROR))
      stream.once('close', ended.resolve)
    })
    const { body } = await transport.raw({ method: 'POST', path: '/api/v1/nodes', body: new PassThrough() })
    await ended.promise
    // The reset has come when an answer to a ping, sent after it, has.
    await new Promise((resolve) => sessions[0]!.ping(resolve))
    await new Promise(setImmediate)
    await expect(text(body)).resolves.toBe('{"kind":"Pod"}')
  })

  it('sends each verb as its method, path, query and body', async () => {
    const seen: string[] = []
    answer = (stream, path, body, headers) => {
      seen.push(`${String(headers[':method'])} ${path} ${headers['content-type'] ?? ''} ${body}`)
      json(stream, { kind: 'Pod' })
    }
    await transport.request({ verb: 'get', resource: pods, namespace: 'a', name: 'b', subresource: 'status' })
    await transport.request({ verb: 'list', resource: pods, query: { labelSelector: 'x=y' } })
    await transport.request({ verb: 'create', resource: { ...pods, group: 'apps' }, namespace: 'a', body: { k: 1 } })
    await transport.request({
      verb: 'patch',
      resource: pods,
      name: 'b',
      body: [],
      patchType: 'application/json-patch+json',
    })
    await transport.request({ verb: 'deletecollection', resource: pods, namespace: 'a' })
    expect(seen).toEqual([
      'GET /api/v1/namespaces/a/pods/b/status  ',
      'GET /api/v1/pods?labelSelector=x%3Dy  ',
      'POST /apis/apps/v1/namespaces/a/pods application/json {"k":1}',
      'PATCH /api/v1/pods/b application/json-patch+json []',
      'DELETE /api/v1/namespaces/a/pods  ',
    ])
    expect(sessions).toHaveLength(1)
  })

  it('throws the Status of a failed request', async () => {
    answer = (stream) => json(stream, notFound({ group: '', resource: 'pods' }, 'b').toStatus(), 404)
    const failed = transport.request({ verb: 'get', resource: pods, name: 'b' })
    await expect(failed).rejects.toMatchObject({ reason: 'NotFound', code: 404, message: 'pods "b" not found' })
  })

  it('yields the events of a watch, however they are cut, and ends on abort', async () => {
    answer = (stream) => {
      stream.respond({ ':status': 200 })
      const text = '{"type":"ADDED","object":{"n":"é"}}\n{"type":"MODIFIED","object":{}}\n'
      for (const byte of Buffer.from(text)) stream.write(Buffer.from([byte]))
    }
    const abort = new AbortController()
    const types: string[] = []
    for await (const event of transport.watch({ resource: pods, signal: abort.signal })) {
      types.push(event.type)
      if (types.length === 2) abort.abort()
    }
    expect(types).toEqual(['ADDED', 'MODIFIED'])
  })

  it('gives up a request whose signal aborts while the connection is still being made', async () => {
    answer = () => undefined
    const abort = new AbortController()
    const waiting = transport.request({ verb: 'get', resource: pods, name: 'a', signal: abort.signal })
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('throws an ERROR event of a watch', async () => {
    answer = (stream) => {
      stream.respond({ ':status': 200 })
      stream.end('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n')
    }
    const watch = transport.watch({ resource: pods, signal: new AbortController().signal })
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'Expired', code: 410 })
  })

  it('dials again after the session was lost, and answers a read whose connection broke', async () => {
    let first = true
    answer = (stream) => {
      if (first) stream.session?.destroy()
      else json(stream, { kind: 'Pod' })
      first = false
    }
    await transport.request({ verb: 'get', resource: pods, name: 'b' })
    expect(sessions).toHaveLength(2)
  })

  it('does not repeat a write whose fate is unknown', async () => {
    answer = (stream) => stream.session?.destroy()
    const failed = transport.request({ verb: 'create', resource: pods, body: {} })
    await expect(failed).rejects.toMatchObject({ reason: 'ServiceUnavailable' })
    expect(sessions).toHaveLength(1)
  })

  it('lets running streams end after GOAWAY and sends new requests over a new session', async () => {
    const held: ServerHttp2Stream[] = []
    answer = (stream) => {
      if (held.length === 0) {
        held.push(stream)
        stream.session?.goaway()
        json(stream, { kind: 'Old' })
      } else json(stream, { kind: 'New' })
    }
    held.length = 0
    const old = transport.request({ verb: 'get', resource: pods, name: 'b' })
    expect((await old).kind).toBe('Old')
    expect((await transport.request({ verb: 'get', resource: pods, name: 'b' })).kind).toBe('New')
    expect(sessions).toHaveLength(2)
  })

  it('opens a second session when watches fill the first', async () => {
    answer = (stream, path) => {
      if (!path.includes('watch')) return json(stream, { kind: 'Pod' })
      stream.respond({ ':status': 200 })
      stream.write('{"type":"ADDED","object":{}}\n')
    }
    await transport.request({ verb: 'get', resource: pods, name: 'b' })
    const abort = new AbortController()
    for (let i = 0; i < 12; i++) {
      const events = transport.watch({ resource: pods, signal: abort.signal })[Symbol.asyncIterator]()
      expect((await events.next()).value).toMatchObject({ type: 'ADDED' })
    }
    await transport.request({ verb: 'get', resource: pods, name: 'b' })
    expect(sessions).toHaveLength(2)
    abort.abort()
  })

  it('drops a session that leaves pings unanswered', async () => {
    answer = (stream) => {
      stream.respond({ ':status': 200 })
      stream.write('{"type":"ADDED","object":{}}\n')
    }
    const relay = await relayTo((server.address() as AddressInfo).port)
    const far = httpTransport({
      server: `https://127.0.0.1:${relay.port}`,
      ca: pki.ca,
      ...pki.admin,
      clock,
      pingInterval: 1000,
    })
    const events = far.watch({ resource: pods, signal: new AbortController().signal })[Symbol.asyncIterator]()
    await events.next()
    relay.freeze()
    const next = events.next()
    next.catch(() => undefined)
    for (let i = 0; i < 4; i++) await clock.advance(1000)
    await expect(next).rejects.toMatchObject({ message: expect.stringContaining('pings') as string })
    far.close()
    relay.close()
  })

  it('says 503 when nobody listens', async () => {
    const alone = httpTransport({ server: 'https://127.0.0.1:1', ca: pki.ca })
    const failed = alone.request({ verb: 'get', resource: pods, name: 'b' })
    await expect(failed).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    })
    alone.close()
  })
})
