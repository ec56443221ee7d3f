import { connect } from 'node:net'
import type { ProbeAnswer } from './http.ts'

/** Whether the port takes a connection. */
export function probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (answer: ProbeAnswer) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const fail = (message: string) => end({ ok: false, message })
    const timer = setTimeout(() => fail(`dial tcp ${address(host, port)}: i/o timeout`), timeoutMs)
    socket.once('connect', () => end({ ok: true, message: '' }))
    socket.on('error', (error) => fail(dialWords(error, host, port)))
  })
}

const words: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

/** A connection's failure as Go tells it. */
export function dialWords(error: NodeJS.ErrnoException, host: string, port: number): string {
  const known = words[error.code ?? '']
  if (known) return `dial tcp ${address(host, port)}: ${known}`
  if (error.code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`
  if (error.code === 'ECONNRESET') return error.message === 'socket hang up' ? 'EOF' : 'read: connection reset by peer'
  return speaksNoTls(error) ? 'http: server gave HTTP response to HTTPS client' : error.message
}

/** Whether TLS was spoken to somebody who answers in the clear; several versions of OpenSSL say it in their own words. */
export const speaksNoTls = ({ code, message }: NodeJS.ErrnoException): boolean =>
  code === 'EPROTO' && /wrong version number|packet length too long|http request/.test(message)

const address = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`
