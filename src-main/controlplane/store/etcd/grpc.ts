/**
 * As much of gRPC as etcd's API asks for, over one HTTP/2 connection of Node's own: calls with one answer, and streams both ways. Libraries of gRPC
 * were not taken: what they add (name resolution, balancing, retries, compression) is not used, and each write would pay for it.
 */
import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { EtcdError, grpcCodes, timedOut, unreachable } from './errors.ts'
import { frame, FrameReader } from './frames.ts'

/** How long a call may take. */
export interface CallOptions {
  clock: Clock
  /** Milliseconds until the call is given up. */
  timeout: number
}

const requestOf = (path: string): Record<string, string> => ({
  ':method': 'POST',
  ':path': path,
  'content-type': 'application/grpc',
  te: 'trailers',
})

/** One message there and one back. Throws `EtcdError`. */
export function call(
  session: ClientHttp2Session,
  path: string,
  message: Uint8Array,
  { clock, timeout }: CallOptions,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader()
    let answer: Buffer | undefined
    let late = false
    const stream = session.request(requestOf(path))
    const timer = clock.after(timeout, () => {
      late = true
      stream.close(constants.NGHTTP2_CANCEL)
    })
    const ended = endOf(stream)
    stream.on('data', (chunk: Buffer) => {
      answer ??= reader.push(chunk)[0]
    })
    void ended.then((error) => {
      timer.cancel()
      if (late) reject(timedOut())
      else if (error) reject(error)
      else if (answer) resolve(answer)
      else reject(unreachable('the answer was empty'))
    })
    stream.end(frame(message))
  })
}

/** A call in which both ends speak until one closes it; messages are protocol buffers, without gRPC's frame. */
export interface GrpcStream {
  send(message: Uint8Array): void
  /** Ends it at once, without an error. */
  close(): void
  /** Resolves when it is over; with an error unless it was {@link close}d. */
  readonly ended: Promise<EtcdError | undefined>
}

/** A stream both ways; `onMessage` must not throw, and hears nothing after the end. */
export function openStream(
  session: ClientHttp2Session,
  path: string,
  onMessage: (message: Buffer) => void,
): GrpcStream {
  const stream = session.request(requestOf(path))
  const reader = new FrameReader()
  let closed = false
  const ended = endOf(stream)
  stream.on('data', (chunk: Buffer) => {
    for (const message of reader.push(chunk)) if (!closed) onMessage(message)
  })
  return {
    send: (message) => void stream.write(frame(message)),
    close() {
      closed = true
      stream.close(constants.NGHTTP2_CANCEL)
    },
    ended: ended.then((error) => (closed ? undefined : (error ?? unreachable('the stream ended')))),
  }
}

/** What a stream ended with: its status, or that of its connection. */
function endOf(stream: ClientHttp2Stream): Promise<EtcdError | undefined> {
  return new Promise((resolve) => {
    let status: EtcdError | undefined
    let told = false
    const note = (headers: IncomingHttpHeaders): void => {
      if (headers['grpc-status'] === undefined) return
      told = true
      status = statusOf(headers)
    }
    let failure: Error | undefined
    stream.on('response', (headers) => {
      note(headers)
      if (headers[':status'] !== 200) failure = new Error(`HTTP status ${headers[':status']}`)
    })
    stream.on('trailers', note)
    stream.on('error', (error) => (failure = error))
    stream.on('close', () => {
      if (told) resolve(status)
      else resolve(unreachable(failure?.message ?? 'the connection was lost', failure))
    })
  })
}

function statusOf(headers: IncomingHttpHeaders): EtcdError | undefined {
  const code = Number(headers['grpc-status'])
  if (code === grpcCodes.OK) return undefined
  const message = headers['grpc-message']
  return new EtcdError(code, typeof message === 'string' ? decodeMessage(message) : `etcd answered gRPC status ${code}`)
}

/** Messages are percent-encoded; one that is badly so is shown as it came (grpc.io: "Status-Message"). */
function decodeMessage(message: string): string {
  return /%(?![0-9a-fA-F]{2})/.test(message) ? message : Buffer.from(unescape(message), 'latin1').toString('utf8')
}
