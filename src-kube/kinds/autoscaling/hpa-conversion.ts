import type {
  HorizontalPodAutoscaler as Old,
  MetricSpec as OldMetric,
  MetricStatus as OldStatus,
} from '#types/autoscaling/v1'
import type { HorizontalPodAutoscaler, MetricSpec } from '#types/autoscaling/v2'
import { fromOldMetric, fromOldStatus, toOldMetric, toOldStatus } from './hpa-metrics.ts'

/** Where v1 keeps what it has no fields for. */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
export const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'
const CURRENT = 'autoscaling.alpha.kubernetes.io/current-metrics'
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions'

const isCpu = ({ type, resource }: Pick<MetricSpec, 'type' | 'resource'>): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined

/** autoscaling/v1 has one number for the CPU; all other metrics stand in annotations. */
export function toV1(object: HorizontalPodAutoscaler): Old {
  const { metrics = [], behavior, ...spec } = object.spec ?? {}
  const { currentMetrics = [], conditions = [], ...status } = object.status ?? { desiredReplicas: 0 }
  const cpu = metrics.find(isCpu)
  const others = metrics.filter((metric) => metric !== cpu)
  const now = currentMetrics.find(({ resource }) => resource?.name === 'cpu')?.resource?.current.averageUtilization
  const annotations = { ...object.metadata.annotations }
  const keep = (key: string, value: unknown): void => void (annotations[key] = JSON.stringify(value))
  if (others.length > 0) keep(METRICS, others.map(toOldMetric))
  if (behavior) keep(BEHAVIOR, behavior)
  if (currentMetrics.length > 0) keep(CURRENT, currentMetrics.map(toOldStatus))
  if (conditions.length > 0) keep(CONDITIONS, conditions)
  const { annotations: _, ...metadata } = object.metadata
  const target = cpu?.resource?.target.averageUtilization
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      ...(now === undefined ? {} : { currentCPUUtilizationPercentage: now }),
    },
  } as Old
}

/** The way back. What the annotations hold that is no JSON of this server's is left where it is. */
export function fromV1(old: Old): HorizontalPodAutoscaler {
  const annotations = { ...old.metadata.annotations }
  const take = <T>(key: string): T | undefined => {
    const value = parse<T>(annotations[key])
    if (value !== undefined) delete annotations[key]
    return value
  }
  const takeAll = <T extends object>(key: string): T[] | undefined => {
    const all = take<unknown>(key)
    return Array.isArray(all) ? all.filter((one): one is T => typeof one === 'object' && one !== null) : undefined
  }
  const { targetCPUUtilizationPercentage: target, ...spec } = old.spec ?? {}
  const { currentCPUUtilizationPercentage: used, ...status } = old.status ?? {}
  const cpu: MetricSpec[] =
    target === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } }]
  const metrics = [...cpu, ...(takeAll<OldMetric>(METRICS) ?? []).map(fromOldMetric)]
  const behavior = take<object>(BEHAVIOR)
  const ofCpu =
    used === undefined
      ? undefined
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: used } } }]
  const currentMetrics = takeAll<OldStatus>(CURRENT)?.map(fromOldStatus) ?? ofCpu
  const conditions = takeAll<object>(CONDITIONS)
  const { annotations: _, ...metadata } = old.metadata
  return {
    ...old,
    apiVersion: 'autoscaling/v2',
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}), ...(behavior ? { behavior } : {}) },
    ...(old.status
      ? { status: { ...status, ...(currentMetrics ? { currentMetrics } : {}), ...(conditions ? { conditions } : {}) } }
      : {}),
  } as HorizontalPodAutoscaler
}

/** An annotation's JSON; undefined for what is none. */
export function parse<T>(text: string | undefined): T | undefined {
  if (!text) return undefined
  try {
    return JSON.parse(text) as T
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
