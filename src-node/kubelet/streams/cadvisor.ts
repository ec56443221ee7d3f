import type { ControlGroupDetails, MachineFacts } from '../../host/index.ts'
import type { DiskUse } from './disk-usage.ts'
import type { Link } from './links.ts'
import { counter, gauge, type Metric, type Sample } from '../../../src-kube/machinery/metrics/prometheus.ts'
import type { MeasuredContainer } from './usage.ts'

const NANO = 1e9
/** The device that containers' files are on, under the name that cAdvisor gives to what it does not know better. */
const DEVICE = { device: '/dev/root' }

export interface CadvisorFacts {
  machine: Pick<MachineFacts, 'cpus' | 'memory'>
  /** By control group. */
  details: ReadonlyMap<string, ControlGroupDetails>
  /** By control group: processes and threads. */
  processes: ReadonlyMap<string, number>
  use: DiskUse
  disk: { total: number; inodes?: { total: number; free: number } }
  /** Milliseconds since the epoch. */
  now: number
}

type Of = (one: MeasuredContainer) => number | undefined

/** What cAdvisor tells of containers and the control groups of their pods (without a container's name), their pods' networks and the machine, under its own names. Pure. */
export function cadvisorMetrics(containers: readonly MeasuredContainer[], facts: CadvisorFacts): Metric[] {
  const samples = (of: Of, more: Record<string, string> = {}): Sample[] =>
    containers.flatMap((one) => {
      const value = of(one)
      return value === undefined ? [] : [{ labels: { ...labelsOf(one), ...more }, value }]
    })
  const detail = (name: keyof ControlGroupDetails, unit = 1): Of => {
    return ({ group }) => {
      const found = facts.details.get(group)
      return found && found[name] / unit
    }
  }
  const { machine } = facts
  return [
    ...usage(samples, facts.now),
    ...processors(samples, detail),
    ...memory(samples, detail),
    ...files(samples, detail, facts),
    ...networkMetrics(containers),
    gauge(
      'container_processes',
      'Number of processes running inside the container.',
      samples(({ group }) => facts.processes.get(group)),
    ),
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', [{ labels: {}, value: machine.cpus }]),
    gauge('machine_memory_bytes', 'Amount of memory installed on the machine.', [
      { labels: {}, value: machine.memory },
    ]),
    gauge('container_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', [
      { labels: {}, value: 0 },
    ]),
  ]
}

/** The sandbox is the container `POD`, whatever its pod. */
const labelsOf = ({ name = 'POD', pod, group, image, called }: MeasuredContainer): Record<string, string> => ({
  container: name,
  id: group,
  image,
  name: called,
  namespace: pod.namespace,
  pod: pod.name,
})

type Samples = (of: Of, more?: Record<string, string>) => Sample[]
type Detail = (name: keyof ControlGroupDetails, unit?: number) => Of

function usage(samples: Samples, now: number): Metric[] {
  const faults = [
    ...samples(({ pageFaults }) => pageFaults, { failure_type: 'pgfault', scope: 'container' }),
    ...samples(({ majorPageFaults }) => majorPageFaults, { failure_type: 'pgmajfault', scope: 'container' }),
  ]
  const used = samples(({ cpu }) => cpu / NANO, { cpu: 'total' })
  const seen = samples(() => Math.floor(now / 1000))
  const started = samples(({ createdAt }) => createdAt / 1000)
  return [
    counter('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed in seconds.', used),
    counter('container_memory_failures_total', 'Cumulative count of memory allocation failures.', faults),
    gauge('container_last_seen', 'Last time a container was seen by the exporter', seen),
    gauge('container_start_time_seconds', 'Start time of the container since unix epoch in seconds.', started),
  ]
}

function processors(samples: Samples, detail: Detail): Metric[] {
  const times = (what: string, name: keyof ControlGroupDetails): Metric =>
    counter(
      `container_cpu_${what}_seconds_total`,
      `Cumulative ${what} cpu time consumed in seconds.`,
      samples(detail(name, NANO)),
    )
  return [
    times('user', 'user'),
    times('system', 'system'),
    counter(
      'container_cpu_cfs_periods_total',
      'Number of elapsed enforcement period intervals.',
      samples(detail('periods')),
    ),
    counter(
      'container_cpu_cfs_throttled_periods_total',
      'Number of throttled period intervals.',
      samples(detail('throttledPeriods')),
    ),
    counter(
      'container_cpu_cfs_throttled_seconds_total',
      'Total time duration the container has been throttled.',
      samples(detail('throttled', NANO)),
    ),
  ]
}

function memory(samples: Samples, detail: Detail): Metric[] {
  const size = (what: string, help: string, of: Of): Metric => gauge(`container_${what}`, help, samples(of))
  return [
    size('memory_rss', 'Size of RSS in bytes.', ({ rss }) => rss),
    size('memory_usage_bytes', 'Current memory usage in bytes, including all memory.', (one) => one.memory),
    size('memory_working_set_bytes', 'Current working set in bytes.', (one) => one.workingSet),
    size('spec_memory_limit_bytes', 'Memory limit for the container.', ({ limit }) => limit),
    size('memory_cache', 'Number of bytes of page cache memory.', detail('cache')),
    size('memory_swap', 'Container swap usage in bytes.', detail('swap')),
    size('memory_mapped_file', 'Size of memory mapped files in bytes.', detail('mapped')),
    size('memory_max_usage_bytes', 'Maximum memory usage recorded in bytes', detail('peak')),
    counter(
      'container_oom_events_total',
      'Count of out of memory events observed for the container',
      samples(detail('oomKills')),
    ),
  ]
}

function files(samples: Samples, detail: Detail, { use, disk }: CadvisorFacts): Metric[] {
  const { inodes } = disk
  const written: Of = ({ id }) => use.containers.get(id)?.written
  const ofContainer = (value: number): Of => {
    return ({ id }) => (id === '' ? undefined : value)
  }
  const count = (what: string, name: keyof ControlGroupDetails): Metric =>
    counter(`container_fs_${what}_total`, `Cumulative count of ${what}`, samples(detail(name), DEVICE))
  const size = (what: string, help: string, of: Of): Metric => gauge(`container_fs_${what}`, help, samples(of, DEVICE))
  return [
    count('reads_bytes', 'readBytes'),
    count('writes_bytes', 'writtenBytes'),
    count('reads', 'reads'),
    count('writes', 'writes'),
    size('usage_bytes', 'Number of bytes that are consumed by the container on this filesystem.', written),
    size(
      'limit_bytes',
      'Number of bytes that can be consumed by the container on this filesystem.',
      ofContainer(disk.total),
    ),
    ...(inodes
      ? [
          size('inodes_free', 'Number of available Inodes', ofContainer(inodes.free)),
          size('inodes_total', 'Number of Inodes', ofContainer(inodes.total)),
        ]
      : []),
  ]
}

function networkMetrics(containers: readonly MeasuredContainer[]): Metric[] {
  const told = (what: string, help: string, of: (link: Link) => number): Metric =>
    counter(
      `container_network_${what}_total`,
      `Cumulative count of ${help}`,
      containers.flatMap((one) =>
        one.carried.map((link) => ({ labels: { ...labelsOf(one), interface: link.name }, value: of(link) })),
      ),
    )
  return [
    told('receive_bytes', 'bytes received', ({ rxBytes }) => rxBytes),
    told('receive_packets', 'packets received', ({ rxPackets }) => rxPackets),
    told('receive_errors', 'errors encountered while receiving', ({ rxErrors }) => rxErrors),
    told('receive_packets_dropped', 'packets dropped while receiving', ({ rxDropped }) => rxDropped),
    told('transmit_bytes', 'bytes transmitted', ({ txBytes }) => txBytes),
    told('transmit_packets', 'packets transmitted', ({ txPackets }) => txPackets),
    told('transmit_errors', 'errors encountered while transmitting', ({ txErrors }) => txErrors),
    told('transmit_packets_dropped', 'packets dropped while transmitting', ({ txDropped }) => txDropped),
  ]
}
