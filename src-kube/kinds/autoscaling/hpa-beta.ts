import type { HorizontalPodAutoscaler } from '#types/autoscaling/v2'
import type { HorizontalPodAutoscaler as BetaAutoscaler } from '#types/autoscaling/v2beta1'
import type { HorizontalPodAutoscaler as LaterBeta } from '#types/autoscaling/v2beta2'
import { BEHAVIOR, parse } from './hpa-conversion.ts'
import { fromOldMetric, fromOldStatus, toOldMetric, toOldStatus } from './hpa-metrics.ts'

export type { BetaAutoscaler, LaterBeta }

/** What clients of both betas read of a status without asking whether it is there. */
const unknownYet = { currentReplicas: 0, desiredReplicas: 0, currentMetrics: [], conditions: [] }

/** autoscaling/v2beta1 (of Kubernetes 1.8 to 1.24) writes each metric as v1 does in its annotation, and keeps the behavior in another. */
export function toBeta(object: HorizontalPodAutoscaler): BetaAutoscaler {
  const { metrics, behavior, ...spec } = object.spec ?? {}
  const { currentMetrics = [], ...status } = { ...unknownYet, ...object.status }
  const annotations = { ...object.metadata.annotations, ...(behavior ? { [BEHAVIOR]: JSON.stringify(behavior) } : {}) }
  return {
    ...object,
    apiVersion: 'autoscaling/v2beta1',
    metadata: behavior ? { ...object.metadata, annotations } : object.metadata,
    spec: { ...spec, ...(metrics ? { metrics: metrics.map(toOldMetric) } : {}) },
    status: { ...status, currentMetrics: currentMetrics.map(toOldStatus) },
  } as BetaAutoscaler
}

/** autoscaling/v2beta2 (of 1.12 to 1.25) is what became v2. */
export function toLaterBeta(object: HorizontalPodAutoscaler): LaterBeta {
  return { ...object, apiVersion: 'autoscaling/v2beta2', status: { ...unknownYet, ...object.status } } as LaterBeta
}

/** The way back. An annotation that is no JSON is left where it is. */
export function fromBeta(old: BetaAutoscaler): HorizontalPodAutoscaler {
  const { [BEHAVIOR]: text, ...others } = old.metadata.annotations ?? {}
  const behavior = parse<object>(text)
  const { annotations, ...metadata } = old.metadata
  const kept = behavior ? others : annotations
  const { metrics, ...spec } = old.spec ?? {}
  const { currentMetrics, ...status } = old.status ?? {}
  const now = currentMetrics?.length ? { currentMetrics: currentMetrics.map(fromOldStatus) } : {}
  return {
    ...old,
    apiVersion: 'autoscaling/v2',
    metadata: kept && Object.keys(kept).length > 0 ? { ...metadata, annotations: kept } : metadata,
    spec: { ...spec, ...(metrics ? { metrics: metrics.map(fromOldMetric) } : {}), ...(behavior ? { behavior } : {}) },
    ...(old.status ? { status: { ...status, ...now } } : {}),
  } as HorizontalPodAutoscaler
}
