import { type ClientHttp2Session, connect } from 'node:http2'
import { codeName } from '../plugins/rpc/codes.ts'
import type { ProbeAnswer } from './http.ts'
import { dialWords } from './tcp.ts'

const SERVING = 1
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/** Milliseconds after a connection that was refused before the next is tried. */
const REDIAL = 1000

/**
 * One call of `grpc.health.v1.Health/Check` in the clear. A server that takes no connection is tried again until the time is over, as gRPC's clients
 * do: what is told of it is always that it took too long.
 */
export function probeGrpc(host: string, port: number, service: string, timeoutMs: number): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const within = `within ${timeoutMs / 1000}s`
    let late = `timeout: failed to connect service "${authority}" ${within}: context deadline exceeded`
    let session: ClientHttp2Session
    let redial: NodeJS.Timeout | undefined
    const end = (answer: ProbeAnswer): void => {
      clearTimeout(timer)
      clearTimeout(redial)
      session.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => end({ ok: false, message: late }), timeoutMs)
    const dial = (): void => {
      session = connect(`http://${authority}`)
      const failed = (error: Error): void => {
        const words = dialWords(error, host, port)
        end({ ok: false, message: `error: health rpc probe failed: rpc error: code = Unavailable desc = ${words}` })
      }
      const refused = (): void => void (redial = setTimeout(dial, REDIAL))
      session.once('error', refused)
      // It speaks gRPC's HTTP/2 once it has told its settings.
      session.once('remoteSettings', () => {
        session.off('error', refused)
        session.on('error', failed)
        late = `timeout: health rpc did not complete ${within}`
        check(session, service, end, failed)
      })
    }
    dial()
  })
}

/** Asks once on a connection that stands. */
function check(
  session: ClientHttp2Session,
  service: string,
  end: (answer: ProbeAnswer) => void,
  failed: (error: Error) => void,
): void {
  const call = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  const chunks: Buffer[] = []
  let code = ''
  let words = ''
  const readStatus = (headers: Record<string, unknown>) => {
    if (typeof headers['grpc-status'] === 'string') code = headers['grpc-status']
    if (typeof headers['grpc-message'] === 'string') words = headers['grpc-message']
  }
  call.on('response', readStatus)
  call.on('trailers', readStatus)
  call.on('data', (chunk: Buffer) => chunks.push(chunk))
  call.on('error', failed)
  call.on('end', () => {
    if (code === '') return failed(new Error('error reading from server: EOF'))
    if (code !== '0') return end({ ok: false, message: failure(code, words) })
    const status = healthStatus(Buffer.concat(chunks))
    const name = statusNames[status] ?? String(status)
    const ok = status === SERVING
    end({ ok, message: ok ? '' : `service unhealthy (responded with "${name}")` })
  })
  call.end(healthRequest(service))
}

/** Why the call came to nothing, in upstream's words; `code` is a number. */
function failure(code: string, encoded: string): string {
  const words = decoded(encoded)
  const name = codeName(Number(code))
  if (name === 'Unimplemented')
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${words}`
  return `error: health rpc probe failed: rpc error: code = ${name} desc = ${words}`
}

/** Messages come with all that is no plain character percent-encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `HealthCheckRequest{service}` in gRPC's framing. */
function healthRequest(service: string): Buffer {
  const name = Buffer.from(service)
  const message = name.length > 0 ? Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]) : Buffer.alloc(0)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** The status of a framed `HealthCheckResponse`; an absent field is 0. */
function healthStatus(frame: Buffer): number {
  return frame[5] === 0x08 ? (frame[6] ?? 0) : 0
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
