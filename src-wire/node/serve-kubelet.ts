import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import { StatusError, badRequest, internalError, unauthorized } from '../../src-kube/machinery/errors.ts'
import { acceptCommand } from '../remote/accept-command.ts'
import { servePortForward } from '../remote/port-forward.ts'
import { runCommand } from '../remote/run-command.ts'
import { refuseUpgrade } from '../remote/switch-protocols.ts'
import type { Upgrade } from '../remote/upgrade.ts'
import { parseExecOptions, parseLogOptions } from '../tunnel/node-paths.ts'
import { kubeletPage } from './kubelet-pages.ts'
import type { ContainerTarget, NodeServices, PodStreams } from './pod-streams.ts'

/** Who asks the kubelet. */
export interface KubeletUser {
  name: string
  groups: readonly string[]
}

/** What the kubelet's own port needs: what it gives out, its certificate, and who may ask (kubernetes.io, "Kubelet authentication/authorization"). */
export interface ServeKubeletOptions {
  streams: PodStreams & NodeServices
  tls: { cert: SecureContextOptions['cert']; key: SecureContextOptions['key']; clientCa: SecureContextOptions['ca'] }
  /** Default 10250. */
  port?: number
  /** Default `0.0.0.0`. */
  host?: string
  /** Resolves a bearer token (TokenReview); undefined when it is none. */
  authenticate(token: string): Promise<KubeletUser | undefined>
  /** Whether the user may use the node's subresource (SubjectAccessReview on `nodes/<subresource>`): `proxy`, `stats`, `log`, `metrics`, … */
  authorize(user: KubeletUser, verb: string, subresource: string): Promise<boolean>
  signal: AbortSignal
}

/**
 * The kubelet's own HTTPS server (kubernetes.io, "Kubelet authentication/authorization"): logs, commands, port-forwards, pods,
 * statistics. Resolves with the port once it listens; closes when the signal aborts.
 */
export function serveKubelet(options: ServeKubeletOptions): Promise<number> {
  const { tls } = options
  const server = createServer({
    cert: tls.cert,
    key: tls.key,
    ca: tls.clientCa,
    requestCert: true,
    rejectUnauthorized: false,
  })
  server.on('request', (request, response) => void answer(options, request, response))
  server.on('upgrade', (request, socket, head) => void upgrade(options, { request, socket, head }))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  options.signal.addEventListener('abort', close, { once: true })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 10_250, options.host ?? '0.0.0.0', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : (options.port ?? 10_250))
    })
  })
}

async function answer(options: ServeKubeletOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://node')
  try {
    await admit(options, request, url)
    const { verb, target } = parseTarget(url)
    if (verb === 'containerLogs') return await sendLog(options.streams, target, url, response)
    if (['exec', 'attach', 'portForward'].includes(verb)) throw badRequest('Upgrade request required')
    const page = await kubeletPage(url, options.streams)
    response.writeHead(200, { 'content-type': page.contentType }).end(page.text)
  } catch (error) {
    if (response.headersSent) return void response.destroy()
    const status = error instanceof StatusError ? error : internalError(error)
    response.writeHead(status.code, { 'content-type': 'text/plain; charset=utf-8' }).end(status.message)
  }
}

async function sendLog(
  streams: PodStreams,
  target: ContainerTarget,
  url: URL,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const log = await streams.logs(target, parseLogOptions(url.searchParams), gone.signal)
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  await pipeline(log, response as Writable).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error
  })
}

async function upgrade(options: ServeKubeletOptions, asked: Upgrade): Promise<void> {
  const { request, socket } = asked
  const { streams } = options
  socket.on('error', () => socket.destroy())
  const url = new URL(request.url ?? '/', 'https://node')
  try {
    await admit(options, request, url)
    const { verb, target } = parseTarget(url)
    if (verb === 'portForward') {
      const ports = url.searchParams.getAll('port').map(Number)
      return await servePortForward(asked, ports, (port) => streams.portForward(target, port))
    }
    if (verb !== 'exec' && verb !== 'attach') throw new StatusError(404, 'NotFound', '404 page not found')
    const wanted = parseExecOptions(url.searchParams)
    if (wanted.tty) wanted.stderr = false
    const channels = await acceptCommand(asked, wanted)
    await runCommand(channels, () => (verb === 'exec' ? streams.exec(target, wanted) : streams.attach(target, wanted)))
  } catch (error) {
    const status = error instanceof StatusError ? error : internalError(error)
    refuseUpgrade(socket, status.code, status.toStatus())
  }
}

/** `/exec/{namespace}/{pod}[/{uid}]/{container}` and its siblings. */
function parseTarget(url: URL): { verb: string; target: ContainerTarget } {
  const [verb = '', namespace = '', pod = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent)
  return { verb, target: { namespace, pod, uid: rest.length > 1 ? rest[0] : undefined, container: rest.at(-1) ?? '' } }
}

/**
 * Which subresources of its node a user may have any of to ask a path, by the path's first part; `proxy` where it stands for none of them
 * (kubernetes.io, "Kubelet authentication/authorization: Fine-grained authorization"; KEP-2862).
 */
const fineSubresources: Record<string, readonly string[]> = {
  stats: ['stats'],
  metrics: ['metrics'],
  logs: ['log'],
  checkpoint: ['checkpoint'],
  pods: ['pods', 'proxy'],
  runningpods: ['pods', 'proxy'],
  healthz: ['healthz', 'proxy'],
  configz: ['configz', 'proxy'],
}

function subresourcesOf({ pathname }: URL): readonly string[] {
  const first = pathname.split('/')[1] ?? ''
  return (Object.hasOwn(fineSubresources, first) ? fineSubresources[first] : undefined) ?? ['proxy']
}

/** Throws 401 or 403 unless a client certificate of the cluster or a token proves a user who may do this. */
async function admit(options: ServeKubeletOptions, request: IncomingMessage, url: URL): Promise<void> {
  const user = certificateUser(request.socket as TLSSocket) ?? (await tokenUser(options, request))
  if (!user) throw unauthorized()
  const subresources = subresourcesOf(url)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const verb = request.method === 'POST' || (isRead && request.headers.upgrade) ? 'create' : isRead ? 'get' : 'update'
  for (const subresource of subresources) if (await options.authorize(user, verb, subresource)) return
  const asked = `[${subresources.join(' ')}]`
  const message = `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=${asked})`
  throw new StatusError(403, 'Forbidden', message)
}

function certificateUser(socket: TLSSocket): KubeletUser | undefined {
  if (!socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate()
  const groups = subject.O as string | string[] | undefined
  return { name: String(subject.CN), groups: [groups ?? []].flat() }
}

async function tokenUser(options: ServeKubeletOptions, request: IncomingMessage): Promise<KubeletUser | undefined> {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return token ? options.authenticate(token) : undefined
}
