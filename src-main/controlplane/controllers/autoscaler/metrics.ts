import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '#types/autoscaling/v2'
import type { Pod } from '#types/core/v1'
import { formatQuantity, milliValue } from '../../../../src-kube/machinery/quantity.ts'
import { MetricError, unavailable, unserved } from './metric-error.ts'
import { type Proposal, proposeReplicas, type ResourceAim, defaultTolerance } from './replicas.ts'
import type { PodUsage } from './usage.ts'

/** What an autoscaler's metrics ask for together. */
export interface Recommendation {
  replicas: number
  /** The metric that asks for most, in words. */
  metric: string
  current: MetricStatus[]
}

/** The largest number that any metric asks for; with some unknown, never fewer than there are. Throws {@link MetricError}. Pure. */
export function recommend(
  { spec, metadata }: HorizontalPodAutoscaler,
  pods: readonly Pod[],
  usage: ReadonlyMap<string, PodUsage>,
  replicas: number,
  now: number,
): Recommendation {
  const current: MetricStatus[] = []
  let best: { replicas: number; metric: string } | undefined
  const problems: MetricError[] = []
  const { metrics = [] } = spec
  for (const metric of metrics)
    try {
      const aim = { ...aimOf(metric, metadata.namespace ?? ''), tolerance: toleranceOf(spec) }
      const proposal = proposeReplicas(pods, usage, aim, replicas, now)
      current.push(statusOf(metric, proposal))
      if (!best || proposal.replicas > best.replicas)
        best = { replicas: proposal.replicas, metric: nameOf(metric, aim) }
    } catch (error) {
      problems.push(error instanceof MetricError ? error : unavailable(metric, error))
    }
  if (problems[0] && (!best || best.replicas < replicas)) throw problems[0].among(problems.length, metrics.length)
  if (!best) throw new MetricError('FailedGetResourceMetric', 'no metrics are given')
  return { ...best, current }
}

function toleranceOf({ behavior }: HorizontalPodAutoscaler['spec']): NonNullable<ResourceAim['tolerance']> {
  const shareOf = (given: string | undefined) => (given === undefined ? defaultTolerance : milliValue(given) / 1000)
  return { up: shareOf(behavior?.scaleUp?.tolerance), down: shareOf(behavior?.scaleDown?.tolerance) }
}

const partOf = (metric: MetricSpec) => metric.resource ?? metric.containerResource

function aimOf(metric: MetricSpec, namespace: string): ResourceAim {
  const part = partOf(metric)
  if (!part) throw unserved(metric, namespace)
  const { averageUtilization, averageValue } = part.target
  return {
    resource: part.name,
    container: metric.containerResource?.container,
    ...(averageUtilization === undefined ? { average: milliValue(averageValue) } : { utilization: averageUtilization }),
  }
}

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
