import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from '#types/autoscaling/v2'
import type { Pod } from '#types/core/v1'
import { formatQuantity, milliValue } from '../../../../src-kube/machinery/quantity.ts'
import { messageOf } from '../replica-controller.ts'
import { type Proposal, proposeReplicas, type ResourceAim, usualTolerance } from './replicas.ts'
import type { PodUsage } from './usage.ts'

/** What an autoscaler's metrics ask for together. */
export interface Recommendation {
  replicas: number
  /** The metric that asks for most, in words. */
  metric: string
  current: MetricStatus[]
}

/** None of the metrics, or too few, could be had. */
export class MetricError extends Error {
  override readonly name = 'MetricError'
  readonly reason: string

  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

/** The largest number that any metric asks for; with some unknown, never fewer than there are. Throws {@link MetricError}. Pure. */
export function recommend(
  { spec }: HorizontalPodAutoscaler,
  pods: readonly Pod[],
  usage: ReadonlyMap<string, PodUsage>,
  replicas: number,
  now: number,
): Recommendation {
  const current: MetricStatus[] = []
  let best: { replicas: number; metric: string } | undefined
  let problem: MetricError | undefined
  for (const metric of spec.metrics ?? [])
    try {
      const aim = { ...aimOf(metric), tolerance: toleranceOf(spec) }
      const proposal = proposeReplicas(pods, usage, aim, replicas, now)
      current.push(statusOf(metric, proposal))
      if (!best || proposal.replicas > best.replicas)
        best = { replicas: proposal.replicas, metric: nameOf(metric, aim) }
    } catch (error) {
      problem ??= error instanceof MetricError ? error : unavailable(metric, error)
    }
  if (problem && (!best || best.replicas < replicas)) throw problem
  if (!best) throw new MetricError('FailedGetResourceMetric', 'no metrics are given')
  return { ...best, current }
}

function toleranceOf({ behavior }: HorizontalPodAutoscaler['spec']): NonNullable<ResourceAim['tolerance']> {
  const share = (given: string | undefined) => (given === undefined ? usualTolerance : milliValue(given) / 1000)
  return { up: share(behavior?.scaleUp?.tolerance), down: share(behavior?.scaleDown?.tolerance) }
}

const partOf = (metric: MetricSpec) => metric.resource ?? metric.containerResource

function aimOf(metric: MetricSpec): ResourceAim {
  const part = partOf(metric)
  if (!part)
    throw unavailable(metric, new Error('no metrics returned: this cluster measures cpu and memory of pods only'))
  const { averageUtilization, averageValue } = part.target
  return {
    resource: part.name,
    container: metric.containerResource?.container,
    ...(averageUtilization === undefined ? { average: milliValue(averageValue) } : { utilization: averageUtilization }),
  }
}

function unavailable(metric: MetricSpec, cause: unknown): MetricError {
  const reason = `FailedGet${metric.type === 'Pods' ? 'Pods' : metric.type}Metric`
  const part = partOf(metric)
  const what = part ? `${part.name} ${isShare(part.target) ? 'utilization' : 'usage'}` : `${metric.type} metric`
  return new MetricError(reason, `failed to get ${what}: ${messageOf(cause)}`)
}

const isShare = ({ averageUtilization }: MetricTarget): boolean => averageUtilization !== undefined

function nameOf(metric: MetricSpec, { resource, utilization }: ResourceAim): string {
  const kind = metric.containerResource ? 'container resource' : 'resource'
  return utilization === undefined ? `${resource} ${kind}` : `${resource} ${kind} utilization (percentage of request)`
}

function statusOf(metric: MetricSpec, { average, utilization }: Proposal): MetricStatus {
  const current = {
    averageValue: formatQuantity(`${average}m`),
    ...(utilization === undefined ? {} : { averageUtilization: utilization }),
  }
  const { type, resource, containerResource } = metric
  if (containerResource) {
    const { name, container } = containerResource
    return { type, containerResource: { name, container, current } }
  }
  return { type, resource: { name: resource?.name ?? '', current } }
}
