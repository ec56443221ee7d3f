import { PageNotFoundError } from './filters/page-not-found.ts'
import { forbidSniffing } from './filters/refused.ts'
import type { Exchange } from './http/exchange.ts'

/**
 * What is started with the server, under the names that upstream gives its own parts that do the same: clients and its suites look for them.
 * All of it stands before any answer is given.
 */
const started = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map((name) => `poststarthook/${name}`)
const openapi = ['apiservice-openapi-controller', 'apiservice-openapiv3-controller'].map(
  (name) => `poststarthook/${name}`,
)
const hooks = [...started, 'autoregister-completion', ...openapi]
const live = ['ping', 'log', 'etcd', ...hooks]
const readyChecks = ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...hooks, 'shutdown']
const TEXT = 'text/plain; charset=utf-8'

/** What a store that does not answer is known by. */
const ofStore = ['etcd', 'etcd-readiness']

/** What `/livez` and `/readyz` go by (kubernetes.io, "Kubernetes API health endpoints"). */
export interface HealthOptions {
  ready: Promise<void>
  /** Counts answers, by endpoint. */
  asked: Map<string, number>
  /** Throws when the store does not answer; one that is part of this process always does. */
  checkStore?: (() => Promise<void>) | undefined
}

/**
 * `/healthz`, `/livez`, `/readyz`, each check alone below them (kubernetes.io, "Kubernetes API health endpoints"). All answers wait for
 * `ready`.
 */
export async function health(exchange: Exchange, { ready, asked, checkStore }: HealthOptions): Promise<void> {
  const { path, query } = exchange.info
  const [endpoint = '', ...below] = path.split('/').filter((part) => part !== '')
  const check = below.join('/')
  const checks = endpoint === 'readyz' ? readyChecks : live
  if ((check !== '' && !checks.includes(check)) || path.endsWith('/')) throw new PageNotFoundError()
  forbidSniffing(exchange)
  await ready
  asked.set(endpoint, (asked.get(endpoint) ?? 0) + 1)
  const excluded = new Set(query.getAll('exclude').flatMap((names) => names.split(',')))
  const concerned = (check === '' ? checks : [check]).some((one) => ofStore.includes(one) && !excluded.has(one))
  const failure = concerned ? await failureOf(checkStore) : undefined
  if (failure && check !== '') return exchange.send(500, `internal server error: ${failure.message}\n`, TEXT)
  if (check !== '' || (!query.has('verbose') && !failure)) return exchange.send(200, 'ok', TEXT)
  const lines = checks.map((one) => {
    if (excluded.delete(one)) return `[+]${one} excluded: ok`
    return failure && ofStore.includes(one) ? `[-]${one} failed: reason withheld` : `[+]${one} ok`
  })
  if (excluded.size > 0)
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${[...excluded].map((one) => JSON.stringify(one)).join(', ')}`,
    )
  const [code, word] = failure ? [500, 'failed'] : [200, 'passed']
  exchange.send(code, `${lines.join('\n')}\n${endpoint} check ${word}\n`, TEXT)
}

/** Why the store is not well; undefined when it is. */
async function failureOf(checkStore: HealthOptions['checkStore']): Promise<Error | undefined> {
  try {
    await checkStore?.()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** What `/metrics/slis` tells of the checks (kubernetes.io, "Kubernetes Component SLI Metrics"): their results, and how often they were made. */
export function healthMetrics(asked: ReadonlyMap<string, number>): string {
  const all = ['healthz', 'livez', 'readyz'].flatMap((type) =>
    (type === 'readyz' ? readyChecks : live).map((name) => ({ name, type, count: asked.get(type) ?? 0 })),
  )
  const lines = [
    '# HELP kubernetes_healthcheck [STABLE] This metric records the result of a single healthcheck.',
    '# TYPE kubernetes_healthcheck gauge',
    ...all.map(({ name, type }) => `kubernetes_healthcheck{name="${name}",type="${type}"} 1`),
    '# HELP kubernetes_healthchecks_total [STABLE] This metric records the results of all healthcheck.',
    '# TYPE kubernetes_healthchecks_total counter',
    ...all.map(
      ({ name, type, count }) =>
        `kubernetes_healthchecks_total{name="${name}",status="success",type="${type}"} ${count}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
