import type { HTTPGetAction } from '#types/core/v1'
import { httpGet, type HttpAnswer, httpTarget, type HttpTarget, urlOf } from './http-get.ts'
import { dialWords } from './tcp.ts'

/** One answer of a probe. */
export interface ProbeAnswer {
  ok: boolean
  message: string
  /** It counts as well, and yet there is something to tell. */
  warning?: string
}

const AGENT = 'kube-probe/1.36'
const MOST_REDIRECTS = 10

/** GET; 200 to 399 is well. Certificates are not verified; redirects are followed as long as they stay on the host. */
export async function probeHttp(
  action: HTTPGetAction,
  podIp: string,
  port: number,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error(LATE)), timeoutMs)
  let target = httpTarget(action, podIp, port, AGENT)
  try {
    for (let redirects = 0; ; redirects++) {
      const answer = await httpGet(target, late.signal)
      const next = followed(target, answer)
      if (!next) return judged(answer)
      if (redirects === MOST_REDIRECTS) throw new Error(`stopped after ${MOST_REDIRECTS} redirects`)
      target = next
    }
  } catch (error) {
    const why = dialWords(error as NodeJS.ErrnoException, target.host, target.port)
    return { ok: false, message: `Get "${urlOf(target)}": ${why}` }
  } finally {
    clearTimeout(timer)
  }
}

const LATE = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'

function judged({ status, body }: HttpAnswer): ProbeAnswer {
  if (status < 200 || status >= 400) return { ok: false, message: `HTTP probe failed with statuscode: ${status}` }
  if (status < 300) return { ok: true, message: '' }
  return { ok: true, message: '', warning: `Probe terminated redirects, Response body: ${body}` }
}

/** Where a redirect leads on the same host; undefined when there is none, or when it leads to another. */
function followed(target: HttpTarget, { status, location }: HttpAnswer): HttpTarget | undefined {
  if (status < 301 || status > 308 || location === undefined) return undefined
  if (status > 303 && status < 307) return undefined
  const from = new URL(urlOf(target))
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined
  if (to?.hostname !== from.hostname) return undefined
  const secure = to.protocol === 'https:'
  return { ...target, secure, port: Number(to.port) || (secure ? 443 : 80), path: `${to.pathname}${to.search}` }
}
