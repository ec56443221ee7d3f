import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '#types/autoscaling/v2'
import type { Pod } from '#types/core/v1'
import { formatQuantity, milliValue } from '../../../../src-kube/machinery/quantity.ts'
import { isPodReady } from '../pods.ts'
import type { MetricValue } from './other-metrics.ts'
import { isNear, proposeReplicas, type ResourceAim } from './replicas.ts'
import { goSelector } from './metric-error.ts'

/** What is known of the target. */
export interface TargetFacts {
  readonly pods: readonly Pod[]
  /** As many pods as are asked for, and as there are. */
  readonly replicas: number
  readonly statusReplicas: number
  readonly tolerance: NonNullable<ResourceAim['tolerance']>
  readonly now: number
}

/** What a metric of the custom or external metrics API asks for. */
export interface OtherProposal {
  readonly replicas: number
  /** The metric in words. */
  readonly name: string
  readonly status: MetricStatus
}

/** How many replicas a metric of pods, of an object or from outside asks for ("Horizontal Pod Autoscaling: Algorithm details"). Pure. */
export function proposeForOther(metric: MetricSpec, values: readonly MetricValue[], facts: TargetFacts): OtherProposal {
  const { type, pods, object, external } = metric
  if (values.length === 0) throw new Error(`no metrics returned from ${external ? 'external' : 'custom'} metrics API`)
  if (pods) {
    const { replicas, average } = ofPods(values, milliValue(pods.target.averageValue), facts)
    const current = { averageValue: formatQuantity(`${average}m`) }
    return {
      replicas,
      name: `pods metric ${pods.metric.name}`,
      status: { type, pods: { metric: pods.metric, current } },
    }
  }
  if (object) {
    const { replicas, current } = ofValue(values[0]!.value, object.target, facts)
    const { metric: of, describedObject } = object
    const name = `${describedObject.kind} metric ${of.name}`
    return { replicas, name, status: { type, object: { metric: of, describedObject, current } } }
  }
  const { metric: of, target } = external!
  const sum = values.reduce((total, { value }) => total + value, 0)
  const { replicas, current } = ofValue(sum, target, facts)
  const name = `external metric ${of.name}(${goSelector(of.selector)})`
  return { replicas, name, status: { type, external: { metric: of, current } } }
}

/** Of each pod, like a resource that nobody has more of while it starts. */
function ofPods(values: readonly MetricValue[], average: number, { pods, replicas, tolerance, now }: TargetFacts) {
  const byName = new Map(values.map(({ name, value }) => [name, value]))
  const measured = pods.filter(({ metadata }) => byName.has(metadata.name))
  const usage = new Map(
    measured.map(({ metadata: { uid, name } }) => [uid, new Map([['', { cpu: 0, memory: byName.get(name)! }]])]),
  )
  return proposeReplicas({ pods, usage, current: replicas, now }, { resource: 'memory', average, tolerance })
}

/** Of all pods together: a value, or one that they share. */
function ofValue(
  value: number,
  { value: wanted, averageValue }: MetricTarget,
  { pods, replicas, statusReplicas, tolerance }: TargetFacts,
): { replicas: number; current: MetricValueStatus } {
  if (wanted !== undefined) {
    const ratio = value / milliValue(wanted)
    const current = { value: formatQuantity(`${value}m`) }
    if (replicas > 0 && isNear(ratio, tolerance)) return { replicas, current }
    const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length
    return { replicas: Math.ceil(replicas > 0 ? ratio * ready : ratio), current }
  }
  const each = milliValue(averageValue)
  const current = { averageValue: formatQuantity(`${Math.ceil(value / Math.max(1, statusReplicas))}m`) }
  const near = isNear(value / (each * statusReplicas), tolerance)
  return { replicas: near ? statusReplicas : Math.ceil(value / each), current }
}
