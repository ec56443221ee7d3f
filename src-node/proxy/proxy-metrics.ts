import type { ProxyMode, Written } from './backends/index.ts'
import {
  Count,
  counter,
  exponential,
  gauge,
  Histogram,
  type Labels,
  type Metric,
  type Sample,
} from '../../src-kube/machinery/metrics/prometheus.ts'
import type { ServicePort } from './rules/model.ts'

/** What a change was of. */
export type Changed = 'service' | 'endpoint'

/** Nodes and pods have one family here. */
const family: Labels = { ip_family: 'IPv4' }
const linear = (start: number, width: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => start + i * width)
const writes = exponential(0.001, 2, 15)
const programming = [0, ...linear(0.25, 0.25, 2), ...linear(1, 1, 59), ...linear(60, 5, 12), ...linear(120, 30, 7)]

/** One write of the rules that came to its end. */
export interface Sync {
  /** Milliseconds since the epoch. */
  began: number
  ended: number
  written: Written
  ports: readonly ServicePort[]
  /** When that happened which the endpoints of this write were changed for, in milliseconds since the epoch. */
  triggers: readonly number[]
}

/**
 * What kube-proxy counts of its work, under its names and labels (kubernetes.io, "Kubernetes Metrics Reference": `kubeproxy_`). Times are
 * milliseconds here and seconds in what is told.
 */
export class ProxyMetrics {
  readonly #durations = new Histogram(writes)
  readonly #full = new Histogram(writes)
  readonly #partial = new Histogram(writes)
  readonly #programming = new Histogram(programming)
  readonly #changes: Record<Changed, number> = { service: 0, endpoint: 0 }
  readonly #pending: Record<Changed, number> = { service: 0, endpoint: 0 }
  readonly #failures = new Count()
  readonly #mode: ProxyMode
  #queued = 0
  #last: Sync | undefined

  constructor(mode: ProxyMode) {
    this.#mode = mode
    this.#failures.add(family, 0)
  }

  /** Something changed that the next write takes up. */
  changed(what: Changed): void {
    this.#changes[what]++
    this.#pending[what]++
  }

  /** A write is asked for. */
  queued(now: number): void {
    this.#queued = now
  }

  /** A write begins: what changes from here on waits for the next. */
  began(): void {
    this.#pending.service = this.#pending.endpoint = 0
  }

  synced(sync: Sync): void {
    const { began, ended, written, triggers } = sync
    const seconds = (ended - began) / 1000
    this.#durations.add(seconds, family)
    const kind = written.isFull ? this.#full : this.#partial
    kind.add(seconds, family)
    for (const trigger of triggers) this.#programming.add(Math.max(0, ended - trigger) / 1000, family)
    this.#last = sync
  }

  failed(): void {
    this.#failures.add(family)
  }

  *metrics(): Iterable<Metric> {
    yield* this.#spreads()
    yield* this.#waiting()
    const at = (name: string, help: string, time: number): Metric =>
      gauge(`${PREFIX}${name}`, `[ALPHA] ${help}`, [{ labels: family, value: time / 1000 }])
    yield at(
      'last_queued_timestamp_seconds',
      'When rules were last found to need writing, in seconds since 1970.',
      this.#queued,
    )
    yield at('last_timestamp_seconds', 'When rules were last written, in seconds since 1970.', this.#last?.ended ?? 0)
    yield noLocalEndpoints(this.#last?.ports ?? [])
    yield* tableRules(this.#last?.written.rules)
    const [name, help] =
      this.#mode === 'nftables'
        ? ['nftables_sync_failures_total', 'How often nft refused rules.']
        : ['iptables_restore_failures_total', 'How often iptables-restore refused rules.']
    yield counter(`${PREFIX}${name}`, `[ALPHA] ${help}`, this.#failures.samples)
  }

  *#spreads(): Iterable<Metric> {
    yield this.#durations.metric(
      `${PREFIX}duration_seconds`,
      '[ALPHA] Seconds that bringing the rules up to date took.',
    )
    yield this.#full.metric(
      'kubeproxy_sync_full_proxy_rules_duration_seconds',
      '[ALPHA] The same, where all rules were written anew.',
    )
    yield this.#partial.metric(
      'kubeproxy_sync_partial_proxy_rules_duration_seconds',
      '[ALPHA] The same, where only what changed was written.',
    )
    const help = '[ALPHA] Seconds from the change of a pod or Service until the rules say so.'
    yield this.#programming.metric('kubeproxy_network_programming_duration_seconds', help)
  }

  *#waiting(): Iterable<Metric> {
    for (const what of ['endpoint', 'service'] as const) {
      const of = (value: number): Sample[] => [{ labels: family, value }]
      const pending = `[ALPHA] Changes (${what}) that no rules tell of yet.`
      yield gauge(`${PREFIX}${what}_changes_pending`, pending, of(this.#pending[what]))
      const total = `[ALPHA] Changes (${what}) that were heard of.`
      yield counter(`${PREFIX}${what}_changes_total`, total, of(this.#changes[what]))
    }
  }
}

const PREFIX = 'kubeproxy_sync_proxy_rules_'

/** Services whose policy keeps traffic on the node, where they have nobody here but elsewhere. */
function noLocalEndpoints(ports: readonly ServicePort[]): Metric {
  const away = ports.filter(({ all, local }) => all.length > 0 && local.length === 0)
  const of = (policy: string, field: 'internalLocal' | 'externalLocal'): Sample => ({
    labels: { ...family, traffic_policy: policy },
    value: away.filter((port) => port[field]).length,
  })
  return gauge(
    `${PREFIX}no_local_endpoints_total`,
    '[ALPHA] Ports of services whose policy keeps traffic on the node, where they have no endpoint.',
    [of('internal', 'internalLocal'), of('external', 'externalLocal')],
  )
}

function* tableRules(rules: Written['rules']): Iterable<Metric> {
  if (!rules) return
  const of = (which: 'all' | 'last'): Sample[] =>
    (['filter', 'nat'] as const).map((table) => ({ labels: { ...family, table }, value: rules[table][which] }))
  yield gauge(`${PREFIX}iptables_total`, '[ALPHA] Rules of kube-proxy that the table has.', of('all'))
  yield gauge(`${PREFIX}iptables_last`, '[ALPHA] Rules of the table that were written the last time.', of('last'))
}
