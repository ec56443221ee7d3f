import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '#types/autoscaling/v2'
import type { Pod } from '#types/core/v1'
import { formatQuantity, milliValue } from '../../../../src-kube/machinery/quantity.ts'
import { MetricError, unavailable, unserved } from './metric-error.ts'
import type { Answer } from './other-metrics.ts'
import { type OtherProposal, proposeForOther, type TargetFacts } from './other-replicas.ts'
import { type Proposal, proposeReplicas, type ResourceAim, DEFAULT_TOLERANCE } from './replicas.ts'
import type { PodUsage } from './usage.ts'

/** What an autoscaler's metrics ask for together. */
export interface Recommendation {
  replicas: number
  /** The metric that asks for most, in words. */
  metric: string
  current: MetricStatus[]
  /** Metrics that could not be had, where those that could ask for more than there is. */
  problems: readonly MetricError[]
}

/** What was found out for an autoscaler. */
export interface Measured {
  readonly pods: readonly Pod[]
  readonly usage: ReadonlyMap<string, PodUsage>
  /** What other servers said of its metrics. */
  readonly others: ReadonlyMap<MetricSpec, Answer>
  /** As many pods as its target asks for, and as there are. */
  readonly replicas: number
  readonly statusReplicas: number
  readonly now: number
}

/** The largest number that any metric asks for; with some unknown, never fewer than there are. Throws {@link MetricError}. Pure. */
export function recommend(
  { spec, metadata }: HorizontalPodAutoscaler,
  { pods, usage, others, replicas, statusReplicas, now }: Measured,
): Recommendation {
  const tolerance = toleranceOf(spec)
  const facts: TargetFacts = { pods, replicas, statusReplicas, tolerance, now }
  const current: MetricStatus[] = []
  let best: { replicas: number; metric: string } | undefined
  const problems: MetricError[] = []
  const { metrics = [] } = spec
  for (const metric of metrics)
    try {
      const proposal = isOfResource(metric)
        ? ofResource(metric, usage, facts)
        : ofOthers(metric, metadata.namespace ?? '', others.get(metric), facts)
      current.push(proposal.status)
      if (!best || proposal.replicas > best.replicas) best = { replicas: proposal.replicas, metric: proposal.name }
    } catch (error) {
      problems.push(error instanceof MetricError ? error : unavailable(metric, error))
    }
  if (problems[0] && (!best || best.replicas < replicas)) throw problems[0].among(problems, metrics.length)
  if (!best) throw new MetricError('FailedGetResourceMetric', 'no metrics are given')
  return { ...best, current, problems }
}

function toleranceOf({ behavior }: HorizontalPodAutoscaler['spec']): NonNullable<ResourceAim['tolerance']> {
  const shareOf = (given: string | undefined) => (given === undefined ? DEFAULT_TOLERANCE : milliValue(given) / 1000)
  return { up: shareOf(behavior?.scaleUp?.tolerance), down: shareOf(behavior?.scaleDown?.tolerance) }
}

const isOfResource = ({ resource, containerResource }: MetricSpec): boolean =>
  (resource ?? containerResource) !== undefined

function ofResource(
  metric: MetricSpec,
  usage: Measured['usage'],
  { pods, replicas, tolerance, now }: TargetFacts,
): OtherProposal {
  const aim = { ...aimOf(metric), tolerance }
  const proposal = proposeReplicas({ pods, usage, current: replicas, now }, aim)
  return { replicas: proposal.replicas, name: nameOf(metric, aim), status: statusOf(metric, proposal) }
}

/** Throws {@link MetricError}. */
function ofOthers(
  metric: MetricSpec,
  namespace: string,
  answer: Answer | undefined,
  facts: TargetFacts,
): OtherProposal {
  if (!answer) throw unserved(metric, namespace)
  if ('error' in answer) throw unserved(metric, namespace, answer.error)
  try {
    return proposeForOther(metric, answer.values, facts)
  } catch (error) {
    throw unserved(metric, namespace, error)
  }
}

function aimOf(metric: MetricSpec): ResourceAim {
  const part = (metric.resource ?? metric.containerResource)!
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
