import { createServer, type Server } from 'node:http'
import type { ProxyMode } from './backends/index.ts'
import { proxyHealth, type ProxyFacts } from './rules/proxy-health.ts'

export interface StatusOptions {
  mode: ProxyMode
  facts(): ProxyFacts
  log(message: string): void
  signal: AbortSignal
  /** Where it listens, tests elsewhere: kube-proxy's own are 10256 on all addresses and 10249 on loopback. */
  ports?: { health: number; metrics: number }
}

type Answer = { status: number; type: string; body: string } | undefined

const text = (body: string): Answer => ({ status: 200, type: 'text/plain; charset=utf-8', body })

/**
 * kube-proxy's own two ports: 10256 for load balancers and probes ({@link proxyHealth}), 10249 for who asks on the node: `/proxyMode` in the words
 * of kube-proxy, `/healthz`, and `/metrics` with the time of the last write. A port that somebody else has is logged, and left to them.
 */
export function openStatusServers(options: StatusOptions): Server[] {
  const { mode, facts, ports = { health: 10_256, metrics: 10_249 } } = options
  const health = (path: string): Answer =>
    path === '/healthz' || path === '/livez' ? { type: 'application/json', ...proxyHealth(path, facts()) } : undefined
  const metrics = (path: string): Answer => {
    if (path === '/proxyMode') return text(mode)
    if (path === '/healthz') return text('ok')
    return path === '/metrics' ? text(metricsOf(facts())) : undefined
  }
  return [open(options, ports.health, '0.0.0.0', health), open(options, ports.metrics, '127.0.0.1', metrics)]
}

function open({ log, signal }: StatusOptions, port: number, address: string, answer: (path: string) => Answer): Server {
  const server = createServer(({ url = '/' }, response) => {
    const { status, type, body } = answer(url.split('?')[0]!) ?? { ...text('404 page not found\n')!, status: 404 }
    const headers = { 'content-type': type, 'x-content-type-options': 'nosniff', connection: 'close' }
    response.writeHead(status, headers).end(body)
  })
  server.once('error', (error) => log(`proxy: port ${port}: ${error.message}`))
  server.listen(port, address)
  signal.addEventListener('abort', () => server.close(), { once: true })
  return server
}

const NAME = 'kubeproxy_sync_proxy_rules_last_timestamp_seconds'

const metricsOf = ({ lastUpdated }: ProxyFacts): string =>
  [
    `# HELP ${NAME} [ALPHA] The last time proxy rules were successfully synced`,
    `# TYPE ${NAME} gauge`,
    `${NAME} ${lastUpdated / 1000}`,
    '',
  ].join('\n')
