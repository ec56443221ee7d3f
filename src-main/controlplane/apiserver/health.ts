import { StatusError } from '../../../src-kube/machinery/errors.ts'
import { forbidSniffing } from './filters/refused.ts'
import type { Exchange } from './http/exchange.ts'

const CHECKS = ['ping', 'log', 'etcd', 'informer-sync']
const TEXT = 'text/plain; charset=utf-8'

/**
 * `/healthz`, `/livez`, `/readyz`, each check alone below them (kubernetes.io, "Kubernetes API health endpoints"). All answers wait for
 * `ready`.
 */
export async function health(exchange: Exchange, ready: Promise<void>): Promise<void> {
  const { path, query } = exchange.info
  const [endpoint = '', check] = path.split('/').filter((part) => part !== '')
  const checks = endpoint === 'readyz' ? [...CHECKS, 'shutdown'] : CHECKS
  if (check !== undefined && !checks.includes(check))
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
  forbidSniffing(exchange)
  await ready
  if (check !== undefined || !query.has('verbose')) return exchange.send(200, 'ok', TEXT)
  const excluded = new Set(query.getAll('exclude').flatMap((names) => names.split(',')))
  const lines = checks.map((one) => `[+]${one} ${excluded.delete(one) ? 'excluded: ok' : 'ok'}`)
  if (excluded.size > 0)
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${[...excluded].map((one) => JSON.stringify(one)).join(', ')}`,
    )
  exchange.send(200, `${lines.join('\n')}\n${endpoint} check passed\n`, TEXT)
}
