import { createServer } from 'node:http'
import { createServer as createGrpcServer } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { probeGrpc } from './grpc.ts'
import { probeHttp } from './http.ts'
import { probeTcp } from './tcp.ts'

const HOST = '127.0.0.1'
const open: Array<{ close(): unknown }> = []
afterAll(() => open.forEach((server) => server.close()))

async function listen(server: Server, at = 0): Promise<number> {
  open.push(server)
  await new Promise<void>((resolve) => server.listen(at, HOST, resolve))
  return (server.address() as AddressInfo).port
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('probes over the network', () => {
  it('http: by status, with the headers asked for', async () => {
    const port = await listen(
      createServer((request, response) => {
        response.writeHead(request.url === '/ok' && request.headers['x-a'] === '1' ? 204 : 500).end()
      }),
    )
    const ask = (path: string) =>
      probeHttp({ path, port, httpHeaders: [{ name: 'X-A', value: '1' }] }, HOST, port, 1000)
    expect(await ask('/ok')).toEqual({ ok: true, message: '' })
    expect(await ask('/bad')).toEqual({ ok: false, message: 'HTTP probe failed with statuscode: 500' })
  })

  it('http: each header as often as it is given, none without a value, the pod itself where no host is named', async () => {
    const seen: Array<string[] | undefined> = []
    const port = await listen(
      createServer((request, response) => {
        const all = request.headersDistinct
        seen.push(all['x-a'], all['host'], all['accept'], all['user-agent'])
        response.end()
      }),
    )
    const httpHeaders = [
      { name: 'X-A', value: '1' },
      { name: 'X-A', value: '2' },
      { name: 'Host', value: 'web.example' },
      { name: 'Accept', value: '' },
    ]
    expect((await probeHttp({ host: '', path: '', port, httpHeaders }, HOST, port, 1000)).ok).toBe(true)
    expect(seen).toEqual([['1', '2'], ['web.example'], undefined, ['kube-probe/1.36']])
  })

  it('http: a redirect on the host is followed, one to elsewhere is well with a warning', async () => {
    const to: Record<string, string> = {
      '/bad': '/down',
      '/good': '/up',
      '/far': 'http://0.0.0.0/',
      '/round': '/round',
    }
    const port = await listen(
      createServer(({ url = '' }, response) => {
        const location = to[url]
        if (location) response.writeHead(302, { location }).end('moved')
        else response.writeHead(url === '/up' ? 200 : 500).end()
      }),
    )
    const ask = (path: string) => probeHttp({ path, port }, HOST, port, 1000)
    expect(await ask('/good')).toEqual({ ok: true, message: '' })
    expect(await ask('/bad')).toEqual({ ok: false, message: 'HTTP probe failed with statuscode: 500' })
    const warning = 'Probe terminated redirects, Response body: moved'
    expect(await ask('/far')).toEqual({ ok: true, message: '', warning })
    expect((await ask('/round')).message).toBe(`Get "http://${HOST}:${port}/round": stopped after 10 redirects`)
  })

  it('a closed port, in the words of Go', async () => {
    const port = await closedPort()
    const refused = `dial tcp ${HOST}:${port}: connect: connection refused`
    const http = await probeHttp({ path: '/', port }, HOST, port, 1000)
    expect(http).toEqual({ ok: false, message: `Get "http://${HOST}:${port}/": ${refused}` })
    expect(await probeTcp(HOST, port, 1000)).toEqual({ ok: false, message: refused })
    const late = `timeout: failed to connect service "${HOST}:${port}" within 0.1s: context deadline exceeded`
    expect(await probeGrpc(HOST, port, '', 100)).toEqual({ ok: false, message: late })
  })

  it('https where only http is spoken', async () => {
    const port = await listen(createServer((_, response) => void response.end()))
    expect(await probeHttp({ path: '/', port, scheme: 'HTTPS' }, HOST, port, 1000)).toEqual({
      ok: false,
      message: `Get "https://${HOST}:${port}/": http: server gave HTTP response to HTTPS client`,
    })
  })

  it('an answer that does not come in time', async () => {
    const port = await listen(createServer(() => undefined))
    expect(await probeTcp(HOST, port, 1000)).toEqual({ ok: true, message: '' })
    const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    const answer = await probeHttp({ path: '/', port }, HOST, port, 20)
    expect(answer.message).toBe(`Get "http://${HOST}:${port}/": ${late}`)
  })

  it('grpc: by the status of the health service', async () => {
    const server = createGrpcServer()
    server.on('stream', (stream) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const well = Buffer.concat(chunks).subarray(7).toString() === 'db'
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, well ? 1 : 2]))
      })
    })
    const port = await listen(server)
    expect(await probeGrpc(HOST, port, 'db', 1000)).toEqual({ ok: true, message: '' })
    expect((await probeGrpc(HOST, port, 'x', 1000)).message).toBe('service unhealthy (responded with "NOT_SERVING")')
  })

  it.each([
    [
      '12',
      'unknown%20method',
      'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown method',
    ],
    ['5', 'no%E2%80%99s', 'error: health rpc probe failed: rpc error: code = NotFound desc = no’s'],
    ['99', '100%', 'error: health rpc probe failed: rpc error: code = Code(99) desc = 100%'],
  ])('grpc: a call that ends with status %s', async (status, message, words) => {
    const server = createGrpcServer()
    const trailers = { 'grpc-status': status, 'grpc-message': message }
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true })
    })
    expect(await probeGrpc(HOST, await listen(server), '', 1000)).toEqual({ ok: false, message: words })
  })

  it('grpc: a server that comes up while it is asked', async () => {
    const port = await closedPort()
    const answer = probeGrpc(HOST, port, '', 5000)
    const server = createGrpcServer()
    server.on('stream', (stream) => {
      const trailers = { 'grpc-status': '5', 'grpc-message': 'none' }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true })
    })
    await listen(server, port)
    expect((await answer).message).toBe('error: health rpc probe failed: rpc error: code = NotFound desc = none')
  })

  it('grpc: a connection that breaks once it stands', async () => {
    const server = createGrpcServer()
    server.on('stream', ({ session }) => session?.destroy())
    const { ok, message } = await probeGrpc(HOST, await listen(server), '', 1000)
    expect(ok).toBe(false)
    expect(message).toMatch(/^error: health rpc probe failed: rpc error: code = Unavailable desc = /)
  })

  it('grpc: a server that takes the call and says nothing', async () => {
    const server = createGrpcServer()
    server.on('stream', () => undefined)
    const { message } = await probeGrpc(HOST, await listen(server), '', 300)
    expect(message).toBe('timeout: health rpc did not complete within 0.3s')
  })
})
