import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { frame, FrameReader } from '../frames.ts'
import { FakeHistory, type FakeWrite } from './fake-history.ts'
import { fieldsOf, header, message, value, watchAnswer } from './fake-messages.ts'

interface FakeWatcher {
  stream: ServerHttp2Stream
  start: string
  end: string
}

class Refusal extends Error {
  readonly code: number
  constructor(code: number, words: string) {
    super(words)
    this.code = code
  }
}

const compacted = (): Refusal => new Refusal(11, 'etcdserver: mvcc: required revision has been compacted')

/** etcd's API v3 in this process, over HTTP/2 without TLS: what the store asks of it, and the ways in which it can fail. */
export class FakeEtcd {
  readonly history = new FakeHistory()
  readonly #watchers = new Set<FakeWatcher>()
  readonly #sessions = new Set<ServerHttp2Session>()
  #server: Http2Server | undefined
  #port = 0
  /** Answers nothing, as a member without a quorum or a frozen one. */
  silent = false
  /** Fails every call with this status. */
  refusal: { code: number; words: string } | undefined
  /** Watches tell nothing until {@link tellAll}. */
  holdWatches = false
  #untold: FakeWrite[] = []
  /** Calls so far, by method. */
  readonly calls = new Map<string, number>()

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens; again, after {@link away}, where it was. */
  async start(): Promise<this> {
    const server = createServer({ settings: { initialWindowSize: 2 ** 20 } })
    server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
      session.on('error', () => {})
    })
    server.on('stream', (stream, headers) => this.#serve(stream, String(headers[':path'])))
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  /** Ends all connections and takes no more. */
  async away(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    this.drop()
    await closed
  }

  /** Ends all connections. */
  drop(): void {
    for (const session of this.#sessions) session.destroy()
    this.#watchers.clear()
  }

  /** Tells all connections to end. */
  sayGoodbye(): void {
    for (const session of this.#sessions) session.goaway()
  }

  /** A write by somebody else. */
  write(key: string, text: string | undefined): FakeWrite {
    const write = this.history.write(key, text === undefined ? undefined : Buffer.from(text))
    this.#tell(write)
    return write
  }

  /** What watches were not told yet. */
  tellAll(): void {
    this.holdWatches = false
    for (const write of this.#untold.splice(0)) this.#tell(write)
  }

  /** Answers to all watches as they are given. */
  answerWatches(bytes: Buffer): void {
    for (const { stream } of this.#watchers) stream.write(frame(bytes))
  }

  #serve(stream: ServerHttp2Stream, path: string): void {
    this.calls.set(path, (this.calls.get(path) ?? 0) + 1)
    const reader = new FrameReader()
    stream.on('error', () => {})
    if (this.silent) return void stream.resume()
    const refused = this.refusal
    if (refused) return this.#fail(stream, new Refusal(refused.code, refused.words))
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    let failure: Refusal | undefined
    stream.on('wantTrailers', () =>
      stream.sendTrailers({
        'grpc-status': String(failure?.code ?? 0),
        ...(failure ? { 'grpc-message': encodeURI(failure.message) } : {}),
      }),
    )
    stream.on('data', (chunk: Buffer) => {
      for (const request of reader.push(chunk)) {
        try {
          const answer = this.#answer(stream, path, request)
          if (answer) stream.end(frame(answer))
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          failure = error
          stream.end()
        }
      }
    })
  }

  #fail(stream: ServerHttp2Stream, { code, message: words }: Refusal): void {
    stream.respond(
      { ':status': 200, 'grpc-status': String(code), 'grpc-message': encodeURI(words) },
      { endStream: true },
    )
  }

  /** Undefined for a stream that stays open. */
  #answer(stream: ServerHttp2Stream, path: string, request: Buffer): Buffer | undefined {
    if (path === '/etcdserverpb.KV/Range') return this.#range(request)
    if (path === '/etcdserverpb.KV/Txn') return this.#transaction(request)
    if (path === '/etcdserverpb.KV/Compact') return this.#compact(request)
    if (path !== '/etcdserverpb.Watch/Watch') throw new Refusal(12, `unknown method ${path}`)
    this.#watch(stream, request)
    return undefined
  }

  #range(request: Buffer): Buffer {
    const { history } = this
    const asked = fieldsOf(request)
    const revision = asked.number(4) || history.revision
    if (revision < history.compacted) throw compacted()
    if (revision > history.revision) throw new Refusal(11, 'etcdserver: mvcc: required revision is a future revision')
    const found = history.at(String(asked.bytes(1)), asked.bytes(2)?.toString(), revision)
    const limit = asked.number(3) || Infinity
    return message((into) => {
      header(into, history.revision)
      if (asked.number(9) === 0) for (const write of found.slice(0, limit)) value(into, 2, write)
      if (found.length > limit) into.int(3, 1)
      into.int(4, found.length)
    })
  }

  #transaction(request: Buffer): Buffer {
    const asked = fieldsOf(request)
    const [compare, unless] = asked.list(1).map(fieldsOf)
    const key = String(compare!.bytes(3))
    const present = this.history.get(key)
    const succeeded =
      (present?.modRevision ?? 0) === compare!.number(6) && !(unless && this.#isWritten(unless, unless.number(6)))
    const operation = fieldsOf(asked.bytes(2)!)
    const put = operation.bytes(2)
    if (succeeded) {
      const bytes = put && (fieldsOf(put).bytes(2) ?? Buffer.alloc(0))
      this.#tell(this.history.write(key, bytes))
    }
    return message((into) => {
      header(into, this.history.revision)
      into.int(2, succeeded ? 1 : 0)
      if (!succeeded) into.message(3, (one) => one.message(1, (range) => present && value(range, 2, present)))
    })
  }

  /** Whether what stands in a range was written at a revision or after it. */
  #isWritten(range: ReturnType<typeof fieldsOf>, revision: number): boolean {
    const { history } = this
    const found = history.at(String(range.bytes(3)), String(range.bytes(64)), history.revision)
    return found.some(({ modRevision }) => modRevision >= revision)
  }

  #compact(request: Buffer): Buffer {
    const revision = fieldsOf(request).number(1)
    if (revision <= this.history.compacted) throw compacted()
    this.history.compact(revision)
    return message((into) => header(into, this.history.revision))
  }

  #watch(stream: ServerHttp2Stream, request: Buffer): void {
    const asked = fieldsOf(request)
    const create = asked.bytes(1)
    const { history } = this
    const send = (answer: Parameters<typeof watchAnswer>[0]): void => void stream.write(frame(watchAnswer(answer)))
    if (!create) return this.holdWatches ? undefined : send({ revision: history.revision })
    const wanted = fieldsOf(create)
    const [start, end, from] = [String(wanted.bytes(1)), String(wanted.bytes(2)), wanted.number(3)]
    send({ revision: history.revision, created: true })
    if (from <= history.compacted)
      return send({ revision: history.revision, canceled: true, compactRevision: history.compacted })
    const watcher = { stream, start, end }
    this.#watchers.add(watcher)
    stream.on('close', () => this.#watchers.delete(watcher))
    const past = history.writes.filter(({ key, modRevision }) => modRevision >= from && key >= start && key < end)
    if (past.length > 0) send({ revision: history.revision, events: past })
  }

  #tell(write: FakeWrite): void {
    if (this.holdWatches) return void this.#untold.push(write)
    for (const { stream, start, end } of this.#watchers)
      if (write.key >= start && write.key < end)
        stream.write(frame(watchAnswer({ revision: this.history.revision, events: [write] })))
  }
}
