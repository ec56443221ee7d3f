import { createServer, type Server } from 'node:http'
import { Count, counter, formatMetrics, gauge, type Metric } from '../../src-kube/machinery/metrics/prometheus.ts'
import type { ProxyMode } from './backends/index.ts'
import { proxyHealth, type ProxyFacts } from './rules/proxy-health.ts'

/** What kube-proxy's two ports of its own tell: `/healthz` and `/livez` on one, `/metrics`, `/proxyMode` and others on the other. */
export interface StatusOptions {
  mode: ProxyMode
  facts(): ProxyFacts
  /** What it counts, at the moment. */
  metrics(): Iterable<Metric>
  log(message: string): void
  signal: AbortSignal
  /** Where it listens, tests elsewhere: kube-proxy's own are 10256 on all addresses and 10249 on loopback. */
  ports?: { health: number; metrics: number }
}

type Answer = { status: number; type: string; body: string } | undefined

const text = (body: string): Answer => ({ status: 200, type: 'text/plain; charset=utf-8', body })

/**
 * kube-proxy's own two ports: 10256 for load balancers and probes ({@link proxyHealth}), 10249 for who asks on the node: `/proxyMode` in the words
 * of kube-proxy, `/healthz`, and `/metrics`. A port that somebody else has is logged, and left to them.
 */
export function openStatusServers(options: StatusOptions): Server[] {
  const { mode, facts, ports = { health: 10_256, metrics: 10_249 } } = options
  const asked = { '/healthz': new Count(), '/livez': new Count() }
  const health = (path: string): Answer => {
    if (path !== '/healthz' && path !== '/livez') return undefined
    const answer = proxyHealth(path, facts())
    asked[path].add({ code: String(answer.status) })
    return { type: 'application/json', ...answer }
  }
  const all = (): Metric[] => [
    ...options.metrics(),
    counter('kubeproxy_proxy_healthz_total', HEALTHZ, asked['/healthz'].samples),
    counter('kubeproxy_proxy_livez_total', LIVEZ, asked['/livez'].samples),
    ...processMetrics(),
  ]
  const metrics = (path: string): Answer => {
    if (path === '/proxyMode') return text(mode)
    if (path === '/healthz') return text('ok')
    return path === '/metrics' ? { status: 200, type: EXPOSITION, body: formatMetrics(all()) } : undefined
  }
  return [open(options, ports.health, '0.0.0.0', health), open(options, ports.metrics, '127.0.0.1', metrics)]
}

const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8'
const HEALTHZ = '[ALPHA] Cumulative proxy healthz HTTP status'
const LIVEZ = '[ALPHA] Cumulative proxy livez HTTP status'

/** Of the agent, which kube-proxy is a part of here. */
function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage()
  const one = (value: number) => [{ labels: {}, value }]
  return [
    counter(
      'process_cpu_seconds_total',
      'Total user and system CPU time spent in seconds.',
      one((user + system) / 1e6),
    ),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', one(process.memoryUsage.rss())),
    gauge(
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      one(Math.round(performance.timeOrigin) / 1000),
    ),
  ]
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
