import { connect, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2'
import type { SecureContextOptions } from 'node:tls'
import { systemClock, type Clock } from '../src-kube/machinery/clock.ts'
import { StatusError } from '../src-kube/machinery/errors.ts'
import { keepAlive } from './http2-keep-alive.ts'

/** Where a connection goes and how both ends prove who they are. PEM throughout. */
export interface Http2ClientOptions {
  /** Origin: `https://127.0.0.1:6443`. */
  server: string
  ca?: SecureContextOptions['ca']
  /** Client certificate and key, PEM. */
  cert?: SecureContextOptions['cert']
  key?: SecureContextOptions['key']
  /** Name to verify in the server's certificate, when it is not the host dialled. */
  serverName?: string | undefined
  /** `false` accepts any server certificate (`insecure-skip-tls-verify` of a kubeconfig). Default true. */
  verify?: boolean
  clock?: Clock
  /** Milliseconds between pings; a session that leaves two unanswered is dropped. Default 5,000. */
  pingInterval?: number
  /** Milliseconds until a dial is given up. Default 10,000. */
  dialTimeout?: number
}

/** Windows large enough that one list or image does not wait for round trips. */
export const windowSizes = { stream: 4 << 20, session: 32 << 20 } as const

/** Megabytes of queued frames Node allows a session before it refuses streams; its default of 10 is too small for lists. */
export const SESSION_MEMORY = 1000

/** Streams that a server takes at once until it says otherwise. */
const STREAMS_UNTOLD = 100

interface Member {
  session: ClientHttp2Session
  ready: Promise<void>
  /** Streams of ours on it. */
  open: number
}

/**
 * HTTP/2 to one server over one session, re-dialled when it is lost. A second session is opened only while the first is full
 * (`SETTINGS_MAX_CONCURRENT_STREAMS`), because a watch holds its stream and would otherwise starve requests.
 */
export class Http2Client {
  readonly #options: Http2ClientOptions
  readonly #clock: Clock
  #members: Member[] = []
  #isClosed = false

  constructor(options: Http2ClientOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** Opens a stream with these request headers. Throws `StatusError` 503 when the server cannot be reached. */
  async open(headers: OutgoingHttpHeaders, options: { endStream: boolean }): Promise<ClientHttp2Stream> {
    for (let attempt = 0; ; attempt++) {
      const member = this.#pick() ?? this.#dial()
      member.open++
      try {
        await member.ready
        return this.#start(member, headers, options)
      } catch (error) {
        member.open--
        // The session may go away between being picked and being used; a fresh one is tried once.
        if (attempt > 0 || member.session.connecting || !isSessionGone(error) || this.#isClosed)
          throw unreachable(error)
      }
    }
  }

  /** Drops every session; streams on them fail. */
  close(): void {
    this.#isClosed = true
    for (const member of this.#members) member.session.destroy()
    this.#members = []
  }

  #start(member: Member, headers: OutgoingHttpHeaders, options: { endStream: boolean }): ClientHttp2Stream {
    const stream = member.session.request(headers, options)
    member.session.ref()
    stream.once('close', () => {
      member.open--
      if (member.open === 0 && !member.session.destroyed) member.session.unref()
    })
    return stream
  }

  #pick(): Member | undefined {
    return this.#members.find(({ session, open }) => {
      if (session.destroyed || session.closed) return false
      const told = session.connecting ? undefined : session.remoteSettings?.maxConcurrentStreams
      return open < (told ?? STREAMS_UNTOLD)
    })
  }

  #dial(): Member {
    if (this.#isClosed) throw unreachable(new Error('the transport is closed'))
    const { server, ca, cert, key, serverName, verify = true } = this.#options
    const session = connect(server, {
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(serverName ? { servername: serverName } : {}),
      rejectUnauthorized: verify,
      maxSessionMemory: SESSION_MEMORY,
      settings: { enablePush: false, initialWindowSize: windowSizes.stream },
    })
    const member: Member = { session, open: 0, ready: this.#connected(session) }
    member.ready.catch(() => this.#drop(member))
    session.once('close', () => this.#drop(member))
    // After GOAWAY the streams that run may end; new ones go to a new session.
    session.on('goaway', () => this.#drop(member))
    this.#members.push(member)
    return member
  }

  /** Resolves when the session can be used; from then on it is pinged. */
  #connected(session: ClientHttp2Session): Promise<void> {
    const { server, dialTimeout = 10_000, pingInterval = 5_000 } = this.#options
    return new Promise<void>((resolve, reject) => {
      const timer = this.#clock.after(dialTimeout, () => session.destroy(new Error(`dial ${server}: i/o timeout`)))
      let stopPings = (): void => {}
      session.once('connect', () => {
        timer.cancel()
        if (!session.destroyed) {
          session.setLocalWindowSize(windowSizes.session)
          stopPings = keepAlive(session, this.#clock, pingInterval)
        }
        resolve()
      })
      session.on('error', reject)
      session.once('close', () => {
        timer.cancel()
        stopPings()
        reject(new Error(`connection to ${server} closed`))
      })
    })
  }

  #drop(member: Member): void {
    this.#members = this.#members.filter((other) => other !== member)
  }
}

const sessionGone = new Set(['ERR_HTTP2_INVALID_SESSION', 'ERR_HTTP2_GOAWAY_SESSION', 'ERR_HTTP2_SESSION_ERROR'])

function isSessionGone(error: unknown): boolean {
  return sessionGone.has((error as NodeJS.ErrnoException).code ?? '')
}

/** 503 in the words clients look for, with the cause kept. */
export function unreachable(error: unknown): StatusError {
  if (error instanceof StatusError) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  // Several addresses of one name fail with an AggregateError, whose own message is empty.
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause
  const message = first instanceof Error ? first.message || first.name : String(first)
  return new StatusError(503, 'ServiceUnavailable', `Unable to connect to the server: ${message}`, undefined, {
    cause: error,
  })
}
