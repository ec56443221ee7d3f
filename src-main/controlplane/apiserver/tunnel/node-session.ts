import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import type { TunnelChannel } from '../../../../src-wire/tunnel/node-paths.ts'
import type { StreamOptions } from '../../../../src-wire/tunnel/node-client.ts'

/**
 * One of the connections that a node dialled, which may fall silent and be heard again. A machine that is frozen keeps its sockets, and goes on where it
 * stood when it is thawed: like upstream's API server, ours waits for it with a log, a shell or a forwarded port for as long as the client does. Everything
 * else fails, so that nobody waits for an answer that may never come.
 */
export class NodeSession {
  readonly node: string
  readonly channel: TunnelChannel
  readonly session: ClientHttp2Session
  /** Streams that fail once the node is silent. */
  readonly #brief = new Set<ClientHttp2Stream>()
  #isSilent = false

  constructor(node: string, channel: TunnelChannel, session: ClientHttp2Session) {
    this.node = node
    this.channel = channel
    this.session = session
  }

  /** False as soon as the session is closed or destroyed, before it emits 'close'. */
  get isOpen(): boolean {
    return !this.session.destroyed && !this.session.closed
  }

  /** Whether the node answers on it. */
  get isHeard(): boolean {
    return this.isOpen && !this.#isSilent
  }

  /** Opens a stream that both ends write to; throws once the session is closed. One that is `isLasting` outlives a silence. */
  request(headers: OutgoingHttpHeaders, { isLasting = false }: StreamOptions): ClientHttp2Stream {
    const stream = this.session.request(headers, { endStream: false })
    if (isLasting) return stream
    this.#brief.add(stream)
    stream.once('close', () => this.#brief.delete(stream))
    return stream
  }

  /** The node answers no more: all that is not lasting fails with `error`. Called by whoever pings it, as {@link endSilence} is. */
  fallSilent(error: Error): void {
    this.#isSilent = true
    for (const stream of this.#brief) stream.destroy(error)
  }

  /** The node answers again. */
  endSilence(): void {
    this.#isSilent = false
  }
}
