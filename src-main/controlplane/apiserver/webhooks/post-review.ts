import type { WebhookClientConfig } from '#types/admissionregistration.k8s.io/v1'
import { request as httpRequest } from 'node:http'
import { connect, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { rootCertificates, connect as tlsConnect } from 'node:tls'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import type { PostReview } from '../../admission/webhooks/dispatch.ts'
import { dialWords } from '../http/dial-words.ts'
import { dialService } from '../streaming/dial-service.ts'
import type { StreamingOptions } from '../streaming/index.ts'
import { AnswerError, answerError } from './answer-words.ts'

/** Where a webhook is: its address as certificates and messages name it, and the way there. */
interface Place {
  url: URL
  /** Of a service: its port, which a URL does not say when it is the usual one. */
  port?: number
  dial(): Promise<Duplex>
}

/**
 * Asks webhooks over HTTPS. A service of the cluster is reached through the tunnel of a node that one of its pods is on, under the name
 * `<service>.<namespace>.svc`; a URL, and the name that a service of type ExternalName stands for, from here. One connection a review: webhooks come and go.
 */
export function postToWebhooks(options: StreamingOptions): PostReview {
  return async (config, body, timeoutSeconds) => {
    const place = placeOf(config, options)
    place.url.searchParams.set('timeout', `${timeoutSeconds}s`)
    try {
      return await within(timeoutSeconds, (signal) => post(place, config.caBundle, body, signal))
    } catch (error) {
      if (error instanceof AnswerError) throw error
      throw new Error(`Post ${JSON.stringify(hrefOf(place))}: ${dialWords(error)}`, { cause: error })
    }
  }
}

/** {@link postToWebhooks} in the words of admission. */
export function postReviews(options: StreamingOptions): PostReview {
  const ask = postToWebhooks(options)
  return async (...review) => {
    try {
      return await ask(...review)
    } catch (error) {
      throw new Error(`failed to call webhook: ${(error as Error).message}`, { cause: error })
    }
  }
}

/** How messages name the place: upstream always writes the port of a service. */
const hrefOf = ({ url, port }: Place): string =>
  port === undefined ? url.href : `https://${url.hostname}:${port}${url.pathname}${url.search}`

function placeOf({ url, service }: WebhookClientConfig, options: StreamingOptions): Place {
  if (!service) {
    const at = new URL(url ?? '')
    return {
      url: at,
      dial: () => Promise.resolve(connect({ host: at.hostname.replace(/^\[|\]$/g, ''), port: Number(at.port || 443) })),
    }
  }
  const { name, namespace, port = 443, path = '' } = service
  return {
    url: new URL(`https://${name}.${namespace}.svc:${port}${path.startsWith('/') ? '' : '/'}${path}`),
    port,
    dial: () => dialService(options, { namespace, name, port, asker: 'system:apiserver' }).catch(asMissing),
  }
}

/** A service that is not there is called one `service` here: upstream asks its own list of them, not its API. */
function asMissing(error: unknown): never {
  if (!isNotFound(error)) throw error
  throw new Error(error.message.replace(/^services /, 'service '), { cause: error })
}

/** Runs until done or the time is over, in the words of Go's context. */
async function within<T>(seconds: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(seconds * 1000)
  try {
    return await run(signal)
  } catch (error) {
    throw signal.aborted ? new Error('context deadline exceeded', { cause: error }) : error
  }
}

function post({ url, dial }: Place, caBundle: string | undefined, body: string, signal: AbortSignal): Promise<string> {
  const ca = caBundle ? Buffer.from(caBundle, 'base64') : [...rootCertificates]
  return new Promise((resolve, reject) => {
    const give = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)))
    signal.addEventListener('abort', () => give(signal.reason), { once: true })
    dial()
      .then((socket) => {
        const host = url.hostname.replace(/^\[|\]$/g, '')
        const secure = tlsConnect({ socket, host, ca, ...(isIP(host) ? {} : { servername: host }) })
        // An end without a word would be waited for in vain.
        socket.once('error', give)
        secure.once('error', give)
        signal.addEventListener('abort', () => socket.destroy(), { once: true })
        const headers = {
          'content-type': 'application/json',
          accept: 'application/json',
          host: url.host,
          connection: 'close',
          'content-length': String(Buffer.byteLength(body)),
        }
        const path = url.pathname + url.search
        const call = httpRequest({ createConnection: () => secure, method: 'POST', path, headers }, (answer) => {
          const code = answer.statusCode ?? 0
          text(answer).then((words) => {
            socket.destroy()
            if (code >= 200 && code < 300) resolve(words)
            else give(answerError(code, words, answer.headers['content-type']))
          }, give)
        })
        call.once('error', give)
        call.end(body)
      })
      .catch(give)
  })
}
