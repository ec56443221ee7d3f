import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { discovery, plainDiscovery } from './fake-discovery.ts'
import { openapi } from './fake-openapi.ts'
import { answerPast, objectsAt, type Written } from './fake-past.ts'
import { resources, type FakeResource } from './fake-resources.ts'
import { listPart } from './list-part.ts'

/** A small API server in memory: enough of lists, watches, writes, logs and exec to drive the gateway and the renderer. */
export interface FakeApiServer {
  url: string
  /** Lists and watches asked for, by plural name, since the start. */
  counts: { list: Map<string, number>; watch: Map<string, number> }
  /** Creates or replaces, gives a new revision, and tells watchers. */
  put(
    plural: string,
    object: Omit<KubeObject, 'metadata'> & { metadata: { name: string; [field: string]: unknown } },
  ): KubeObject
  remove(plural: string, name: string, namespace?: string): void
  /** What the scheduler is to remember of a pod, `namespace/name`. */
  decide(pod: string, decision: object): void
  /** Answers a path with this from now on. */
  answer(path: string, body: object): void
  find(plural: string, name: string, namespace?: string): KubeObject | undefined
  /** From now on the past can be asked for, as that of our own clusters. */
  keepHistory(): void
  /** What was written so far is older by so many milliseconds. */
  pass(milliseconds: number): void
  /** Cuts every open connection, as a restart would. */
  cut(): void
  /** From now on watches from an older revision are answered 410. */
  forget(): void
  /** The next log lines of every followed log. */
  logLine(text: string): void
  stop(): Promise<void>
}

interface Watcher {
  plural: string
  response: ServerResponse
}

interface State {
  objects: Map<string, Map<string, KubeObject>>
  history: Written[]
  keepsHistory: boolean
  watchers: Set<Watcher>
  followers: Set<ServerResponse>
  revision: number
  oldest: number
  counts: FakeApiServer['counts']
  /** By path. */
  answers: Map<string, object>
}

export async function startFakeApiServer(port = 0): Promise<FakeApiServer> {
  const state: State = {
    objects: new Map(resources.map((r) => [r.resource, new Map()])),
    history: [],
    keepsHistory: false,
    watchers: new Set(),
    followers: new Set(),
    revision: 1000,
    oldest: 0,
    counts: { list: new Map(), watch: new Map() },
    answers: new Map(),
  }
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error: unknown) => fail(response, 500, 'InternalError', String(error)))
  })
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false })
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (client) =>
      request.url?.includes('/portforward') ? webServer(client) : echoShell(client, greetingOf(request.url ?? '')),
    ),
  )
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: state.counts,
    put: (plural, object) => store(state, plural, object as KubeObject),
    remove: (plural, name, namespace) => drop(state, plural, key(namespace, name)),
    find: (plural, name, namespace) => state.objects.get(plural)?.get(key(namespace, name)),
    decide: (pod, decision) => void state.answers.set(`/debug/scheduler/decisions/${pod}`, decision),
    answer: (path, body) => void state.answers.set(path, body),
    keepHistory: () => void (state.keepsHistory = true),
    pass(milliseconds) {
      for (const written of state.history) written.time -= milliseconds
    },
    cut() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
    },
    forget: () => void (state.oldest = state.revision + 1),
    logLine(text) {
      for (const response of state.followers) response.write(`${new Date().toISOString()} ${text}\n`)
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

const key = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`

function store(state: State, plural: string, object: KubeObject): KubeObject {
  const objects = state.objects.get(plural)!
  const id = key(object.metadata.namespace, object.metadata.name)
  const old = objects.get(id)
  const resource = resources.find((r) => r.resource === plural)!
  state.revision++
  const stored: KubeObject = {
    ...object,
    apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version,
    kind: resource.kind,
    metadata: {
      uid: old?.metadata.uid ?? `00000000-0000-4000-8000-${String(state.revision).padStart(12, '0')}`,
      creationTimestamp: old?.metadata.creationTimestamp ?? formatTime(Date.now()),
      ...(object.metadata as Partial<KubeObject['metadata']> & { name: string }),
      resourceVersion: String(state.revision),
    },
  }
  objects.set(id, stored)
  tell(state, plural, old ? 'MODIFIED' : 'ADDED', stored)
  return stored
}

function drop(state: State, plural: string, id: string): KubeObject | undefined {
  const objects = state.objects.get(plural)
  const old = objects?.get(id)
  if (!old) return undefined
  objects!.delete(id)
  state.revision++
  tell(state, plural, 'DELETED', { ...old, metadata: { ...old.metadata, resourceVersion: String(state.revision) } })
  return old
}

function tell(state: State, plural: string, type: string, object: KubeObject): void {
  const line = `${JSON.stringify({ type, object })}\n`
  state.history.push({ revision: state.revision, plural, line, time: Date.now() })
  for (const watcher of state.watchers) if (watcher.plural === plural) watcher.response.write(line)
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake')
  if (url.pathname === '/api' || url.pathname === '/apis')
    return send(response, 200, discovery(url.pathname === '/api'))
  if (url.pathname === '/version') return send(response, 200, { gitVersion: 'v1.36.0+fake' })
  const described = /^\/openapi\/v3(?:\/(.*))?$/.exec(url.pathname)
  const schemas = described && openapi(described[1] ?? '')
  if (schemas) return send(response, 200, schemas)
  const answer = state.answers.get(url.pathname)
  if (answer) return send(response, 200, answer)
  const past = state.keepsHistory && answerPast(state.history, url)
  if (past) return send(response, past.code, past.body)
  const version = /^\/(?:api|apis\/([^/]+))\/(v\d[^/]*)$/.exec(url.pathname)
  if (version) return send(response, 200, plainDiscovery(version[1] ?? '', version[2]!))
  const path = parsePath(url.pathname)
  if (!path) return fail(response, 404, 'NotFound', 'the server could not find the requested resource')
  const { resource, namespace, name, subresource } = path
  if (subresource === 'log') return serveLog(state, response, url)
  const objects = state.objects.get(resource.resource)!
  if (request.method === 'GET' && !name) {
    if (url.searchParams.get('watch')) return watch(state, resource, response, url)
    return list(state, { resource, namespace, query: url.searchParams }, response)
  }
  const id = key(namespace, name ?? '')
  if (request.method === 'GET') {
    const found = objects.get(id)
    return found ? send(response, 200, found) : missing(response, resource, name!)
  }
  if (request.method === 'DELETE') {
    const dropped = drop(state, resource.resource, id)
    return dropped ? send(response, 200, { kind: 'Status', status: 'Success' }) : missing(response, resource, name!)
  }
  const body = JSON.parse((await readBody(request)) || '{}') as KubeObject
  const method = request.method ?? ''
  const how = { dryRun: url.searchParams.has('dryRun'), force: url.searchParams.has('force') }
  return write(state, { method, resource, namespace, name, subresource, ...how }, body, response)
}

interface Write {
  method: string
  resource: FakeResource
  namespace: string | undefined
  name: string | undefined
  subresource: string | undefined
  dryRun: boolean
  force: boolean
}

function write(state: State, { method, resource, ...target }: Write, body: KubeObject, response: ServerResponse): void {
  const objects = state.objects.get(resource.resource)!
  const name = target.name ?? body.metadata.name
  const namespace = resource.namespaced ? (target.namespace ?? 'default') : undefined
  const old = objects.get(key(namespace, name))
  if (body.spec && typeof body.spec === 'object' && 'foo' in body.spec) {
    return fail(
      response,
      400,
      'BadRequest',
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: unknown field "spec.foo"`,
    )
  }
  const sent = body.metadata?.resourceVersion
  if (old && sent && sent !== old.metadata.resourceVersion) {
    return fail(
      response,
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${resource.resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    )
  }
  const owner = old?.metadata.annotations?.[OWNER_ANNOTATION]
  if (method === 'PATCH' && body.kind && owner && !target.force) return ownedBy(response, owner)
  if (method === 'POST' && old)
    return fail(response, 409, 'AlreadyExists', `${resource.resource} "${name}" already exists`)
  if (method === 'PATCH' && target.subresource !== 'scale' && !old && !body.kind)
    return missing(response, resource, name)
  const merged = method === 'PATCH' && old ? (merge(old, body) as KubeObject) : body
  const next = { ...merged, metadata: { ...merged.metadata, name, ...(namespace ? { namespace } : {}) } }
  if (resource.kind === 'Deployment')
    response.setHeader('warning', '299 - "spec.template is only a \\"test\\" warning"')
  send(
    response,
    old ? 200 : 201,
    target.dryRun ? { ...old, ...next } : store(state, resource.resource, next as KubeObject),
  )
}

/** Of an object whose `data` belongs to another: an apply without force is refused. */
export const OWNER_ANNOTATION = 'fake.drydock.dev/owner'

function ownedBy(response: ServerResponse, owner: string): void {
  const causes = [
    { reason: 'FieldManagerConflict', message: `conflict with "${owner}" using v1`, field: '.data.level' },
  ]
  const message = `Apply failed with 1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
  send(response, 409, {
    kind: 'Status',
    status: 'Failure',
    reason: 'Conflict',
    message,
    code: 409,
    details: { causes },
  })
}

function merge(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch
  const result: Record<string, unknown> = { ...(target as Record<string, unknown>) }
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field]
    else result[field] = merge(result[field], value)
  }
  return result
}

function list(
  state: State,
  { resource, namespace, query }: { resource: FakeResource; namespace: string | undefined; query: URLSearchParams },
  response: ServerResponse,
): void {
  if (!query.has('continue')) count(state.counts.list, resource.resource)
  const { resource: plural } = resource
  const at = query.get('resourceVersionMatch') === 'Exact' ? Number(query.get('resourceVersion')) : undefined
  const all = at === undefined ? [...state.objects.get(plural)!.values()] : objectsAt(state.history, plural, at)
  const items = namespace ? all.filter((o) => o.metadata.namespace === namespace) : all
  const part = listPart(items, query, state.revision)
  send(response, 200, { kind: `${resource.kind}List`, apiVersion: resource.version, ...part })
}

function watch(state: State, resource: FakeResource, response: ServerResponse, url: URL): void {
  count(state.counts.watch, resource.resource)
  const from = Number(url.searchParams.get('resourceVersion') ?? 0)
  if (from < state.oldest - 1) {
    state.oldest = 0
    return fail(response, 410, 'Expired', `too old resource version: ${from}`)
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  for (const entry of state.history) {
    if (entry.plural === resource.resource && entry.revision > from) response.write(entry.line)
  }
  const watcher = { plural: resource.resource, response }
  state.watchers.add(watcher)
  response.on('close', () => state.watchers.delete(watcher))
}

function serveLog(state: State, response: ServerResponse, url: URL): void {
  response.writeHead(200, { 'content-type': 'text/plain' })
  const container = url.searchParams.get('container') ?? 'main'
  const previous = url.searchParams.get('previous') === 'true'
  for (let i = 1; i <= 200; i++) {
    const at = new Date(Date.now() - (200 - i) * 1000).toISOString()
    response.write(`${at} ${previous ? 'previous ' : ''}${container} line ${i}: GET /hello 200 ${(i * 7) % 40} ms\n`)
  }
  if (url.searchParams.get('follow') !== 'true') return void response.end()
  state.followers.add(response)
  response.on('close', () => state.followers.delete(response))
}

/** Greets whoever asks through a port forward. */
function webServer(socket: WebSocket): void {
  for (const to of [0, 1]) socket.send(Buffer.of(to, 0x1f, 0x90))
  const body = 'hello from the pod'
  socket.on('message', () => {
    socket.send(Buffer.from(`\0HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`))
    socket.close()
  })
}

/** A shell says nothing of itself; another command says what it is, and a process that is joined whose it is. */
function greetingOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://fake')
  if (pathname.endsWith('/attach')) return `the process of ${searchParams.get('container')}\r\n`
  const command = searchParams.getAll('command')
  return command[0] === '/bin/sh' ? '' : `${command.join(' ')} runs\r\n`
}

/** Echoes what is typed, with a prompt after each return; `exit` ends it. */
function echoShell(socket: WebSocket, greeting: string): void {
  let line = ''
  const say = (text: string): void => socket.send(Buffer.concat([Buffer.of(1), Buffer.from(text)]))
  say(`${greeting}/ # `)
  socket.on('message', (data) => {
    const bytes = data as Buffer
    if (bytes[0] !== 0) return
    for (const character of bytes.subarray(1).toString('utf8')) {
      if (character !== '\r') {
        line += character
        say(character)
        continue
      }
      if (line === 'exit') {
        socket.send(Buffer.concat([Buffer.of(3), Buffer.from('{"kind":"Status","status":"Success"}')]))
        return socket.close()
      }
      say(`\r\nyou typed: ${line}\r\n/ # `)
      line = ''
    }
  })
}

function parsePath(pathname: string) {
  const match =
    /^\/(?:api\/(?<core>[^/]+)|apis\/(?<group>[^/]+)\/(?<version>[^/]+))(?:\/namespaces\/(?<namespace>[^/]+)(?=\/[^/]+))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/.exec(
      pathname,
    )
  const groups = match?.groups
  const resource = resources.find((r) => r.resource === groups?.['resource'] && r.group === (groups['group'] ?? ''))
  if (!groups || !resource) return undefined
  return { resource, namespace: groups['namespace'], name: groups['name'], subresource: groups['subresource'] }
}

const count = (map: Map<string, number>, name: string): unknown => map.set(name, (map.get(name) ?? 0) + 1)

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function fail(response: ServerResponse, code: number, reason: string, message: string): void {
  if (response.headersSent) return void response.destroy()
  send(response, code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code })
}

const missing = (response: ServerResponse, resource: FakeResource, name: string): void =>
  fail(response, 404, 'NotFound', `${resource.resource} "${name}" not found`)

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
