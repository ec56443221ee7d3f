import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from '#types/autoscaling/v2'
import { NONE } from '../cells.ts'

/** Metrics of which the table shows both values; of the others, how many there are. */
const SHOWN = 2
const UNKNOWN = '<unknown>'

/** `cpu: 12%/80%`: what each metric is and what it ought to be (reference: the server's printer of autoscalers). */
export function targetsCell({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec?.metrics ?? []
  if (metrics.length === 0) return NONE
  const cells = metrics.map((metric, i) => cell(metric, status?.currentMetrics?.[i]))
  const more = cells.length - SHOWN
  return cells.slice(0, SHOWN).join(', ') + (more > 0 ? ` + ${more} more...` : '')
}

function cell(metric: MetricSpec, now: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'Resource':
      return `${metric.resource?.name}: ${byPod(metric.resource?.target, now?.resource?.current)}`
    case 'ContainerResource':
      return `${metric.containerResource?.name}: ${byPod(metric.containerResource?.target, now?.containerResource?.current)}`
    case 'Pods':
      return `${now?.pods?.current?.averageValue ?? UNKNOWN}/${metric.pods?.target?.averageValue ?? UNKNOWN}`
    case 'Object':
      return whole(metric.object?.target, now?.object?.current)
    case 'External':
      return whole(metric.external?.target, now?.external?.current)
    default:
      return '<unknown type>'
  }
}

interface Current {
  value?: string | undefined
  averageValue?: string | undefined
  averageUtilization?: number | undefined
}

function byPod(target: MetricTarget | undefined, now: Current | undefined): string {
  if (target?.averageValue !== undefined) return `${now?.averageValue ?? UNKNOWN}/${target.averageValue}`
  const is = now?.averageUtilization === undefined ? UNKNOWN : `${now.averageUtilization}%`
  return `${is}/${target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`
}

function whole(target: MetricTarget | undefined, now: Current | undefined): string {
  if (target?.averageValue !== undefined) return `${now?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`
  return `${now?.value ?? UNKNOWN}/${target?.value ?? UNKNOWN}`
}
