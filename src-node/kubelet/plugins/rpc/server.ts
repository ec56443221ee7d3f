import { rmSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js'
import { codeOf, RpcError } from './codes.ts'
import type { Method } from './method.ts'

/** How one method is answered. */
export interface Answering {
  path: string
  streams: boolean
  decode(bytes: Buffer): unknown
  encode(value: unknown): Buffer
  answer(request: unknown, send: (value: unknown) => void, signal: AbortSignal): Promise<unknown>
}

/** Answers a method once a call; what is thrown and is no {@link RpcError} is told as `Unknown`. */
export const answering = <AskIn, Ask, AnswerIn, Answer>(
  { path, request, response }: Method<AskIn, Ask, AnswerIn, Answer>,
  answer: (request: Ask) => AnswerIn | Promise<AnswerIn>,
): Answering => ({
  path,
  streams: false,
  decode: (bytes) => request.decode(bytes),
  encode: (value) => Buffer.from(response.encode(value as AnswerIn)),
  answer: async (ask) => answer(ask as Ask),
})

/** Answers a method with any number of messages, until `answer` resolves; the signal says that nobody listens any more. */
export const streaming = <AskIn, Ask, AnswerIn, Answer>(
  { path, request, response }: Method<AskIn, Ask, AnswerIn, Answer>,
  answer: (request: Ask, send: (message: AnswerIn) => void, signal: AbortSignal) => Promise<void>,
): Answering => ({
  path,
  streams: true,
  decode: (bytes) => request.decode(bytes),
  encode: (value) => Buffer.from(response.encode(value as AnswerIn)),
  answer: (ask, send, signal) => answer(ask as Ask, send, signal),
})

/**
 * Serves at a socket of this node, in the place of one that was left there. Who watches the directory dials as soon as the socket appears: it comes under a
 * hidden name and is moved once somebody listens. The library is loaded when somebody connects for the first time and not before: to be there for plugins
 * costs a node without any no memory.
 */
export async function serveSocket(path: string, methods: readonly Answering[]): Promise<{ stop(): void }> {
  const hidden = join(dirname(path), `.${basename(path)}`)
  await mkdir(dirname(path), { recursive: true })
  await rm(hidden, { force: true })
  let loaded: Promise<Loaded> | undefined
  const sockets = new Set<Socket>()
  // What is sent before the library is there stays where it is.
  const listener = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    loaded ??= load(methods)
    loaded.then(
      ({ inject }) => inject(socket),
      (error: unknown) => socket.destroy(error as Error),
    )
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(hidden, resolve)
  })
  await rename(hidden, path)
  return {
    stop() {
      listener.close()
      rmSync(path, { force: true })
      for (const socket of sockets) socket.destroy()
      void loaded?.then(({ stop }) => stop())
    },
  }
}

interface Loaded {
  inject(socket: Socket): void
  stop(): void
}

async function load(methods: readonly Answering[]): Promise<Loaded> {
  const { Server, ServerCredentials } = await import('@grpc/grpc-js')
  const server = new Server()
  const definition = Object.fromEntries(methods.map((one) => [one.path, definitionOf(one)]))
  server.addService(definition, Object.fromEntries(methods.map((one) => [one.path, implementationOf(one)])))
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    inject(socket) {
      // HTTP/2 takes over a socket that reads: one that was held back begins to, and nothing has come yet when it is taken.
      socket.read(0)
      injector.injectConnection(socket)
    },
    stop: () => server.forceShutdown(),
  }
}

const definitionOf = ({ path, streams, decode, encode }: Answering) => ({
  path,
  requestStream: false,
  responseStream: streams,
  requestSerialize: encode,
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: decode,
})

function implementationOf({ streams, answer }: Answering): UntypedServiceImplementation[string] {
  if (streams)
    return (call: ServerWritableStream<unknown, unknown>) => {
      const gone = new AbortController()
      call.on('cancelled', () => gone.abort())
      answer(call.request, (value) => void call.write(value), gone.signal).then(
        () => call.end(),
        (error: unknown) => call.emit('error', statusOf(error)),
      )
    }
  return (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => {
    answer(call.request, () => undefined, new AbortController().signal).then(
      (value) => done(null, value),
      (error: unknown) => done(statusOf(error)),
    )
  }
}

function statusOf(error: unknown): { code: number; details: string } {
  if (error instanceof RpcError) return { code: error.code, details: error.details }
  return { code: codeOf('Unknown'), details: error instanceof Error ? error.message : String(error) }
}
