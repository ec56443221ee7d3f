import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { HTTPGetAction } from '#types/core/v1'
import { dialWords } from './tcp.ts'

/** One answer of a probe. */
export interface ProbeAnswer {
  ok: boolean
  message: string
}

/** GET; 200 to 399 is well. Certificates are not verified, redirects to elsewhere are not followed. */
export function probeHttp(action: HTTPGetAction, podIp: string, port: number, timeoutMs: number): Promise<ProbeAnswer> {
  const secure = action.scheme === 'HTTPS'
  const host = action.host ?? podIp
  const path = action.path?.startsWith('/') ? action.path : `/${action.path ?? ''}`
  const shown = host.includes(':') ? `[${host}]` : host
  const url = `${secure ? 'https' : 'http'}://${shown}:${port}${path}`
  const headers: Record<string, string> = { 'user-agent': 'kube-probe/1.34', accept: '*/*', connection: 'close' }
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value

  return new Promise((resolve) => {
    const options = { host, port, path, headers, agent: false as const, method: 'GET' }
    const call = secure ? secureRequest({ ...options, rejectUnauthorized: false }) : plainRequest(options)
    const fail = (why: string) => {
      clearTimeout(timer)
      resolve({ ok: false, message: `Get "${url}": ${why}` })
      call.destroy()
    }
    const timer = setTimeout(() => {
      fail('context deadline exceeded (Client.Timeout exceeded while awaiting headers)')
    }, timeoutMs)
    call.on('error', (error: NodeJS.ErrnoException) => fail(dialWords(error, host, port)))
    call.once('response', (response) => {
      clearTimeout(timer)
      response.on('error', () => undefined).resume()
      setTimeout(() => call.destroy(), 1000).unref()
      const status = response.statusCode ?? 0
      const ok = status >= 200 && status < 400
      resolve({ ok, message: ok ? '' : `HTTP probe failed with statuscode: ${status}` })
    })
    call.end()
  })
}
