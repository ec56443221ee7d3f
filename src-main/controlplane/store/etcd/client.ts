import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { EtcdConnection, type ConnectionOptions } from './connection.ts'
import { EtcdError, grpcCodes, timedOut } from './errors.ts'
import { call, openStream, type GrpcStream } from './grpc.ts'
import {
  decodeRange,
  decodeWatch,
  decodeWrite,
  encodeCompaction,
  encodeProgress,
  encodeRange,
  encodeWatch,
  encodeWrite,
  type RangeRequest,
  type RangeResponse,
  type WatchRequest,
  type WatchResponse,
  type WriteRequest,
  type WriteResponse,
} from './messages.ts'

/** The members of an etcd, and the patience with them. */
export interface ClientOptions extends ConnectionOptions {
  /** Milliseconds after which a request that no member answered fails. Default 7 s, as etcd itself gives up without a quorum. */
  timeout?: number
}

/** A watch that runs on one member. It ends when that member is lost; the caller begins another. */
export interface EtcdWatch {
  /** Asks for an answer that tells how far the watch has come. */
  askProgress(): void
  close(): void
  /** Resolves when it is over; with an error unless it was closed here. */
  readonly ended: Promise<EtcdError | undefined>
}

/** The calls of etcd's API that a store makes. Failures are `EtcdError`s. */
export class EtcdClient {
  readonly #connection: EtcdConnection
  readonly #clock: Clock
  readonly #timeout: number

  constructor(options: ClientOptions) {
    this.#connection = new EtcdConnection(options)
    this.#clock = options.clock
    this.#timeout = options.timeout ?? 7_000
  }

  /** Reads are linearizable: they see every write that was acknowledged before, through whatever member. */
  async range(request: RangeRequest, timeout = this.#timeout): Promise<RangeResponse> {
    return decodeRange(await this.#retried('/etcdserverpb.KV/Range', encodeRange(request), timeout))
  }

  /** A write whose answer is lost may have been made: it is not tried again. */
  async write(request: WriteRequest): Promise<WriteResponse> {
    return decodeWrite(await this.#call('/etcdserverpb.KV/Txn', encodeWrite(request), this.#timeout))
  }

  async compact(revision: number): Promise<void> {
    await this.#call('/etcdserverpb.KV/Compact', encodeCompaction(revision), this.#timeout)
  }

  /** What is heard comes in order; all that follows the end of a watch is the caller's to ask for anew. */
  async watch(request: WatchRequest, onResponse: (response: WatchResponse) => void): Promise<EtcdWatch> {
    const session = await this.#connection.session(this.#timeout)
    const stream: GrpcStream = openStream(session, '/etcdserverpb.Watch/Watch', (message) =>
      onResponse(decodeWatch(message)),
    )
    stream.send(encodeWatch(request))
    return { askProgress: () => stream.send(encodeProgress()), close: stream.close, ended: stream.ended }
  }

  close(): void {
    this.#connection.close()
  }

  async #call(path: string, message: Uint8Array, timeout: number): Promise<Buffer> {
    const session = this.#connection.session(timeout)
    return call(session instanceof Promise ? await session : session, path, message, { clock: this.#clock, timeout })
  }

  /** A read may be made again: by the next member when one goes, until the time is over. */
  async #retried(path: string, message: Uint8Array, timeout: number): Promise<Buffer> {
    const until = this.#clock.monotonic() + timeout
    /** What a member answered last: it says more than that time is over. */
    let told: EtcdError | undefined
    for (;;) {
      try {
        return await this.#call(path, message, Math.max(1, until - this.#clock.monotonic()))
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error
        if (error.grpc !== grpcCodes.UNAVAILABLE)
          throw error.grpc === grpcCodes.DEADLINE_EXCEEDED ? (told ?? error) : error
        if (error.message.startsWith('etcdserver:')) told = error
        if (this.#clock.monotonic() >= until) throw told ?? timedOut(error)
        await new Promise<void>((resolve) => this.#clock.after(RETRY, resolve))
      }
    }
  }
}

/** Milliseconds before a read is tried again. */
const RETRY = 50
