import { once } from 'node:events'
import {
  connect,
  constants,
  createServer,
  type ClientHttp2Stream,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { notFound } from '../../../../src-kube/machinery/errors.ts'
import { decodeProtobuf } from '../../../../src-kube/machinery/protobuf/decode.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { decodeBody, Exchange, isGone, readBody, type Incoming, type Outgoing } from './exchange.ts'
import { negotiate, PROTOBUF } from './negotiation.ts'
import type { RequestInfo } from './request-info.ts'

const YAML = 'data:\n  a: "1"\n  b: x\n  a: "2"\n'

test('Bodies are decoded by their type', () => {
  expect(decodeBody(Buffer.from(''), undefined)).toBeUndefined()
  expect(decodeBody(Buffer.from('{"a":1}'), undefined)).toEqual({ a: 1 })
  expect(decodeBody(Buffer.from('a: 1'), 'application/yaml; charset=utf-8')).toEqual({ a: 1 })
  expect(() => decodeBody(Buffer.from('{'), 'application/json')).toThrow(
    "couldn't get version/kind; json parse error: unexpected end of JSON input",
  )
  const bad = Buffer.from('{bad}')
  const words = "invalid character 'b' looking for beginning of object key string"
  expect(() => decodeBody(bad, 'application/strategic-merge-patch+json')).toThrow(new RegExp(`^${words}`))
  expect(() => decodeBody(bad, 'application/merge-patch+json')).toThrow(`error decoding patch: ${words}`)
  expect(() => decodeBody(Buffer.from('a: ['), 'application/yaml')).toThrow(/^yaml: line 1: /)
  expect(() => decodeBody(Buffer.from('a'), 'text/html')).toThrow(/accepted media types include/)
})

test('JSON that nests deeper than anything that walks it is refused', () => {
  const nested = (depth: number, text: string): Buffer =>
    Buffer.from('{"a":['.repeat(depth / 2) + JSON.stringify(text) + ']}'.repeat(depth / 2))
  const words = 'exceeded max depth'
  expect(() => decodeBody(nested(502, 'x'), 'application/json')).toThrow(`json parse error: ${words}`)
  expect(() => decodeBody(nested(100_000, 'x'), 'application/merge-patch+json')).toThrow(`patch: ${words}`)
  const text = '\\"[{'.repeat(2_000) + '\\'
  expect(decodeBody(nested(500, text), 'application/json')).toMatchObject({ a: [{}] })
  expect(() => decodeBody(Buffer.from('{"a":"' + 'x'.repeat(5_000)), 'application/json')).toThrow('unexpected end')
})

test('YAML is read as kubectl reads it, and no further than its first document', () => {
  const read = (text: string): unknown => decodeBody(Buffer.from(text), 'application/apply-patch+yaml')
  expect(read('mode: 0644\nimmutable: yes\n---\nmore: [')).toEqual({ mode: 420, immutable: true })
  const doubled = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1}, *a${i - 1}` : 'x'}]`)
  expect(() => read(doubled.join('\n'))).toThrow('document contains excessive aliasing')
})

test('A key that YAML gives twice is refused, or told of', () => {
  expect(() => decodeBody(Buffer.from(YAML), 'application/apply-patch+yaml')).toThrow(
    'error converting YAML to JSON: yaml: unmarshal errors:\n  line 4: key "a" already set in map',
  )
  const told: string[] = []
  expect(decodeBody(Buffer.from(YAML), 'application/yaml', (words) => told.push(words))).toEqual({
    data: { a: '2', b: 'x' },
  })
  expect(told).toEqual(['line 4: key "a" already set in map'])
})

test('Answers are not kept by those in between, unless they say that they may', () => {
  const exchange = new Exchange({} as Incoming, {} as Outgoing, {} as RequestInfo)
  expect(exchange.headers({ 'content-type': 'text/plain' })).toEqual({
    'cache-control': 'no-cache, private',
    'content-type': 'text/plain',
  })
  exchange.setHeader('cache-control', 'public')
  expect(exchange.headers({})).toEqual({ 'cache-control': 'public' })
})

function refused(accept: string): { type: string; body: Buffer } {
  const sent: { type: string; body: Buffer } = { type: '', body: Buffer.alloc(0) }
  const response = {
    writeHead: (_code: number, headers: Record<string, string>) => void (sent.type = headers['content-type']!),
    end: (body: Buffer) => void (sent.body = body),
  }
  const info = { query: new URLSearchParams() } as RequestInfo
  const exchange = new Exchange({ headers: { accept } } as Incoming, partial<Outgoing>(response), info)
  exchange.sendStatus(notFound({ group: '', resource: 'pods' }, 'x'))
  return sent
}

test('A refusal is told in the plain form that the client likes best', () => {
  const status = { kind: 'Status', apiVersion: 'v1', message: 'pods "x" not found', code: 404 }
  const protobuf = refused(`${PROTOBUF}, application/json`)
  expect(protobuf.type).toBe(PROTOBUF)
  expect(decodeProtobuf(protobuf.body)).toMatchObject(status)
  const yaml = refused('application/yaml')
  expect(yaml.type).toBe('application/yaml')
  expect(load(yaml.body.toString())).toMatchObject(status)
  for (const accept of [`${PROTOBUF};as=Table;g=meta.k8s.io;v=v1`, 'text/html', 'application/json']) {
    const { type, body } = refused(accept)
    expect(type).toBe('application/json')
    expect(JSON.parse(body.toString())).toMatchObject(status)
  }
})

const json = negotiate(undefined, () => false)

/** One request by HTTP/2 on its way: both its ends. */
async function byHttp2(headers: OutgoingHttpHeaders = {}, sends?: (call: ClientHttp2Stream) => void) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const call = client.request({ ':path': '/', ...headers })
  sends?.(call)
  const [request, response] = (await once(server, 'request')) as [Incoming, Http2ServerResponse]
  const exchange = new Exchange(request, response, { query: new URLSearchParams() } as RequestInfo)
  const close = (): void => {
    client.close()
    server.close()
  }
  return { call, response, exchange, close }
}

test('A long answer by HTTP/2 ends when its client goes in the middle of it', async () => {
  const parts = Array.from({ length: 40 }, () => Buffer.alloc(100_000))
  const { response, exchange, close } = await byHttp2({}, (call) =>
    call.once('data', () => call.close(constants.NGHTTP2_CANCEL)),
  )
  await exchange.sendParts(200, json, parts)
  expect(isGone(response)).toBe(true)
  // Who comes only now learns it too.
  await exchange.sendParts(200, json, parts)
  close()
})

test('A long list comes whole as YAML, and not at all to a client that has gone meanwhile', async () => {
  const list = {
    kind: 'List',
    items: Array.from({ length: 3000 }, (_, i) => ({ name: `x${i}`, text: 'y'.repeat(100) })),
  }
  const bytes = Buffer.from(JSON.stringify(list))
  const yaml = negotiate('application/yaml', () => false)
  const { call, exchange, close } = await byHttp2()
  const chunks: Buffer[] = []
  call.on('data', (chunk: Buffer) => chunks.push(chunk))
  await exchange.sendParts(200, yaml, [bytes.subarray(0, 5), bytes.subarray(5)])
  await once(call, 'end')
  expect(load(Buffer.concat(chunks).toString())).toEqual(list)
  close()
  const { call: gone, response, exchange: late, close: end } = await byHttp2()
  const sent = late.sendParts(200, yaml, [bytes])
  gone.close(constants.NGHTTP2_CANCEL)
  await Promise.all([sent, once(response, 'close')])
  expect(isGone(response)).toBe(true)
  end()
})

test('An answer by HTTP/2 comes whole, and its stream waits for no trailers', async () => {
  const { call, response, exchange, close } = await byHttp2()
  let waits = 0
  response.stream.on('wantTrailers', () => waits++)
  exchange.warn('old')
  exchange.sendObject(201, json, Buffer.from('{"a":1}'))
  const [headers] = (await once(call, 'response')) as [IncomingHttpHeaders]
  expect(headers).toMatchObject({
    ':status': 201,
    'content-length': '7',
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    warning: '299 - "old"',
  })
  expect(await text(call)).toBe('{"a":1}')
  expect([waits, response.statusCode, exchange.hasBegun]).toEqual([0, 201, true])
  close()
})

test('A request by HTTP/2 is answered although its body is never read', async () => {
  const body = Buffer.alloc(500_000)
  const { call, exchange, close } = await byHttp2({ ':method': 'POST' }, (sending) => sending.end(body))
  exchange.sendObject(403, json, Buffer.from('{}'))
  const [headers] = (await once(call, 'response')) as [IncomingHttpHeaders]
  expect([headers[':status'], await text(call)]).toEqual([403, '{}'])
  close()
})

test('The head alone of an answer by HTTP/2 tells the length', async () => {
  const { call, exchange, close } = await byHttp2({ ':method': 'HEAD' })
  exchange.sendObject(200, json, Buffer.from('{"a":1}'))
  const [headers] = (await once(call, 'response')) as [IncomingHttpHeaders]
  expect([headers['content-length'], await text(call)]).toEqual(['7', ''])
  close()
})

test('Nothing is answered to a client of HTTP/2 that is gone', async () => {
  const { call, response, exchange, close } = await byHttp2()
  call.close(constants.NGHTTP2_CANCEL)
  if (!isGone(response)) await once(response.stream, 'close')
  exchange.sendObject(200, json, Buffer.from('{}'))
  expect(response.headersSent).toBe(false)
  close()
})

test('A body of which the rest will never come is not waited for', async () => {
  const gone = partial<Incoming>({ aborted: true, on: () => {}, once: () => {} })
  await expect(readBody(gone)).rejects.toThrow('the client went away while it was sending')
})
