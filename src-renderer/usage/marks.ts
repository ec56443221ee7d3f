import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { bytesValue, milliValue } from '../../src-kube/machinery/quantity.ts'
import { listAt, textAt } from '../kinds/view.ts'

/** Of what was asked for and what is allowed. */
type Part = 'requests' | 'limits'
type Measured = 'cpu' | 'memory'

/** What figures are drawn against, in their own unit: thousandths of a CPU, bytes. */
export interface Mark {
  part: Part | 'allocatable'
  value: number
}

const valueOf = (of: Measured, quantity: string): number => (of === 'cpu' ? milliValue(quantity) : bytesValue(quantity))

/** What a node has for pods. */
export function nodeMarks(node: KubeObject, of: Measured): Mark[] {
  const has = textAt(node, 'status', 'allocatable', of)
  return has ? [{ part: 'allocatable', value: valueOf(of, has) }] : []
}

/** What pods ask for and may have together; neither where one of them asks for nothing or is without a limit. */
export function podMarks(pods: readonly KubeObject[], of: Measured): Mark[] {
  return (['requests', 'limits'] as const).flatMap((part) => {
    const each = pods.map((pod) => amountOf(pod, part, of))
    if (each.length === 0 || each.includes(undefined)) return []
    return [{ part, value: each.reduce<number>((sum, one) => sum + one!, 0) }]
  })
}

/** What the pod states for itself comes before its containers (kubernetes.io, "Assign Pod-level CPU and memory resources"); a container without a limit leaves the pod without one. */
function amountOf(pod: KubeObject, part: Part, of: Measured): number | undefined {
  const own = textAt(pod, 'spec', 'resources', part, of)
  if (own) return valueOf(of, own)
  const sidecars = listAt(pod, 'spec', 'initContainers').filter((one) => textAt(one, 'restartPolicy') === 'Always')
  const containers = [...listAt(pod, 'spec', 'containers'), ...sidecars]
  const asked = containers.map((one) => textAt(one, 'resources', part, of)).filter(Boolean)
  if (asked.length === 0 || (part === 'limits' && asked.length < containers.length)) return undefined
  return asked.reduce((sum, one) => sum + valueOf(of, one), 0)
}
