import type Dockerode from 'dockerode'
import { controlGroupUsage, type Host } from '../../host/index.ts'
import { measureContainers, type MeasuredContainer } from './usage.ts'

/** One number of a metric, and which it is. */
interface Sample {
  labels: Record<string, string>
  value: number
}

interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge'
  samples: Sample[]
}

const NANO = 1e9

/**
 * `/metrics/resource` of the kubelet, which the metrics server reads, and of `/metrics` the counts of what runs (kubernetes.io,
 * "Node metrics data"); undefined for another page. In Prometheus' text format.
 */
export function createMetrics(
  docker: Dockerode,
  host: Pick<Host, 'readFile'>,
): (which: string) => Promise<string | undefined> {
  return async (which) => {
    if (which !== '' && which !== 'resource') return undefined
    const [containers, node] = await Promise.all([
      measureContainers(docker, { once: true }),
      controlGroupUsage((path) => host.readFile(path)),
    ])
    if (which === '') return format(runningMetrics(containers))
    const workingSet = Math.max(0, node.memory - node.inactiveFiles)
    return format(resourceMetrics(containers, { cpu: node.cpu, workingSet }))
  }
}

function runningMetrics(containers: readonly MeasuredContainer[]): Metric[] {
  const pods = new Set(containers.map(({ pod }) => pod.uid)).size
  const running = containers.filter(({ name }) => name !== undefined).length
  return [
    gauge('kubelet_running_pods', '[BETA] Number of pods that have a running pod sandbox', [
      { labels: {}, value: pods },
    ]),
    gauge('kubelet_running_containers', '[BETA] Number of containers currently running', [
      { labels: { container_state: 'running' }, value: running },
    ]),
  ]
}

interface Total {
  cpu: number
  workingSet: number
}

function resourceMetrics(containers: readonly MeasuredContainer[], node: Total): Metric[] {
  const named = containers.flatMap(({ name, pod, ...used }) =>
    name === undefined ? [] : [{ labels: { container: name, namespace: pod.namespace, pod: pod.name }, ...used }],
  )
  const pods = podTotals(containers)
  const cpu = (all: Array<{ labels: Record<string, string>; cpu: number }>): Sample[] =>
    all.map(({ labels, cpu: used }) => ({ labels, value: used / NANO }))
  const memory = (all: Array<{ labels: Record<string, string>; workingSet: number }>): Sample[] =>
    all.map(({ labels, workingSet }) => ({ labels, value: workingSet }))
  const whole = [{ labels: {}, ...node }]
  const time = 'Cumulative cpu time consumed by the'
  const size = 'Current working set of the'
  return [
    counter('container_cpu_usage_seconds_total', `[STABLE] ${time} container in core-seconds`, cpu(named)),
    gauge('container_memory_working_set_bytes', `[STABLE] ${size} container in bytes`, memory(named)),
    gauge(
      'container_start_time_seconds',
      '[STABLE] Start time of the container since unix epoch in seconds',
      named.map(({ labels, createdAt }) => ({ labels, value: createdAt / 1000 })),
    ),
    counter('node_cpu_usage_seconds_total', `[STABLE] ${time} node in core-seconds`, cpu(whole)),
    gauge('node_memory_working_set_bytes', `[STABLE] ${size} node in bytes`, memory(whole)),
    counter('pod_cpu_usage_seconds_total', `[STABLE] ${time} pod in core-seconds`, cpu(pods)),
    gauge('pod_memory_working_set_bytes', `[STABLE] ${size} pod in bytes`, memory(pods)),
    gauge('resource_scrape_error', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise', [
      { labels: {}, value: 0 },
    ]),
  ]
}

function podTotals(containers: readonly MeasuredContainer[]): Array<Total & { labels: Record<string, string> }> {
  const totals = new Map<string, Total & { labels: Record<string, string> }>()
  for (const { pod, cpu, workingSet } of containers) {
    const labels = { namespace: pod.namespace, pod: pod.name }
    const before = totals.get(pod.uid) ?? { labels, cpu: 0, workingSet: 0 }
    totals.set(pod.uid, { labels, cpu: before.cpu + cpu, workingSet: before.workingSet + workingSet })
  }
  return [...totals.values()]
}

const counter = (name: string, help: string, samples: Sample[]): Metric => ({ name, help, type: 'counter', samples })
const gauge = (name: string, help: string, samples: Sample[]): Metric => ({ name, help, type: 'gauge', samples })

function format(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ labels, value }) => `${name}${formatLabels(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function formatLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}
