import type Dockerode from 'dockerode'
import type { Pod } from '#types/core/v1'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { controlGroupUsage, groupDetails, groupPressure, groupProcesses, type Host } from '../../host/index.ts'
import type { ProbeCount } from '../probes/index.ts'
import { cadvisorMetrics } from './cadvisor.ts'
import type { DiskUse, MountedPod } from './disk-usage.ts'
import { kubeletMetrics } from './kubelet-metrics.ts'
import {
  counter,
  formatMetrics,
  gauge,
  type Metric,
  type Sample,
} from '../../../src-kube/machinery/metrics/prometheus.ts'
import { processUse } from './system-containers.ts'
import { type Measured, type MeasuredContainer, type MeasureOptions, measurePods } from './usage.ts'

const NANO = 1e9

/** Where the figures of `/metrics` and the pages below it come from; asked anew for every page. */
export interface MetricsOptions {
  docker: Dockerode
  host: Pick<Host, 'readFile' | 'facts' | 'disk'>
  clock: Pick<Clock, 'now'>
  nodeName: string
  diskUse(): Promise<DiskUse>
  /** How often the probes of containers that are here have been answered, and how. */
  probes(): readonly ProbeCount[]
  /** What the kubelet has counted of its own work. */
  own(): readonly Metric[]
  /** All pods of this node as it knows them, and those whose volumes are set up. */
  pods(): readonly Pod[]
  mounted(): readonly MountedPod[]
}

/** The disk that containers are on. */
const DISK = '/var/lib/docker'

type Page = (options: MetricsOptions) => Promise<Metric[]>

const measured = (options: MetricsOptions, asked?: MeasureOptions): Promise<Measured> => measurePods(options, asked)

/** The pages by what comes after `/metrics/`. */
const pages: Record<string, Page> = {
  async ''(options) {
    const { host, nodeName, own } = options
    const [{ containers }, use, self] = await Promise.all([
      measured(options),
      options.diskUse(),
      processUse(host, [String(process.pid)]),
    ])
    const facts = { nodeName, containers, use, self, pods: options.pods(), mounted: options.mounted() }
    return [...kubeletMetrics(facts), ...own()]
  },
  async resource(options) {
    const { host } = options
    const [pods, { cpu, memory, inactiveFiles }] = await Promise.all([
      measured(options),
      controlGroupUsage((path) => host.readFile(path)),
    ])
    return resourceMetrics(pods, { cpu, workingSet: Math.max(0, memory - inactiveFiles) })
  },
  async cadvisor(options) {
    const { host, clock } = options
    const read = (path: string): Promise<string> => host.readFile(path)
    const [{ containers, pods }, machine, use, disk] = await Promise.all([
      measured(options, { sandboxes: true }),
      host.facts(),
      options.diskUse(),
      host.disk(DISK),
    ])
    const groups = [...containers, ...groupsOf(pods)]
    const [details, pressures, processes] = await Promise.all([
      byGroup(groups, (group) => groupDetails(read, group)),
      byGroup(groups, (group) => groupPressure(read, group)),
      byGroup(groups, (group) => groupProcesses(read, group)),
    ])
    return cadvisorMetrics(groups, { machine, details, pressures, processes, use, disk, now: clock.now() })
  },
  probes: ({ probes }) => Promise.resolve([probeMetric(probes())]),
}

/** Pods that have a control group, as what is in it is told of: without a container's name. */
const groupsOf = (pods: Measured['pods']): MeasuredContainer[] =>
  [...pods.values()].flatMap(({ group, limit, ...used }) =>
    group === undefined ? [] : [{ ...used, ...unnamed, group, limit: Number.isFinite(limit) ? limit : 0 }],
  )

const unnamed = { id: '', name: '', image: '', called: '', carried: [] }

/** What is told of control groups that are still there, by their path. */
async function byGroup<T>(
  groups: readonly Pick<MeasuredContainer, 'group'>[],
  of: (group: string) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T>> {
  const all = await Promise.all(groups.map(async ({ group }) => [group, await of(group)] as const))
  return new Map(all.flatMap(([group, told]) => (told === undefined ? [] : [[group, told] as const])))
}

/**
 * `/metrics` of the kubelet and what is below it: what it runs and counts, what the metrics server reads (`resource`), what cAdvisor tells and how probes
 * were answered (kubernetes.io, "Node metrics data", "Metrics For Kubernetes System Components"); undefined for another page.
 */
export function createMetrics(options: MetricsOptions): (which: string) => Promise<string | undefined> {
  return async (which) => {
    const page = Object.hasOwn(pages, which) ? pages[which] : undefined
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
  const help = '[BETA] How often the probes of a container were tried, by kind of probe and outcome.'
  return counter('prober_probe_total', help, samples)
}

interface Total {
  cpu: number
  workingSet: number
}

function resourceMetrics({ containers, pods: all }: Measured, node: Total): Metric[] {
  const named = containers.flatMap(({ name, pod, ...used }) =>
    name === undefined ? [] : [{ labels: { container: name, namespace: pod.namespace, pod: pod.name }, ...used }],
  )
  const pods = [...all.values()].map(({ pod, ...used }) => ({
    labels: { namespace: pod.namespace, pod: pod.name },
    ...used,
  }))
  const cpu = (all: Array<{ labels: Record<string, string>; cpu: number }>): Sample[] =>
    all.map(({ labels, cpu: used }) => ({ labels, value: used / NANO }))
  const memory = (all: Array<{ labels: Record<string, string>; workingSet: number }>): Sample[] =>
    all.map(({ labels, workingSet }) => ({ labels, value: workingSet }))
  const whole = [{ labels: {}, ...node }]
  const time = (whose: string): string => `[STABLE] Seconds of processors that ${whose} has had.`
  const size = (whose: string): string =>
    `[STABLE] Bytes of memory that ${whose} has, without what could be dropped at once.`
  return [
    counter('container_cpu_usage_seconds_total', time('a container'), cpu(named)),
    gauge('container_memory_working_set_bytes', size('a container'), memory(named)),
    gauge(
      'container_start_time_seconds',
      '[STABLE] When a container began, in seconds since 1970.',
      named.map(({ labels, createdAt }) => ({ labels, value: createdAt / 1000 })),
    ),
    counter('node_cpu_usage_seconds_total', time('the node'), cpu(whole)),
    gauge('node_memory_working_set_bytes', size('the node'), memory(whole)),
    counter('pod_cpu_usage_seconds_total', time('a pod'), cpu(pods)),
    gauge('pod_memory_working_set_bytes', size('a pod'), memory(pods)),
    gauge('resource_scrape_error', '[STABLE] Whether some container could not be measured: 1 or 0.', [
      { labels: {}, value: 0 },
    ]),
  ]
}
