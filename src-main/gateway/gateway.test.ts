import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { channel, decodeFrame, encodeFrame } from '../../src-wire/gateway/frames.ts'
import type { ClientMessage, ServerMessage } from '../../src-wire/gateway/messages.ts'
import { UserError } from '../cluster/user-error.ts'
import type { ClusterActions, ClusterSource, MachineActions } from './cluster-actions.ts'
import { DESKTOP_PORT, hostPort, startGateway, type Gateway } from './index.ts'
import { startFakeApiServer, type FakeApiServer } from './testing/fake-api-server.ts'
import { TaskBoard } from './tasks.ts'

let directory: string
let api: FakeApiServer
let gateway: Gateway
let board: TaskBoard
let refusal: PromiseWithResolvers<never>
const opened: WebSocket[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gateway-'))
  await mkdir(join(directory, 'assets'))
  await writeFile(join(directory, 'index.html'), '<!doctype html>')
  await writeFile(join(directory, 'assets/app-1a2b.js'), 'void 0')
  await writeFile(join(directory, '../outside.txt'), 'secret')
  api = await startFakeApiServer()
  board = new TaskBoard()
  refusal = Promise.withResolvers()
  gateway = await startGateway({ clusters: source(), rendererDirectory: directory, version: '0.1.0' })
})

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.terminate()
  await gateway.stop()
  await api.stop()
  await rm(directory, { recursive: true })
})

function source(): ClusterSource {
  const actions = partial<ClusterActions>({
    'node.add': (_input: unknown, context: { progress(text: string): void }) => {
      context.progress('starting the container')
      return Promise.resolve({ name: 'n4' })
    },
    'node.stop': () => Promise.reject(new Error('Docker does not answer. Start it.')),
  })
  return {
    list: () => [{ id: 'drydock', name: 'drydock', own: true, state: 'running' }],
    connection: (id) => (id === 'drydock' ? { server: api.url } : undefined),
    actions: (id) => (id === 'drydock' ? actions : undefined),
    subscribe: () => () => undefined,
    machine: partial<MachineActions>({ 'cluster.create': () => board.run('lab', 'create', () => refusal.promise) }),
    tasks: board,
  }
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: gateway.port, path, headers }, (response) => {
      const { statusCode: status = 0, headers: given } = response
      text(response).then((body) => resolve({ status, headers: given, body }), reject)
    })
      .on('error', reject)
      .end()
  })
}

const self = () => `127.0.0.1:${gateway.port}`

async function signIn(url = gateway.url): Promise<string> {
  const answer = await get(url.slice(url.indexOf('/?')))
  return String(answer.headers['set-cookie']).split(';')[0]!
}

interface Client {
  send(message: ClientMessage): void
  type(id: number, text: string): void
  next(want: (message: ServerMessage) => boolean): Promise<ServerMessage>
  text(id: number): string
  bytes(id: number): number
}

async function connect(): Promise<Client> {
  const cookie = await signIn(gateway.issueUrl())
  const socket = new WebSocket(`ws://${self()}/socket`, { headers: { cookie, origin: `http://${self()}` } })
  opened.push(socket)
  const messages: ServerMessage[] = []
  const received = new Map<number, Buffer[]>()
  let wake = (): void => undefined
  socket.on('message', (data, binary) => {
    const frame = binary ? decodeFrame(data as Buffer) : undefined
    if (frame) received.set(frame.id, [...(received.get(frame.id) ?? []), Buffer.from(frame.payload)])
    else messages.push(JSON.parse((data as Buffer).toString()) as ServerMessage)
    wake()
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const text = (id: number): string => Buffer.concat(received.get(id) ?? []).toString()
  return {
    send: (message) => socket.send(JSON.stringify(message)),
    type: (id, typed) => socket.send(encodeFrame(id, channel.stdin, Buffer.from(typed))),
    async next(want) {
      for (;;) {
        const index = messages.findIndex(want)
        if (index >= 0) return messages.splice(index, 1)[0]!
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    text,
    bytes: (id) => text(id).length,
  }
}

const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } })

describe('the port of the app', () => {
  const startAt = (port: number) => startGateway({ clusters: source(), rendererDirectory: directory, port })

  it('is the same after a restart, so that the browser still has what a person set, and another where it is taken', async () => {
    const { port } = gateway
    const beside = await startAt(port)
    expect(beside.port).not.toBe(port)
    await beside.stop()
    await gateway.stop()
    gateway = await startAt(port)
    expect(gateway.port).toBe(port)
  })

  it('follows that of the API server, beside the one of the desktop app', () => {
    expect(hostPort('https://127.0.0.1:6443')).toBe(16_443)
    expect(hostPort('https://127.0.0.1:6443')).not.toBe(DESKTOP_PORT)
    expect(hostPort('https://127.0.0.1:60000')).toBe(0)
  })
})

describe('the gateway lets in', () => {
  it('nobody without the cookie, and says how to get one', async () => {
    expect((await get('/')).status).toBe(401)
    expect((await get('/assets/app-1a2b.js')).status).toBe(401)
    const told = async (languages: string) => (await get('/', { 'accept-language': languages })).body
    expect(await told('en-US,zh;q=0.5')).toContain('Open Drydock by the link')
    expect(await told('zh-CN,zh;q=0.9,en;q=0.8')).toContain('请用 Drydock 给出的链接打开')
  })

  it('the next browser by the next link, which it tells of when one is used', async () => {
    const links: string[] = []
    const other = await startGateway({
      clusters: source(),
      rendererDirectory: directory,
      onSignIn: (next) => links.push(next),
    })
    const open = async (url: string) => (await fetch(url, { redirect: 'manual' })).status
    expect([await open(other.url), await open(other.url), links.length]).toEqual([303, 401, 1])
    expect(await open(links[0]!)).toBe(303)
    await other.stop()
  })

  it('one browser a token, once, by a strict cookie named after the port', async () => {
    const path = gateway.url.slice(gateway.url.indexOf('/?'))
    const first = await get(path)
    expect(first.status).toBe(303)
    expect(String(first.headers['set-cookie'])).toMatch(
      new RegExp(`^drydock-${gateway.port}=.+HttpOnly; SameSite=Strict`),
    )
    expect((await get(path)).status).toBe(401)
    expect((await get('/?token=guess')).status).toBe(401)
  })

  it('no other host name (DNS rebinding) and no other origin', async () => {
    const cookie = await signIn()
    expect((await get('/', { cookie, host: `evil.example:${gateway.port}` })).status).toBe(421)
    expect((await get('/', { cookie, origin: 'http://evil.example' })).status).toBe(403)
    expect((await get('/', { cookie })).status).toBe(200)
  })

  it('no WebSocket without Origin, from another origin, or without the cookie', async () => {
    const cookie = await signIn()
    const refused = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const socket = new WebSocket(`ws://${self()}/socket`, { headers })
        socket.on('error', () => undefined)
        socket.on('open', () => reject(new Error('was let in')))
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      })
    expect(await refused({ cookie })).toBe(403)
    expect(await refused({ cookie, origin: 'http://evil.example' })).toBe(403)
    expect(await refused({ origin: `http://${self()}` })).toBe(401)
  })

  it('files of the renderer only, with a strict policy, hashed ones for ever', async () => {
    const cookie = await signIn()
    const page = await get('/', { cookie })
    expect(page.headers['content-security-policy']).toContain("script-src 'self'")
    expect(page.headers['cache-control']).toBe('no-cache')
    expect((await get('/assets/app-1a2b.js', { cookie })).headers['cache-control']).toContain('immutable')
    expect((await get('/..%2foutside.txt', { cookie })).status).toBe(404)
    expect((await get('/nothing', { cookie })).status).toBe(404)
  })
})

describe('a window', () => {
  it('is told the clusters, and reads and writes their API with warnings', async () => {
    const client = await connect()
    expect(await client.next((m) => m.type === 'clusters')).toMatchObject({
      version: '0.1.0',
      clusters: [{ id: 'drydock' }],
    })
    const body = JSON.stringify({ kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name: 'web' } })
    client.send({
      type: 'call',
      id: 1,
      cluster: 'drydock',
      method: 'POST',
      path: '/apis/apps/v1/namespaces/default/deployments',
      body,
    })
    const reply = await client.next((m) => m.type === 'reply')
    expect(reply).toMatchObject({ id: 1, status: 201, warnings: ['spec.template is only a "test" warning'] })
    expect(JSON.parse(client.text(1))).toMatchObject({ metadata: { name: 'web', namespace: 'default' } })
  })

  it('asks for nothing but the API', async () => {
    const client = await connect()
    client.send({ type: 'call', id: 1, cluster: 'drydock', method: 'GET', path: '/api/../etc/passwd' })
    expect(await client.next((m) => m.type === 'reply')).toMatchObject({
      status: 0,
      message: expect.stringContaining('not a path'),
    })
    client.send({ type: 'call', id: 2, cluster: 'other', method: 'GET', path: '/api' })
    expect(await client.next((m) => m.type === 'reply')).toMatchObject({
      status: 0,
      message: 'There is no cluster "other".',
    })
  })

  it('watches several kinds over one socket, each event as the server wrote it', async () => {
    const client = await connect()
    client.send({
      type: 'open',
      id: 1,
      cluster: 'drydock',
      stream: 'watch',
      path: '/api/v1/pods?watch=true&resourceVersion=1000',
      credit: 1e6,
    })
    client.send({
      type: 'open',
      id: 2,
      cluster: 'drydock',
      stream: 'watch',
      path: '/api/v1/nodes?watch=true&resourceVersion=1000',
      credit: 1e6,
    })
    await client.next((m) => m.type === 'opened' && m.id === 1)
    await client.next((m) => m.type === 'opened' && m.id === 2)
    api.put('pods', pod('web'))
    api.put('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })
    expect(await client.next((m) => m.type === 'events' && m.id === 1)).toMatchObject({
      events: [{ type: 'ADDED', object: { kind: 'Pod' } }],
    })
    expect(await client.next((m) => m.type === 'events' && m.id === 2)).toMatchObject({
      events: [{ type: 'ADDED', object: { kind: 'Node' } }],
    })
  })

  it('hears the Status of a refused watch', async () => {
    const client = await connect()
    api.put('pods', pod('web'))
    api.forget()
    client.send({
      type: 'open',
      id: 1,
      cluster: 'drydock',
      stream: 'watch',
      path: '/api/v1/pods?watch=true&resourceVersion=5',
      credit: 1e6,
    })
    expect(await client.next((m) => m.type === 'closed')).toMatchObject({ status: { code: 410, reason: 'Expired' } })
  })

  it('gets no more of a log than it granted, then the rest', async () => {
    const client = await connect()
    client.send({
      type: 'open',
      id: 1,
      cluster: 'drydock',
      stream: 'log',
      path: '/api/v1/namespaces/default/pods/web/log?follow=true',
      credit: 1,
    })
    await client.next((m) => m.type === 'opened')
    client.send({ type: 'call', id: 2, cluster: 'drydock', method: 'GET', path: '/version' })
    await client.next((m) => m.type === 'reply')
    const held = client.bytes(1)
    api.logLine('the last words')
    client.send({ type: 'call', id: 3, cluster: 'drydock', method: 'GET', path: '/version' })
    await client.next((m) => m.type === 'reply')
    expect(client.text(1)).not.toContain('the last words')
    client.send({ type: 'credit', id: 1, bytes: 1e6 })
    await expect.poll(() => client.text(1)).toContain('the last words')
    expect(client.bytes(1)).toBeGreaterThan(held)
  })

  it('types into a shell and hears its end', async () => {
    const client = await connect()
    client.send({
      type: 'open',
      id: 7,
      cluster: 'drydock',
      stream: 'exec',
      path: '/api/v1/namespaces/default/pods/web/exec?command=sh',
      credit: 1e6,
    })
    client.type(7, 'date\r')
    await expect.poll(() => client.text(7)).toContain('you typed: date')
    client.type(7, 'exit\r')
    expect(await client.next((m) => m.type === 'closed')).toMatchObject({ id: 7, status: { status: 'Success' } })
  })

  it('runs actions with progress; a failure keeps its words', async () => {
    const client = await connect()
    client.send({ type: 'action', id: 1, cluster: 'drydock', action: 'node.add', input: {} })
    expect(await client.next((m) => m.type === 'progress')).toMatchObject({ text: 'starting the container' })
    expect(await client.next((m) => m.type === 'result')).toMatchObject({ value: { name: 'n4' } })
    client.send({ type: 'action', id: 2, cluster: 'drydock', action: 'node.stop', input: { name: 'n1' } })
    expect(await client.next((m) => m.type === 'failed')).toMatchObject({
      message: 'Docker does not answer. Start it.',
    })
    client.send({ type: 'action', id: 3, cluster: 'drydock', action: 'constructor' as 'node.add', input: {} })
    expect(await client.next((m) => m.type === 'failed')).toMatchObject({ id: 3 })
  })

  it('asks the machine itself, sees what is done to clusters in every window, and hears the remedy of a failure', async () => {
    const client = await connect()
    expect(await client.next((m) => m.type === 'clusters')).toMatchObject({ canCreate: true })
    client.send({ type: 'action', id: 1, cluster: '', action: 'cluster.create', input: { name: 'lab' } })
    const isTold = (m: ServerMessage): boolean => m.type === 'tasks' && m.tasks.length > 0
    expect(await client.next(isTold)).toMatchObject({ tasks: [{ cluster: 'lab', verb: 'create', state: 'running' }] })
    const other = await connect()
    expect(await other.next(isTold)).toMatchObject({ tasks: [{ cluster: 'lab', state: 'running' }] })
    refusal.reject(new UserError('Docker is not running.', 'Start it.'))
    expect(await client.next((m) => m.type === 'failed')).toMatchObject({ message: 'Docker is not running. Start it.' })
    const hasFailed = (m: ServerMessage): boolean => m.type === 'tasks' && m.tasks[0]?.state === 'failed'
    expect(await other.next(hasFailed)).toMatchObject({
      tasks: [{ message: 'Docker is not running.', remedy: 'Start it.' }],
    })
  })

  it('has helm work on any cluster it is told of, and is told what helm does', async () => {
    const client = await connect()
    expect(await client.next((m) => m.type === 'releases')).toMatchObject({ tasks: [] })
    const input = { namespace: 'shop', name: '--all' }
    client.send({ type: 'action', id: 1, cluster: 'drydock', action: 'helm.uninstall', input })
    expect(await client.next((m) => m.type === 'failed')).toMatchObject({
      message: expect.stringContaining('"--all" cannot be the name of a release. Use at most 53') as string,
    })
  })

  it('goes on with what was begun when the window that asked has gone', async () => {
    const client = await connect()
    client.send({ type: 'action', id: 1, cluster: '', action: 'cluster.create', input: { name: 'lab' } })
    await client.next((m) => m.type === 'tasks' && m.tasks.length > 0)
    for (const socket of opened.splice(0)) socket.terminate()
    await expect.poll(() => gateway.windows).toBe(0)
    expect(board.of('lab')).toMatchObject({ state: 'running' })
  })

  it('hears of a cluster that does not answer, with the remedy', async () => {
    const client = await connect()
    await api.stop()
    client.send({ type: 'call', id: 1, cluster: 'drydock', method: 'GET', path: '/version' })
    expect(await client.next((m) => m.type === 'reply')).toMatchObject({
      status: 0,
      message: expect.stringContaining('Start the cluster'),
    })
    api = await startFakeApiServer()
  })
})
