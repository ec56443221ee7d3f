import { createHash } from 'node:crypto'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { createServer as createHttpServer, request } from 'node:http'
import type { Server } from 'node:https'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { NodeServices, PodStreams } from '../../../../src-wire/node/pod-streams.ts'
import type { NetworkPolicyDocument } from '../../../../src-wire/node/network-policy.ts'
import { noise } from '../../../../src-wire/testing/local-streams.ts'
import { listen, relayTo } from '../../../../src-wire/testing/loopback.ts'
import { datagramFrame, DatagramFrames } from '../../../../src-wire/tunnel/datagrams.ts'
import type { UserInfo } from '../../admission/admission.ts'
import { createTunnels, type Tunnels } from './index.ts'
import { dialAsNode, nodeUser, portOf, serveTunnels } from './testing/dialled-server.ts'

let server: Server
let tunnels: Tunnels
let relay: Awaited<ReturnType<typeof relayTo>>
let stop: AbortController
/** Milliseconds. As in the product: a busy machine leaves pings of a tenth of a second unanswered. */
let pingInterval = 5000
let waiting: Array<{ connected: boolean; resolve: () => void }>
let user: UserInfo

const target = { namespace: 'default', pod: 'p', container: 'c' }
const exec = { stdin: false, stdout: true, stderr: true, tty: false }
const logs = { follow: false, previous: false, timestamps: false }

const becomes = (connected: boolean) =>
  tunnels.has('n1') === connected
    ? Promise.resolve()
    : new Promise<void>((resolve) => waiting.push({ connected, resolve }))

async function digest(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

beforeEach(async () => {
  waiting = []
  user = nodeUser
  tunnels = createTunnels({
    pingInterval,
    onChange: (_node, connected) => {
      for (const one of waiting) if (one.connected === connected) one.resolve()
    },
  })
  server = await serveTunnels(tunnels, () => user)
  relay = await relayTo(portOf(server))
  stop = new AbortController()
})

afterEach(() => {
  stop.abort()
  tunnels.close()
  relay.close()
  server.close()
})

/** Both connections stand, at both ends. */
async function join(overrides: Partial<PodStreams & NodeServices> = {}) {
  await dialAsNode({ port: relay.port, streams: overrides, signal: stop.signal, pingInterval })
  await becomes(true)
  return tunnels.get('n1')
}

describe('the node tunnel', () => {
  it('carries the steps of a trace', async () => {
    const asked: unknown[] = []
    const told = (step: unknown, report: object) => {
      asked.push(step)
      return Promise.resolve(report as never)
    }
    const steps = {
      probe: (step: unknown) => told(step, { node: 'n1', evidence: {} }),
      arrival: (step: unknown) => told(step, { node: 'n1', evidence: {} }),
      watch: (step: unknown) => told(step, {}),
      unwatch: (step: unknown) => told(step, {}),
    }
    const { trace } = await join({ trace: steps })
    const probe = { host: 'web', port: 80, protocol: 'tcp' as const, timeout: 100 }
    expect(await trace!.probe(probe)).toEqual({ node: 'n1', evidence: {} })
    const reply = { source: '10.244.1.2', sourcePort: 80, target: '10.244.1.3', targetPort: 61_000 }
    expect(await trace!.arrival({ protocol: 'tcp', reply })).toEqual({ node: 'n1', evidence: {} })
    expect(await trace!.watch({ id: 'w', protocol: 'tcp', sources: [] })).toBeUndefined()
    expect(await trace!.unwatch({ id: 'w' })).toBeUndefined()
    expect(asked).toEqual([probe, { protocol: 'tcp', reply }, { id: 'w', protocol: 'tcp', sources: [] }, { id: 'w' }])
  })

  it('says of an older node that it cannot trace', async () => {
    const { trace } = await join()
    await expect(trace!.watch({ id: 'w', protocol: 'tcp', sources: [] })).rejects.toMatchObject({ code: 501 })
  })

  it('says in the words of a lost backend that a node is not connected', () => {
    expect(() => tunnels.get('n9')).toThrow('error dialing backend: no connection from node "n9"')
  })

  it('refuses a user who is not that node', async () => {
    user = { name: 'system:node:n2', groups: ['system:nodes'] }
    const refused = new Promise<string>((resolve) => {
      void dialAsNode({
        port: relay.port,
        signal: stop.signal,
        onState: (_channel, _state, error) => resolve(String(error?.message)),
      })
    })
    expect(await refused).toBe('the API server answered 403')
    expect(tunnels.list()).toEqual([])
  })

  it('carries logs, and the errors of the node', async () => {
    const node = await join()
    const signal = new AbortController().signal
    expect(await text(await node.logs(target, logs, signal))).toBe('one\ntwo\n')
    const missing = node.logs({ ...target, pod: 'missing' }, logs, signal)
    await expect(missing).rejects.toMatchObject({ reason: 'NotFound', message: 'pods "missing" not found' })
  })

  it('tells the node when the reader of a log has gone', async () => {
    const gone = new Promise<void>((resolve) => {
      void join({
        logs: (_target, _options, signal) => {
          signal.addEventListener('abort', () => resolve())
          return Promise.resolve(new PassThrough())
        },
      })
    })
    await becomes(true)
    const abort = new AbortController()
    await tunnels.get('n1').logs(target, { ...logs, follow: true }, abort.signal)
    abort.abort()
    await expect(gone).resolves.toBeUndefined()
  })

  it('runs a command with both outputs and its exit code', async () => {
    const node = await join()
    const session = await node.exec(target, { ...exec, command: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })
    const [out, err] = await Promise.all([text(session.stdout!), text(session.stderr!)])
    expect([out, err, await session.exit]).toEqual(['out\n', 'err\n', 7])
  })

  it('carries 50 MB through stdin to stdout unharmed', async () => {
    const node = await join()
    const session = await node.exec(target, { ...exec, stdin: true, command: ['cat'] })
    noise(50 << 20).pipe(session.stdin!)
    expect(await digest(session.stdout!)).toBe(await digest(noise(50 << 20)))
    expect(await session.exit).toBe(0)
  })

  it('reports a command that cannot start', async () => {
    const node = await join()
    const session = await node.exec(target, { ...exec, command: ['/no/such/file'] })
    session.stdout!.resume()
    await expect(session.exit).rejects.toMatchObject({ message: expect.stringContaining('ENOENT') as string })
  })

  it('loads a 100 MB image', async () => {
    const node = await join()
    expect(await node.loadImage(noise(100 << 20))).toEqual([`loaded:${100 << 20}`])
  })

  it('removes a volume by its name, and carries the refusal of what is none', async () => {
    const node = await join()
    await expect(node.removeVolume?.('pvc-1')).resolves.toBeUndefined()
    await expect(node.removeVolume?.('../x')).rejects.toMatchObject({
      code: 400,
      message: '"../x" is not a provisioned volume',
    })
  })

  it('says so when the node cannot remove volumes', async () => {
    const node = await join(partial({ removeVolume: undefined }))
    await expect(node.removeVolume?.('pvc-1')).rejects.toMatchObject({ code: 501 })
  })

  it('carries a document of network policies, however large, and why it is not enforced', async () => {
    const documents: NetworkPolicyDocument[] = []
    const enforceNetworkPolicy = (document: NetworkPolicyDocument) => {
      if (document.pods.length > 0) return Promise.reject(new Error('no iptables'))
      documents.push(document)
      return Promise.resolve()
    }
    const node = await join({ enforceNetworkPolicy })
    const ips = Array.from({ length: 60_000 }, (_, i) => `10.244.${i >> 8}.${i & 255}`)
    const document: NetworkPolicyDocument = { peers: { all: ips }, ports: {}, rules: {}, pods: [] }
    await node.enforceNetworkPolicy!(document)
    expect(documents).toEqual([document])
    const refused = node.enforceNetworkPolicy!({ ...document, pods: [{ ip: '10.244.1.2', name: 'default/a' }] })
    await expect(refused).rejects.toMatchObject({
      code: 500,
      message: expect.stringContaining('no iptables') as string,
    })
  })

  it('says so when the node knows no network policies', async () => {
    const node = await join()
    const refused = node.enforceNetworkPolicy!({ peers: {}, ports: {}, rules: {}, pods: [] })
    await expect(refused).rejects.toMatchObject({ code: 501 })
  })

  it('tells of each control connection that stands, until it is to end', async () => {
    const told: string[] = []
    let heard = Promise.withResolvers<void>()
    const end = tunnels.onConnect((node) => {
      told.push(node)
      heard.resolve()
    })
    await join()
    await heard.promise
    heard = Promise.withResolvers()
    relay.reset()
    await heard.promise
    end()
    // Bulk data may have been dialled just before: only what the control connection carries is sure to outlive the reset.
    const again = new Promise((resolve) => tunnels.onConnect(resolve))
    relay.reset()
    await again
    expect(await tunnels.get('n1').statsSummary()).toMatchObject({ node: { nodeName: 'n1' } })
    expect(told).toEqual(['n1', 'n1'])
  })

  it('dials through the node, many connections at once', async () => {
    const echo = createTcpServer((socket: Socket) => socket.pipe(socket))
    const port = await listen(echo)
    const node = await join()
    const rounds = Array.from({ length: 64 }, async (_, index) => {
      const socket = await node.dial('127.0.0.1', port)
      socket.end(`hello ${index}`)
      return text(socket)
    })
    expect(await Promise.all(rounds)).toEqual(Array.from({ length: 64 }, (_, index) => `hello ${index}`))
    await expect(node.dial('127.0.0.1', 1)).rejects.toThrow('ECONNREFUSED')
    echo.close()
  })

  it('carries requests through the node unharmed, with what is sent with them', async () => {
    const heard: string[] = []
    const web = createHttpServer((request, response) => {
      heard.push(request.url ?? '')
      void text(request).then((body) => response.end(body))
    })
    const port = await listen(web)
    const node = await join()
    const asked = async (path: string): Promise<string> => {
      const socket = await node.dial('127.0.0.1', port)
      const headers = { 'content-length': 4, 'x-words': 'as many as a browser has '.repeat(8) }
      return new Promise((resolve, reject) => {
        const call = request({ createConnection: () => socket, method: 'POST', path, headers })
        call.once('response', (answer) => void text(answer).then(resolve, reject))
        call.once('error', reject)
        Readable.from([Buffer.from('body')]).pipe(call)
      })
    }
    for (let i = 0; i < 10; i++) expect(await asked(`/${i}`)).toBe('body')
    expect(heard).toEqual(Array.from({ length: 10 }, (_, i) => `/${i}`))
    web.closeAllConnections()
    web.close()
  })

  it('carries datagrams through the node, each by itself', async () => {
    const echo = new PassThrough()
    const asked: string[] = []
    const dialDatagrams = (host: string, port: number) => {
      asked.push(`${host}:${port}`)
      return Promise.resolve(echo)
    }
    const node = await join({ dialDatagrams })
    const stream = await node.dialDatagrams!('10.96.0.10', 53)
    stream.write(Buffer.concat([datagramFrame(Buffer.from('one')), datagramFrame(Buffer.from('two'))]))
    const frames = new DatagramFrames()
    const got: string[] = []
    for await (const chunk of stream) {
      got.push(...frames.add(chunk as Buffer).map(String))
      if (got.length === 2) break
    }
    expect(asked).toEqual(['10.96.0.10:53'])
    expect(got).toEqual(['one', 'two'])
  })

  it('fails what is under way when the connection breaks, and comes back by itself', async () => {
    const node = await join()
    const session = await node.exec(target, { ...exec, command: ['sleep', '60'] })
    const broken = becomes(false)
    relay.reset()
    await expect(session.exit).rejects.toMatchObject({ code: 502 })
    await broken
    expect(node.closed.aborted).toBe(true)
    await becomes(true)
    expect(await tunnels.get('n1').statsSummary()).toMatchObject({ node: { nodeName: 'n1' } })
  })
})

describe('the pings of a tunnel', () => {
  beforeAll(() => void (pingInterval = 100))
  afterAll(() => void (pingInterval = 5000))

  it('notices by pings that the wire is cut, at both ends', async () => {
    const node = await join()
    relay.freeze()
    await becomes(false)
    relay.thaw()
    await expect.poll(() => node.closed.aborted).toBe(true)
    await becomes(true)
    expect(tunnels.list()).toEqual(['n1'])
  })
})
