import { connect, type ClientHttp2Session } from 'node:http2'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { timedOut, unreachable } from './errors.ts'

/** How we and an etcd prove who we are. */
export interface EtcdTls {
  /** PEM: who signed etcd's certificate; the system's authorities when absent. */
  ca?: string | undefined
  /** PEM: what we show to etcd. */
  cert?: string | undefined
  key?: string | undefined
}

/** Where an etcd is; one member is spoken to, another when that is lost. */
export interface ConnectionOptions {
  /** `http://` or `https://` URLs of the members; at least one. */
  servers: readonly string[]
  tls?: EtcdTls | undefined
  clock: Clock
  /** Milliseconds between two rounds through the members while none answers. Default 250. */
  retryAfter?: number
  /** Milliseconds between two signs of life that the member is asked for. Default 10 s; half of that later it counts as gone. */
  keepalive?: number
}

/** Bytes that may be on their way to us at once, of a stream and in all: lists and watches are long. */
const WINDOW = 4 * 2 ** 20

/**
 * One connection to one member at a time, made when it is needed: the next member is tried when one is not to be reached or goes. Those who wait for
 * a connection wait for the same one.
 */
export class EtcdConnection {
  readonly #options: ConnectionOptions
  #session: ClientHttp2Session | undefined
  #connecting: Promise<ClientHttp2Session> | undefined
  #next = 0
  #closed = false
  /** Why the last attempt failed. */
  #failure: Error | undefined

  constructor(options: ConnectionOptions) {
    if (options.servers.length === 0) throw new RangeError('expected at least one server of etcd')
    this.#options = options
  }

  /** An open session, at once when there is one. Throws `EtcdError` when none can be had within `patience` milliseconds. */
  session(patience: number): ClientHttp2Session | Promise<ClientHttp2Session> {
    const session = this.#session
    if (session && !session.destroyed && !session.closed) return session
    return this.#within(patience)
  }

  async #within(patience: number): Promise<ClientHttp2Session> {
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined))
    const late = Promise.withResolvers<never>()
    const timer = this.#options.clock.after(patience, () => late.reject(timedOut(this.#failure)))
    try {
      return await Promise.race([this.#connecting, late.promise])
    } finally {
      timer.cancel()
    }
  }

  /** Goes round the members until one answers. */
  async #connect(): Promise<ClientHttp2Session> {
    const { servers, clock, retryAfter = 250 } = this.#options
    for (let tried = 1; !this.#closed; tried++) {
      const server = servers[this.#next % servers.length]!
      try {
        return await this.#open(server)
      } catch (error) {
        this.#failure = error as Error
        this.#next++
      }
      if (tried % servers.length === 0) await new Promise<void>((resolve) => clock.after(retryAfter, resolve))
    }
    throw unreachable('the connection is closed')
  }

  #open(server: string): Promise<ClientHttp2Session> {
    const { tls = {} } = this.#options
    return new Promise((resolve, reject) => {
      const session = connect(server, {
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls.cert === undefined ? {} : { cert: tls.cert }),
        ...(tls.key === undefined ? {} : { key: tls.key }),
        settings: { enablePush: false, initialWindowSize: WINDOW },
      })
      let failure: Error | undefined
      session.on('error', (error) => (failure = error))
      session.once('close', () => {
        this.#leave(session)
        reject(unreachable(`${server}: ${failure?.message ?? 'the connection was lost'}`, failure))
      })
      // A member that goes away still answers what it was sent; the next request goes to another.
      session.once('goaway', () => {
        this.#leave(session)
        session.close()
      })
      // A program that does not speak HTTP/2 never says this.
      session.once('remoteSettings', () => {
        if (this.#closed) return session.destroy()
        session.setLocalWindowSize(WINDOW)
        this.#keepAlive(session)
        this.#session = session
        resolve(session)
      })
    })
  }

  /** Forgets a session that ended: the next connection is to the next member. After one that never opened, {@link EtcdConnection.#connect} moves on itself. */
  #leave(session: ClientHttp2Session): void {
    if (this.#session !== session) return
    this.#session = undefined
    this.#next++
  }

  /** A member that is frozen, or whose machine is gone, closes nothing: it is asked for a sign of life again and again. */
  #keepAlive(session: ClientHttp2Session): void {
    const { clock, keepalive = 10_000 } = this.#options
    let timer = clock.after(keepalive, ask)
    session.once('close', () => timer.cancel())
    function ask(): void {
      if (session.destroyed) return
      timer = clock.after(keepalive / 2, () => session.destroy())
      session.ping(() => {
        timer.cancel()
        if (!session.destroyed) timer = clock.after(keepalive, ask)
      })
    }
  }

  close(): void {
    this.#closed = true
    this.#session?.destroy()
  }
}
