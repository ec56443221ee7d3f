import { createServer, request as plain, type IncomingHttpHeaders, type Server } from 'node:http'
import { request as secure } from 'node:https'
import { createServer as listener, type AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { testCertificates } from '../../src-wire/testing/certificates.ts'
import { Configuration } from '../host/configuration.ts'
import { NamesServer } from '../host/names-server.ts'
import { SignInServer } from '../host/sign-in-server.ts'
import { Nginx } from '../host/nginx.ts'
import { buildModel, type Sources } from '../plan/build-model.ts'
import { namesOf } from '../plan/names.ts'
import { render, type RenderOptions } from '../plan/render.ts'
import { options, service, slice, sources } from './objects.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  /** Of the backend, `name method path`, or nginx's own. */
  body: string
}

export interface Asked {
  headers?: Record<string, string>
  method?: string
  tls?: boolean
}

/** A real nginx on free ports of this machine, before backends that tell their name and what they were asked. */
export class Serving {
  readonly log: string[] = []
  readonly nginx: Nginx
  readonly names: NamesServer
  readonly configuration: Configuration
  readonly options: RenderOptions
  readonly directory: string
  readonly #backends = new Map<string, { server: Server; headers: IncomingHttpHeaders[] }>()

  readonly signIn: SignInServer

  private constructor(directory: string, names: NamesServer, signIn: SignInServer, ports: number[]) {
    this.names = names
    this.signIn = signIn
    this.directory = directory
    const [http = 0, https = 0, health = 0, asked = 0, told = 0] = ports
    this.nginx = new Nginx({ configuration: Configuration.path(directory), log: (line) => this.log.push(line) })
    this.configuration = new Configuration(directory, this.nginx)
    const certificate = join(directory, 'own.pem')
    const own = {
      directory,
      temporary: directory,
      accessLog: join(directory, 'access.log'),
      certificate,
      ports: { http, https, health },
      names: asked,
      signIn: told,
    }
    this.options = { ...options, ...own, resolvers: [], http2Directive: false, workers: 1 }
  }

  static async start(): Promise<Serving> {
    const directory = await mkdtemp(join(tmpdir(), 'drydock-ingress-'))
    const { cert, key } = testCertificates.server
    await writeFile(join(directory, 'own.pem'), `${cert}\n${key}\n`)
    const names = new NamesServer()
    const asked = await names.start(0)
    const signIn = new SignInServer()
    const told = await signIn.start(0)
    return new Serving(directory, names, signIn, [...(await freePorts(3)), asked, told])
  }

  async backend(name: string, address = '127.0.0.1', port = 0): Promise<number> {
    const headers: IncomingHttpHeaders[] = []
    const server = createServer((request, response) => {
      headers.push(request.headers)
      response.end(`${name} ${request.method} ${request.url}`)
    })
    server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')
      socket.pipe(socket)
    })
    this.#backends.set(name, { server, headers })
    await new Promise<void>((resolve) => server.listen(port, address, resolve))
    return (server.address() as AddressInfo).port
  }

  /** One that is asked about requests: it lets pass who says `let me in`, and knows who that is. */
  async guard(name: string): Promise<number> {
    const headers: IncomingHttpHeaders[] = []
    const server = createServer((request, response) => {
      headers.push({ ...request.headers, 'x-asked': `${request.method} ${request.url}` })
      const { authorization, 'x-user': user } = request.headers
      response.setHeader('x-user', 'adam').setHeader('set-cookie', 'seen=1')
      response.writeHead(authorization === 'let me in' ? 200 : user ? 403 : 401).end()
    })
    this.#backends.set(name, { server, headers })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  /** The configuration that nginx has. */
  text = (): Promise<string> => readFile(Configuration.path(this.directory), 'utf8')

  /** Headers of the last request that a backend had. */
  heard = (name: string): IncomingHttpHeaders => this.#backends.get(name)?.headers.at(-1) ?? {}

  /** {@link sources} whose services are these backends of this machine: one endpoint a port. */
  known(ingresses: Sources['ingresses'], ports: Record<string, number[]>, more: Partial<Sources> = {}): Sources {
    const named = (key: string) => ports[key.replace('shop/', '')]
    return sources([...ingresses], {
      service: (key) => named(key) && service(key.replace('shop/', ''), [{ name: 'http', port: 80, protocol: 'TCP' }]),
      slices: (key) => (named(key) ?? []).map((port) => slice(['127.0.0.1'], [{ name: 'http', port }])),
      ...more,
    })
  }

  async route(known: Sources, more: Partial<RenderOptions> = {}): Promise<void> {
    const model = buildModel(known)
    // Where tests run as root, workers would be nobody, who may not read the test's files.
    const asRoot = process.getuid?.() === 0 ? 'user root;\n' : ''
    const text = asRoot + render(model, { ...this.options, ...more })
    const before = this.nginx.pid
    this.names.set(namesOf(model))
    await this.configuration.apply(text, model.files)
    if (before === undefined) await this.ready()
  }

  /** A reload has taken place once the answers say so: asks until they do. */
  async until(check: () => Promise<boolean>): Promise<void> {
    for (const deadline = performance.now() + 15_000; performance.now() < deadline; await after(10))
      if (await check().catch(() => false)) return
    throw new Error('nginx did not come to that within 15 seconds')
  }

  ready(): Promise<void> {
    return this.until(
      async () => (await this.#get(this.options.ports.health, 'localhost', '/healthz', {})).status === 200,
    )
  }

  ask(host: string, path: string, asked: Asked = {}): Promise<Answer> {
    const { http, https } = this.options.ports
    return this.#get(asked.tls ? https : http, host, path, asked)
  }

  #get(port: number, host: string, path: string, { headers = {}, method = 'GET', tls }: Asked): Promise<Answer> {
    const to = { host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: false as const }
    return new Promise((resolve, reject) => {
      const sent = tls ? secure({ ...to, rejectUnauthorized: false, servername: host }) : plain(to)
      sent.once('error', reject)
      sent.once('response', (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.once('error', reject)
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      })
      sent.end()
    })
  }

  /** What comes back over a connection that was HTTP and is a stream now. */
  echo(host: string, text: string): Promise<string> {
    const headers = { host, connection: 'upgrade', upgrade: 'echo' }
    const sent = plain({ host: '127.0.0.1', port: this.options.ports.http, path: '/', headers, agent: false })
    return new Promise((resolve, reject) => {
      sent.once('error', reject)
      sent.once('upgrade', (_response, socket) => {
        socket.once('data', (chunk: Buffer) => {
          socket.destroy()
          resolve(chunk.toString())
        })
        socket.write(text)
      })
      sent.end()
    })
  }

  async stop(): Promise<void> {
    await this.nginx.stop(1_000)
    await this.names.stop()
    await this.signIn.stop()
    for (const { server } of this.#backends.values()) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** Below those that the system gives to whoever asks for any, so that nobody takes them before nginx does. */
async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) {
    const port = 10_000 + Math.floor(Math.random() * 19_000)
    const probe = listener()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '0.0.0.0', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => probe.close(resolve))
    if (!found.includes(port)) found.push(port)
  }
  return found
}
