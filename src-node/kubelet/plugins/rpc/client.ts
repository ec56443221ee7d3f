import type { Client as Connection, Metadata, ServiceError } from '@grpc/grpc-js'
import { RpcError } from './codes.ts'
import type { Method } from './method.ts'

/** How long one call may take. */
export interface CallOptions {
  /** Milliseconds until the answer must be there; the call fails with `DeadlineExceeded` then. */
  timeout: number
  /** Gives the call up. */
  signal?: AbortSignal
}

/** A connection to who listens on a socket of this node. */
export interface RpcClient {
  /** One message there and one back. Throws {@link RpcError}. */
  call<In, Ask, AnswerIn, Answer>(
    method: Method<In, Ask, AnswerIn, Answer>,
    request: In,
    options: CallOptions,
  ): Promise<Answer>
  /** Hears messages until the other end has said all, which resolves it; throws {@link RpcError} when it breaks off or the signal ends it. */
  listen<In, Ask, AnswerIn, Answer>(
    method: Method<In, Ask, AnswerIn, Answer>,
    request: In,
    heard: (answer: Answer) => void,
    signal: AbortSignal,
  ): Promise<void>
  close(): void
}

/** A plugin that restarts is found again soon: milliseconds between two tries, at first and at most. */
const redial = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1000 }

/**
 * Speaks gRPC with who listens at the path. Nothing is connected before the first call. The library is loaded now and not before: on a node where no
 * plugin ever registers it costs no memory.
 */
export async function dialSocket(path: string): Promise<RpcClient> {
  const { Client, credentials, Metadata } = await import('@grpc/grpc-js')
  const connection: Connection = new Client(`unix:${path}`, credentials.createInsecure(), {
    ...redial,
    // Connections that others have given up are not shared.
    'grpc.use_local_subchannel_pool': 1,
  })
  return {
    call: (method, request, options) => ask({ connection, metadata: new Metadata() }, method, request, options),
    listen: (method, request, heard, signal) => listen(connection, method, request, { heard, signal }),
    close: () => connection.close(),
  }
}

const canceled = (): RpcError => new RpcError('Canceled', 'context canceled')

function ask<In, Ask, AnswerIn, Answer>(
  { connection, metadata }: { connection: Connection; metadata: Metadata },
  { path, request: asked, response }: Method<In, Ask, AnswerIn, Answer>,
  request: In,
  { timeout, signal }: CallOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(canceled())
    const call = connection.makeUnaryRequest<In, Answer>(
      path,
      (value) => Buffer.from(asked.encode(value)),
      (bytes) => response.decode(bytes),
      request,
      metadata,
      { deadline: Date.now() + timeout },
      (error, answer) => {
        signal?.removeEventListener('abort', cancel)
        if (error) reject(rpcError(error))
        else resolve(answer!)
      },
    )
    const cancel = (): void => call.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
  })
}

function listen<In, Ask, AnswerIn, Answer>(
  connection: Connection,
  { path, request: asked, response }: Method<In, Ask, AnswerIn, Answer>,
  request: In,
  { heard, signal }: { heard: (answer: Answer) => void; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(canceled())
    const stream = connection.makeServerStreamRequest<In, Answer>(
      path,
      (value) => Buffer.from(asked.encode(value)),
      (bytes) => response.decode(bytes),
      request,
    )
    const cancel = (): void => stream.cancel()
    const over = (): void => signal.removeEventListener('abort', cancel)
    signal.addEventListener('abort', cancel, { once: true })
    stream.on('data', heard)
    stream.on('error', (error: ServiceError) => {
      over()
      reject(rpcError(error))
    })
    stream.on('end', () => {
      over()
      resolve()
    })
  })
}

/** Runs one conversation on a connection of its own. */
export async function withSocket<T>(path: string, talk: (client: RpcClient) => Promise<T>): Promise<T> {
  const client = await dialSocket(path)
  try {
    return await talk(client)
  } finally {
    client.close()
  }
}

/** What Go's library says of a deadline. */
const LATE = 'context deadline exceeded'
const DEADLINE_EXCEEDED = 4

const rpcError = (error: ServiceError): RpcError =>
  new RpcError(error.code, error.code === DEADLINE_EXCEEDED ? LATE : error.details, error)
