import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Container, LifecycleHandler, Pod } from '#types/core/v1'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { openPki } from '../../../src-main/controlplane/pki/index.ts'
import type { Observed } from '../plan/observed.ts'
import type { PodContext } from '../pod-context.ts'
import { runHook } from './hooks.ts'

const HOST = '127.0.0.1'
const open: Server[] = []
const directory = mkdtempSync(join(tmpdir(), 'drydock-hooks-'))
afterAll(() => {
  for (const server of open) server.close()
  rmSync(directory, { recursive: true })
})

async function listen(server: Server): Promise<number> {
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  return (server.address() as AddressInfo).port
}

const pod = (spec: object = {}): Pod => ({ metadata: { name: 'p', uid: 'u' }, spec }) as Pod
const clock = new FakeClock()

function run(hook: LifecycleHandler, ports: Container['ports'] = [], { spec = {}, ip = HOST } = {}) {
  const sandbox = { name: 'POD', attempt: 0, ip } as Observed
  const context = partial<PodContext>({ engine: { ofPod: () => [sandbox] }, nodeIp: HOST, clock })
  const running = { container: { name: 'c', ports }, observed: { id: 'c' } as Observed }
  return runHook(context, pod(spec), running, { handler: hook, timeout: 1_000 })
}

describe('a hook', () => {
  it('asks the pod at a port by its name, with the headers it is given, and takes any answer', async () => {
    const seen: Array<[string | undefined, IncomingHttpHeaders]> = []
    const server = createServer(({ url, headers }, response) => {
      seen.push([url, headers])
      response.writeHead(500).end()
    })
    const ports = [{ name: 'web', containerPort: await listen(server) }]
    const httpGet = { path: 'bye?a=1', port: 'web', httpHeaders: [{ name: 'X-Reason', value: 'stop' }] }
    expect(await run({ httpGet }, ports)).toBeUndefined()
    expect(await run({ httpGet: { ...httpGet, host: HOST } }, ports, { ip: '' })).toBeUndefined()
    expect(await run({ httpGet }, ports, { ip: '', spec: { hostNetwork: true } })).toBeUndefined()
    expect(seen.map(([url]) => url)).toEqual(['/bye?a=1', '/bye?a=1', '/bye?a=1'])
    expect(seen[0]?.[1]).toMatchObject({ 'x-reason': 'stop', 'user-agent': 'kube-lifecycle/1.36' })
  })

  it('speaks TLS without asking whose certificate it is', async () => {
    const asked: string[] = []
    const { serving } = await openPki(directory, { clock, sans: { dns: [], ips: [] } })
    const server = createSecureServer(serving, (request, response) => {
      asked.push(request.url ?? '')
      response.end()
    })
    const port = await listen(server)
    expect(await run({ httpGet: { path: '/s', port, scheme: 'HTTPS' } })).toBeUndefined()
    expect(asked).toEqual(['/s'])
  })

  it('is asked again in the clear where no TLS is spoken, without what is secret', async () => {
    const seen: IncomingHttpHeaders[] = []
    const port = await listen(
      createServer(({ headers }, response) => {
        seen.push(headers)
        response.end()
      }),
    )
    const httpHeaders = [
      { name: 'Authorization', value: 'Bearer a' },
      { name: 'X-A', value: '1' },
    ]
    expect(await run({ httpGet: { port, scheme: 'HTTPS', httpHeaders } })).toBeUndefined()
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ 'x-a': '1' })
    expect(seen[0]).not.toHaveProperty('authorization')
  })

  it('fails where nobody listens, at a port without a name, without an answer in time, and as a tcpSocket', async () => {
    const silent = await listen(createServer(() => undefined))
    const closed = createServer()
    const port = await listen(closed)
    await new Promise((resolve) => closed.close(resolve))
    const url = `Get "http://${HOST}:${port}/"`
    expect(await run({ httpGet: { port } })).toBe(`${url}: dial tcp ${HOST}:${port}: connect: connection refused`)
    expect(await run({ httpGet: { port: 'none' } })).toBe("couldn't find port: none")
    expect(await run({ httpGet: { port: silent } })).toContain('context deadline exceeded')
    expect(await run({ tcpSocket: { port: silent } })).toContain('invalid handler')
  })

  it('sleeps no longer than there is time', async () => {
    const over: string[] = []
    void run({ sleep: { seconds: 5 } }).then(() => over.push('cut'))
    await clock.advance(999)
    expect(over).toEqual([])
    await clock.advance(1)
    expect(over).toEqual(['cut'])
  })
})
