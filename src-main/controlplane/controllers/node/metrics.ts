import type { Node } from '#types/core/v1'
import { Count, counter, type Metric } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { zoneOf } from './zones.ts'

/** Nodes that lost their pods, under upstream's name (kubernetes.io, "Kubernetes Metrics Reference"). */
export class NodeMetrics {
  readonly #evictions = new Count()

  /** The pods of a node are to go, as it is not ready or not heard of. */
  evicted(node: Node): void {
    const [region, zone] = zoneOf(node).split('\0')
    this.#evictions.add({ zone: region || zone ? `${region}:\0:${zone}` : '' })
  }

  readonly metrics = (): Metric[] => [
    counter(
      'node_collector_evictions_total',
      '[STABLE] Nodes whose pods were to go since the controllers work, by region and zone.',
      this.#evictions.samples,
    ),
  ]
}
