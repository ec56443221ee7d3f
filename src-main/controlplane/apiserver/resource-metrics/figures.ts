import type { Node, Pod } from '#types/core/v1'
import { formatQuantity } from '../../../../src-kube/machinery/quantity.ts'
import { formatTime, parseTime } from '../../../../src-kube/machinery/time.ts'
import type { Measured, StatsSummary } from '../../../../src-wire/node/stats-summary.ts'

/** As quantities: nanocores, and bytes of the working set. */
export interface Usage {
  cpu: string
  memory: string
}

interface Figures {
  apiVersion: 'metrics.k8s.io/v1beta1'
  metadata: { name: string; namespace?: string; creationTimestamp: string; labels?: Record<string, string> }
  /** When the window ended. */
  timestamp: string
  /** A duration: what the rates are averages over. */
  window: string
}

/** What a node uses, as `metrics.k8s.io/v1beta1` has it. */
export interface NodeMetrics extends Figures {
  kind: 'NodeMetrics'
  usage: Usage
}

/** What the containers of a pod use, as `metrics.k8s.io/v1beta1` has it. */
export interface PodMetrics extends Figures {
  kind: 'PodMetrics'
  containers: Array<{ name: string; usage: Usage }>
}

/** Seconds before their answer over which kubelets of this cluster measure themselves. */
const WINDOW = 1

/** A node's figures at the moment `now`, in milliseconds; undefined while there are none. */
export function nodeMetrics(node: Node, summary: StatsSummary | undefined, now: number): NodeMetrics | undefined {
  const usage = usageOf(summary?.node)
  return usage && { kind: 'NodeMetrics', ...head(node, summary?.node, now), usage }
}

/** A pod's figures; undefined while one of its containers that run has none, as sums would be wrong then. */
export function podMetrics(pod: Pod, summary: StatsSummary | undefined, now: number): PodMetrics | undefined {
  const measured = summary?.pods?.find(({ podRef }) => podRef.uid === pod.metadata.uid)?.containers ?? []
  const containers = measured.flatMap(({ name, ...rest }) => {
    const usage = usageOf(rest)
    return usage ? [{ name, usage }] : []
  })
  if (containers.length === 0 || containers.length < measured.length) return undefined
  return { kind: 'PodMetrics', ...head(pod, measured[0], now), containers }
}

function head({ metadata }: Pick<Pod, 'metadata'>, measured: Measured | undefined, now: number): Figures {
  const { name, namespace, labels } = metadata
  return {
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      creationTimestamp: formatTime(now),
      ...(labels ? { labels } : {}),
    },
    timestamp: formatTime(parseTime(measured?.cpu?.time) ?? now),
    window: `${measured?.cpu?.window ?? WINDOW}s`,
  }
}

/** Nothing runs without memory: zero is not measured. */
function usageOf(measured: Measured | undefined): Usage | undefined {
  const { usageNanoCores } = measured?.cpu ?? {}
  const { workingSetBytes = 0 } = measured?.memory ?? {}
  if (usageNanoCores === undefined || workingSetBytes <= 0) return undefined
  return {
    cpu: formatQuantity({ value: BigInt(Math.round(usageNanoCores)), exponent: -9, format: 'DecimalSI' }),
    memory: formatQuantity({ value: BigInt(Math.round(workingSetBytes)), exponent: 0, format: 'BinarySI' }),
  }
}
