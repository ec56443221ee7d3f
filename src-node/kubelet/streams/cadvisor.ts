import {
  type ControlGroupDetails,
  type GroupPressure,
  type MachineFacts,
  pressureKinds,
  type Waited,
} from '../../host/index.ts'
import type { DiskUse } from './disk-usage.ts'
import type { Link } from './links.ts'
import { counter, gauge, type Metric, type Sample } from '../../../src-kube/machinery/metrics/prometheus.ts'
import type { MeasuredContainer } from './usage.ts'

const NANO = 1e9
/** The device that containers' files are on, under the name that cAdvisor gives to what it does not know better. */
const device = { device: '/dev/root' }

/** What was measured of the node and of each control group at one moment; times of the kernel in nanoseconds, sizes in bytes. */
export interface CadvisorFacts {
  machine: Pick<MachineFacts, 'cpus' | 'memory'>
  /** By control group. */
  details: ReadonlyMap<string, ControlGroupDetails>
  /** By control group; nothing is told where the kernel tells of no pressure. */
  pressures: ReadonlyMap<string, GroupPressure>
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
    ...pressureMetrics(samples, facts.pressures),
    gauge(
      'container_processes',
      'Processes alive in a container.',
      samples(({ group }) => facts.processes.get(group)),
    ),
    gauge('machine_cpu_cores', 'Processors that the machine has.', [{ labels: {}, value: machine.cpus }]),
    gauge('machine_memory_bytes', 'Bytes of memory that the machine has.', [{ labels: {}, value: machine.memory }]),
    gauge('container_scrape_error', 'Whether some container could not be measured: 1 or 0.', [
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
    counter('container_cpu_usage_seconds_total', 'Seconds of processors that a container has had.', used),
    counter(
      'container_memory_failures_total',
      'Page faults of a container, by whether they had to wait for a disk.',
      faults,
    ),
    gauge('container_last_seen', 'When a container was measured last, in seconds since 1970.', seen),
    gauge('container_start_time_seconds', 'When a container began, in seconds since 1970.', started),
  ]
}

function processors(samples: Samples, detail: Detail): Metric[] {
  const times = (what: string, name: keyof ControlGroupDetails): Metric =>
    counter(
      `container_cpu_${what}_seconds_total`,
      `Seconds of processors that a container has had in ${what} mode.`,
      samples(detail(name, NANO)),
    )
  return [
    times('user', 'user'),
    times('system', 'system'),
    counter(
      'container_cpu_cfs_periods_total',
      'Periods in which a container with a limit had something to do.',
      samples(detail('periods')),
    ),
    counter(
      'container_cpu_cfs_throttled_periods_total',
      'Of these, periods in which it used up its limit.',
      samples(detail('throttledPeriods')),
    ),
    counter(
      'container_cpu_cfs_throttled_seconds_total',
      'Seconds that a container was held back by its limit.',
      samples(detail('throttled', NANO)),
    ),
  ]
}

function memory(samples: Samples, detail: Detail): Metric[] {
  const size = (what: string, help: string, of: Of): Metric => gauge(`container_${what}`, help, samples(of))
  return [
    size('memory_rss', 'Bytes of memory of a container that no file stands behind.', ({ rss }) => rss),
    size('memory_usage_bytes', 'Bytes of memory that a container has, files it read included.', (one) => one.memory),
    size(
      'memory_working_set_bytes',
      'Bytes of memory that a container has, without what could be dropped at once.',
      (one) => one.workingSet,
    ),
    size('spec_memory_limit_bytes', 'Bytes of memory that a container may have.', ({ limit }) => limit),
    size('memory_cache', 'Bytes of files that a container has in memory.', detail('cache')),
    size('memory_swap', 'Bytes of a container that are swapped out.', detail('swap')),
    size('memory_mapped_file', 'Bytes of files that a container has mapped into memory.', detail('mapped')),
    size('memory_max_usage_bytes', 'The most bytes of memory that a container had at once.', detail('peak')),
    counter(
      'container_oom_events_total',
      'How often a process of a container was killed because memory ran out.',
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
  const count = (what: string, help: string, name: keyof ControlGroupDetails): Metric =>
    counter(`container_fs_${what}_total`, `What containers did to disks: ${help}.`, samples(detail(name), device))
  const size = (what: string, help: string, of: Of): Metric => gauge(`container_fs_${what}`, help, samples(of, device))
  return [
    count('reads_bytes', 'bytes read', 'readBytes'),
    count('writes_bytes', 'bytes written', 'writtenBytes'),
    count('reads', 'reads', 'reads'),
    count('writes', 'writes', 'writes'),
    size('usage_bytes', 'Bytes that a container has written and that are there still.', written),
    size('limit_bytes', 'Bytes of the disk that a container writes to.', ofContainer(disk.total)),
    ...(inodes
      ? [
          size(
            'inodes_free',
            'Files that could still be made on the disk that a container writes to.',
            ofContainer(inodes.free),
          ),
          size('inodes_total', 'Files that the disk can have that a container writes to.', ofContainer(inodes.total)),
        ]
      : []),
  ]
}

const waitedFields: Readonly<Record<keyof Waited, string>> = { waiting: 'some', stalled: 'all' }

function pressureMetrics(samples: Samples, pressures: CadvisorFacts['pressures']): Metric[] {
  return pressureKinds.flatMap((kind) =>
    (['stalled', 'waiting'] as const).map((how) =>
      counter(
        `container_pressure_${kind}_${how}_seconds_total`,
        `Seconds in which ${waitedFields[how]} of the processes of a container waited for ${kind}.`,
        samples(({ group }) => {
          const waited = pressures.get(group)?.[kind]?.[how].total
          return waited === undefined ? undefined : waited / NANO
        }),
      ),
    ),
  )
}

function networkMetrics(containers: readonly MeasuredContainer[]): Metric[] {
  const told = (what: string, help: string, of: (link: Link) => number): Metric =>
    counter(
      `container_network_${what}_total`,
      `What went over the network of a pod: ${help}.`,
      containers.flatMap((one) =>
        one.carried.map((link) => ({ labels: { ...labelsOf(one), interface: link.name }, value: of(link) })),
      ),
    )
  return [
    told('receive_bytes', 'bytes that came', ({ rxBytes }) => rxBytes),
    told('receive_packets', 'packets that came', ({ rxPackets }) => rxPackets),
    told('receive_errors', 'errors of what came', ({ rxErrors }) => rxErrors),
    told('receive_packets_dropped', 'packets that came and were dropped', ({ rxDropped }) => rxDropped),
    told('transmit_bytes', 'bytes sent', ({ txBytes }) => txBytes),
    told('transmit_packets', 'packets sent', ({ txPackets }) => txPackets),
    told('transmit_errors', 'errors in sending', ({ txErrors }) => txErrors),
    told('transmit_packets_dropped', 'packets dropped instead of being sent', ({ txDropped }) => txDropped),
  ]
}
