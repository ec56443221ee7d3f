import type Dockerode from 'dockerode'
import { controlGroupUsage, type Host } from '../../host/index.ts'
import type { ProbeCount } from '../probes/index.ts'
import { cadvisorMetrics } from './cadvisor.ts'
import type { DiskUse } from './disk-usage.ts'
import { counter, formatMetrics, gauge, type Metric, type Sample } from './prometheus.ts'
import { measureContainers, type MeasuredContainer } from './usage.ts'

const NANO = 1e9

export interface MetricsOptions {
  docker: Dockerode
  host: Pick<Host, 'readFile' | 'facts'>
  nodeName: string
  diskUse(): Promise<DiskUse>
  /** How often the probes of containers that are here have been answered, and how. */
  probes(): readonly ProbeCount[]
}

type Page = (options: MetricsOptions) => Promise<Metric[]>

const measured = (options: MetricsOptions): Promise<MeasuredContainer[]> => measureContainers(options)

/** The pages by what comes after `/metrics/`. */
const PAGES: Record<string, Page> = {
  '': async (options) => runningMetrics(await measured(options), options.nodeName),
  async resource(options) {
    const { host } = options
    const [containers, { cpu, memory, inactiveFiles }] = await Promise.all([
      measured(options),
      controlGroupUsage((path) => host.readFile(path)),
    ])
    return resourceMetrics(containers, { cpu, workingSet: Math.max(0, memory - inactiveFiles) })
  },
  async cadvisor(options) {
    const [containers, machine] = await Promise.all([measured(options), options.host.facts()])
    return cadvisorMetrics(containers, machine)
  },
  probes: ({ probes }) => Promise.resolve([probeMetric(probes())]),
}

/**
 * `/metrics` of the kubelet and what is below it: what runs, what the metrics server reads (`resource`), what cAdvisor tells and how probes
 * were answered (kubernetes.io, "Node metrics data", "Metrics For Kubernetes System Components"); undefined for another page.
 */
export function createMetrics(options: MetricsOptions): (which: string) => Promise<string | undefined> {
  return async (which) => {
    const page = Object.hasOwn(PAGES, which) ? PAGES[which] : undefined
    return page && formatMetrics(await page(options))
  }
}

function probeMetric(counts: readonly ProbeCount[]): Metric {
  const title = (kind: string): string => `${kind[0]?.toUpperCase()}${kind.slice(1)}`
  const samples = counts.map(({ pod: { metadata }, container, kind, result, count }) => ({
    labels: {
      container,
      namespace: metadata.namespace ?? '',
      pod: metadata.name,
      pod_uid: metadata.uid,
      probe_type: title(kind),
      result,
    },
    value: count,
  }))
  const help = '[BETA] Cumulative number of a liveness, readiness or startup probe for a container by result.'
  return counter('prober_probe_total', help, samples)
}

function runningMetrics(containers: readonly MeasuredContainer[], node: string): Metric[] {
  const pods = new Set(containers.map(({ pod }) => pod.uid)).size
  const running = containers.filter(({ name }) => name !== undefined).length
  return [
    gauge('kubelet_node_name', "[ALPHA] The node's name. The count is always 1.", [{ labels: { node }, value: 1 }]),
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
