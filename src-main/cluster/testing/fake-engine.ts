import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Json = Record<string, unknown>

/**
 * An engine on a socket of its own with the few endpoints that nodes are made with. Its containers run nothing; the one that dies ends
 * as soon as somebody waits for it.
 */
export class FakeEngine {
  readonly socket: string
  readonly containers = new Map<string, Json & { Labels: Record<string, string> }>()
  /** Names of those that are frozen. */
  readonly paused = new Set<string>()
  readonly volumes = new Set<string>()
  readonly networks = new Map<string, Json>()
  /** Name of the container that dies, and what it says before. */
  dying: { name: string; words: string } | undefined
  readonly #folder = mkdtempSync(join(tmpdir(), 'drydock-engine-'))
  readonly #server: Server

  constructor() {
    this.socket = join(this.#folder, 'engine.sock')
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.socket, resolve))
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine')
    const [resource = '', name = '', act = ''] = pathname.split('/').slice(1)
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const isJson = request.headers['content-type']?.includes('json') ?? false
    const body = (isJson && chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {}) as Json
    const called = {
      method: request.method ?? '',
      resource,
      name,
      act,
      body,
      container: searchParams.get('name') ?? '',
    }
    const answer = this.#answer(called)
    if (answer === held) return
    response.statusCode = answer === undefined ? 404 : request.method === 'DELETE' ? 204 : 200
    response.setHeader('content-type', 'application/json')
    if (Buffer.isBuffer(answer)) response.end(answer)
    else response.end(JSON.stringify(answer ?? { message: `no such ${resource}` }))
  }

  #answer({ method, resource, name, act, body, container }: Called): unknown {
    if (resource === '_ping' || resource === 'info' || resource === 'images') return {}
    if (resource === 'networks') return this.#network(method, name, body)
    if (resource === 'volumes') {
      if (name === 'create') return this.volumes.add(String(body['Name'])) && body
      return this.volumes.delete(name) ? {} : undefined
    }
    if (name === 'json')
      return [...this.containers].map(([Id, { Labels }]) => ({ Id, Labels, Names: [`/${Id}`], State: 'running' }))
    if (name === 'create') {
      this.containers.set(container, { ...body, Labels: body['Labels'] as Record<string, string> })
      return { Id: container }
    }
    const known = this.containers.get(name)
    if (!known) return undefined
    if (method === 'DELETE') return this.containers.delete(name) && {}
    if (act === 'wait') return this.dying?.name === name ? { StatusCode: 1 } : held
    if (act === 'logs') return frame(this.dying?.words ?? '')
    if (act === 'pause') this.paused.add(name)
    if (act === 'unpause') this.paused.delete(name)
    if (act !== 'json') return {}
    const State = { Running: true, Paused: this.paused.has(name), Status: 'running', StartedAt: '' }
    return { Id: name, State, NetworkSettings: { Networks: {} } }
  }

  #network(method: string, name: string, body: Json): unknown {
    if (method === 'DELETE') return this.networks.delete(name) ? {} : undefined
    if (name === '') return [...this.networks.values()]
    if (name !== 'create') return this.networks.get(name)
    // A network whose gateway is this machine's own loopback, so that a control plane can listen there.
    const IPAM = { Config: [{ Subnet: '127.0.0.0/24', Gateway: '127.0.0.2' }] }
    this.networks.set(String(body['Name']), { ...body, IPAM })
    return { Id: body['Name'] }
  }
}

interface Called {
  method: string
  resource: string
  name: string
  act: string
  body: Json
  container: string
}

/** Of a request that is never answered. */
const held = Symbol('held')

/** Words as the engine frames a log. */
function frame(words: string): Buffer {
  const text = Buffer.from(words)
  const head = Buffer.alloc(8)
  head[0] = 1
  head.writeUInt32BE(text.length, 4)
  return Buffer.concat([head, text])
}
