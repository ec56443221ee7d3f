import { createServer } from 'node:http'
import { formatMetrics, type MetricSource } from '../../src-kube/machinery/metrics/prometheus.ts'

/** Where `/metrics` of the DNS is served, until `signal` aborts. */
export interface MetricsServerOptions {
  addresses: readonly string[]
  port: number
  metrics: MetricSource
  log: (message: string) => void
  signal: AbortSignal
}

/** Answers Prometheus at `/metrics` of every address; one that somebody else has is logged, and left to them. */
export function serveDnsMetrics({ addresses, port, metrics, log, signal }: MetricsServerOptions): void {
  for (const address of addresses) {
    const server = createServer(({ url }, response) => {
      const isAsked = url?.split('?')[0] === '/metrics'
      const type = isAsked ? 'text/plain; version=0.0.4; charset=utf-8' : 'text/plain; charset=utf-8'
      response.writeHead(isAsked ? 200 : 404, { 'content-type': type, connection: 'close' })
      response.end(isAsked ? formatMetrics(metrics()) : '404 page not found\n')
    })
    server.once('error', (error) => log(`dns: ${address}:${port}: ${error.message}`))
    server.listen(port, address)
    signal.addEventListener('abort', () => server.close(), { once: true })
  }
}
