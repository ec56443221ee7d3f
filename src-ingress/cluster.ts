import { readFileSync } from 'node:fs'
import { httpTransport, type HttpTransport } from '../src-wire/http-transport.ts'

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
/** Milliseconds after which the token is read again, since the kubelet renews it. */
const TOKEN_LIFE = 60_000

/** The API server as a pod reaches it, as the pod's own service account (kubernetes.io, "Accessing the Kubernetes API from a Pod"). */
export function clusterTransport(environment: NodeJS.ProcessEnv, signal: AbortSignal): HttpTransport {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (!host) throw new Error('not in a cluster: KUBERNETES_SERVICE_HOST is not set')
  let token = ''
  let read = -Infinity
  return httpTransport({
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readFileSync(`${ACCOUNT}/ca.crt`, 'utf8'),
    token() {
      if (performance.now() - read > TOKEN_LIFE) {
        token = readFileSync(`${ACCOUNT}/token`, 'utf8').trim()
        read = performance.now()
      }
      return token
    },
    userAgent: 'drydock-ingress',
    signal,
  })
}
