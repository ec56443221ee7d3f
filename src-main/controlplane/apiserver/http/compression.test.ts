import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, constants, createServer, type Http2ServerResponse, type IncomingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { takesGzip } from './compression.ts'
import { Exchange } from './exchange.ts'
import { negotiate, PROTOBUF } from './negotiation.ts'
import { parseRequest } from './request-info.ts'

/** A server that answers by `answer`, and a client of it, over HTTP/2. */
async function served(answer: (exchange: Exchange) => Promise<void> | void) {
  const server = createServer((request, response: Http2ServerResponse) => {
    void answer(new Exchange(request, response, parseRequest(request.method, request.url)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  return { client }
}

async function asking(answer: (exchange: Exchange) => Promise<void> | void) {
  const { client } = await served(answer)
  return async (headers: Record<string, string>) => {
    const stream = client.request({ ':path': '/api/v1/pods', ...headers })
    const [[sent], body] = await Promise.all([
      once(stream, 'response') as Promise<[IncomingHttpHeaders]>,
      buffer(stream),
    ])
    return { headers: sent, body }
  }
}

const gzip = { 'accept-encoding': 'gzip' }
const form = negotiate(undefined, () => false)
const text = JSON.stringify({ data: Array.from({ length: 30_000 }, (_, i) => `value ${i}`) })

it('Answers over 128 KiB are packed for who takes gzip, whole or in parts', async () => {
  const parts = Array.from({ length: 400 }, () => Buffer.alloc(1024, 'x'))
  for (const [answer, expected] of [
    [(exchange: Exchange) => exchange.sendObject(200, form, Buffer.from(text)), text],
    [(exchange: Exchange) => exchange.sendObject(200, form, JSON.parse(text) as object), `${text}\n`],
    [(exchange: Exchange) => exchange.sendParts(200, form, parts), Buffer.concat(parts).toString()],
  ] as const) {
    const ask = await asking(answer)
    const packed = await ask(gzip)
    expect(packed.headers).toMatchObject({ ':status': 200, 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(packed.headers['content-length']).toBeUndefined()
    expect(packed.body.length).toBeLessThan(expected.length / 2)
    expect(gunzipSync(packed.body).toString()).toBe(expected)
    const plain = await ask({})
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.headers['content-length']).toBe(String(expected.length))
    expect(plain.body.toString()).toBe(expected)
    const head = await ask({ ...gzip, ':method': 'HEAD' })
    expect(head.headers['content-encoding']).toBeUndefined()
  }
})

it('Protocol buffers are packed too; what is short is not', async () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: 'x'.repeat(200_000) } }
  const ask = await asking((exchange) =>
    exchange.sendObject(
      200,
      negotiate(PROTOBUF, () => false),
      map,
    ),
  )
  const { headers, body } = await ask(gzip)
  expect(headers).toMatchObject({ 'content-type': PROTOBUF, 'content-encoding': 'gzip' })
  expect(gunzipSync(body).subarray(0, 4).toString()).toBe('k8s\0')
  const short = await asking((exchange) => exchange.sendObject(200, form, Buffer.alloc(128 * 1024, '1')))
  expect((await short(gzip)).headers['content-encoding']).toBeUndefined()
})

it('gzip is taken by who names it as such', () => {
  expect(['gzip', 'deflate, gzip', 'br,gzip ,x'].map(takesGzip)).toEqual([true, true, true])
  expect([undefined, '', 'br', 'xgzip', 'gzip;q=0', '*'].map(takesGzip)).toEqual(Array(6).fill(false))
})

it('packing ends when its client goes in the middle of it', async () => {
  const ended = Promise.withResolvers<void>()
  const part = randomBytes(1 << 20)
  const { client } = await served((exchange) => {
    void exchange.sendParts(200, form, Array<Buffer>(40).fill(part)).then(ended.resolve, ended.reject)
  })
  const call = client.request({ ':path': '/api/v1/pods', ...gzip })
  call.once('data', () => call.close(constants.NGHTTP2_CANCEL))
  await expect(ended.promise).resolves.toBeUndefined()
})
