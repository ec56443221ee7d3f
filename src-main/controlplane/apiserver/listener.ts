import { createServer as createHttp1, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import {
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  createServer as createTls,
  type PeerCertificate as PeerCertificateOfNode,
  type Server,
  type TLSSocket,
} from 'node:tls'

/** Subject of a verified client certificate, and its SHA-256 in hexadecimal digits. */
export interface ClientIdentity {
  commonName: string
  organizations: string[]
  uid?: string
  fingerprint: string
}

/** The certificate a connection came with: one that our CA did not sign, or that names its holder in two ways, is `refused`. */
export type PeerCertificate = ClientIdentity | 'refused' | undefined

/** The TLS port: HTTP/2 and 1.1 by what the client offers. Certificates of clients are checked here, who they are elsewhere. */
export interface ListenerOptions {
  /** PEM. */
  cert: string
  key: string
  /** CA of client certificates. */
  ca: string
  onRequest(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    peer: PeerCertificate,
  ): void
  /** Whether a request that offers to speak something else is taken at its word; what is not is answered as if it had not offered (RFC 9110, 7.8). */
  upgrades(request: IncomingMessage): boolean
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, peer: PeerCertificate): void
}

/**
 * HTTP/2 and HTTP/1.1 on one TLS port, by ALPN: kubectl speaks h2 for resources and 1.1 to upgrade. The client's certificate is read
 * once a connection, not once a request.
 */
export class Listener {
  readonly #options: ListenerOptions
  readonly #servers: Server[] = []
  readonly #sessions = new Set<ServerHttp2Session>()
  /** Every connection, also those that were upgraded to something else. */
  readonly #sockets = new Set<TLSSocket>()
  readonly #peers = new WeakMap<object, PeerCertificate>()
  readonly #http2
  readonly #http1
  /** Of the connection that is being handed over: the session's `session` event comes within that call. */
  #arriving: PeerCertificate

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#http2 = createHttp2({
      settings: { maxConcurrentStreams: STREAMS, initialWindowSize: 1 << 20 },
      maxSessionMemory: MOST_MEMORY,
    })
    const shouldUpgradeCallback = (request: IncomingMessage): boolean => options.upgrades(request)
    this.#http1 = createHttp1({ keepAliveTimeout: 60_000, requestTimeout: 0, shouldUpgradeCallback })
    this.#http2.on('session', (session) => this.#track(session))
    this.#http2.on('request', (request, response) => {
      options.onRequest(request, response, this.#peers.get(request.stream.session!))
    })
    const onHttp1: RequestListener = (request, response) =>
      options.onRequest(request, response, this.#peers.get(request.socket))
    this.#http1.on('request', onHttp1)
    this.#http1.on('upgrade', (request, socket, head) => {
      options.onUpgrade(request, socket, head, this.#peers.get(request.socket))
    })
  }

  #track(session: ServerHttp2Session): void {
    this.#peers.set(session, this.#arriving)
    this.#sessions.add(session)
    session.on('error', () => session.destroy())
    session.once('close', () => this.#sessions.delete(session))
    session.setLocalWindowSize(8 << 20)
  }

  /** Listens on one more address; 0 takes any port. Resolves with the port. Throws the listener's own error (`EADDRINUSE`). */
  async listen(address: string, port: number): Promise<number> {
    const { cert, key, ca } = this.#options
    const server = createTls({
      cert,
      key,
      ca,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    server.on('secureConnection', (socket) => this.#accept(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, address, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#servers.push(server)
    return (server.address() as AddressInfo).port
  }

  #accept(socket: TLSSocket): void {
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const peer = peerOf(socket)
    this.#peers.set(socket, peer)
    if (socket.alpnProtocol === 'h2') {
      this.#arriving = peer
      this.#http2.emit('connection', socket)
    } else this.#http1.emit('connection', socket)
  }

  /** Stops accepting; lets running requests end for a moment, then cuts what is left. */
  async stop(): Promise<void> {
    const closing = this.#servers.map((server) => new Promise<void>((done) => server.close(() => done())))
    for (const session of this.#sessions) session.close()
    this.#http1.closeIdleConnections()
    const cut = setTimeout(() => {
      for (const session of this.#sessions) session.destroy()
      for (const socket of this.#sockets) socket.destroy()
    }, GRACE)
    await Promise.all(closing)
    clearTimeout(cut)
  }
}

/** Requests of one connection at once. */
const STREAMS = 1_000

/**
 * Megabytes that one connection may wait to send: more than a block of a long answer for each of its requests. With Node's 10 the fortieth such
 * answer, or the fortieth watch that is flooded, gets ENHANCE_YOUR_CALM, and soon the whole connection is cut.
 */
const MOST_MEMORY = 1_000

/** Milliseconds that running requests get when the server stops. */
const GRACE = 1_000

function peerOf(socket: TLSSocket): PeerCertificate {
  const certificate = socket.getPeerCertificate(false)
  if (!certificate || Object.keys(certificate).length === 0) return undefined
  return socket.authorized ? identityIn(certificate) : 'refused'
}

/** Of a subject that names who it is beside how they are called (kubernetes.io, "Feature gates: AllowParsingUserUIDFromCertAuth"). */
const UID = '1.3.6.1.4.1.57683.2'

/** Whom a certificate that our CA signed is for. */
export function identityIn(certificate: Pick<PeerCertificateOfNode, 'subject' | 'fingerprint256'>): PeerCertificate {
  const { CN, O, [UID]: uid } = certificate.subject as Partial<Record<string, string | string[]>>
  if (Array.isArray(uid)) return 'refused'
  return {
    commonName: [CN ?? ''].flat()[0]!,
    organizations: O === undefined ? [] : [O].flat(),
    ...(uid ? { uid } : {}),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}
