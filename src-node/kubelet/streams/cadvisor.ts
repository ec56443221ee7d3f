import type { MachineFacts } from '../../host/index.ts'
import { counter, gauge, type Metric, type Sample } from './prometheus.ts'
import type { Link } from './links.ts'
import type { MeasuredContainer } from './usage.ts'

const NANO = 1e9

/** What cAdvisor tells of containers, their pods' networks and the machine, under its own names. Pure. */
export function cadvisorMetrics(
  containers: readonly MeasuredContainer[],
  { cpus, memory }: Pick<MachineFacts, 'cpus' | 'memory'>,
): Metric[] {
  const all = (of: (one: MeasuredContainer) => number, more: Record<string, string> = {}): Sample[] =>
    containers.map((one) => ({ labels: { ...labelsOf(one), ...more }, value: of(one) }))
  const faults = [
    ...all(({ pageFaults }) => pageFaults, { failure_type: 'pgfault', scope: 'container' }),
    ...all(({ majorPageFaults }) => majorPageFaults, { failure_type: 'pgmajfault', scope: 'container' }),
  ]
  return [
    counter(
      'container_cpu_usage_seconds_total',
      'Cumulative cpu time consumed in seconds.',
      all(({ cpu }) => cpu / NANO, { cpu: 'total' }),
    ),
    counter('container_memory_failures_total', 'Cumulative count of memory allocation failures.', faults),
    gauge(
      'container_memory_rss',
      'Size of RSS in bytes.',
      all(({ rss }) => rss),
    ),
    gauge(
      'container_memory_usage_bytes',
      'Current memory usage in bytes, including all memory.',
      all((one) => one.memory),
    ),
    gauge(
      'container_memory_working_set_bytes',
      'Current working set in bytes.',
      all((one) => one.workingSet),
    ),
    gauge(
      'container_spec_memory_limit_bytes',
      'Memory limit for the container.',
      all(({ limit }) => limit),
    ),
    gauge(
      'container_start_time_seconds',
      'Start time of the container since unix epoch in seconds.',
      all(({ createdAt }) => createdAt / 1000),
    ),
    ...networkMetrics(containers),
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', [{ labels: {}, value: cpus }]),
    gauge('machine_memory_bytes', 'Amount of memory installed on the machine.', [{ labels: {}, value: memory }]),
  ]
}

/** The sandbox is the container `POD`, whatever its pod. */
const labelsOf = ({ name = 'POD', pod }: MeasuredContainer): Record<string, string> => ({
  container: name,
  namespace: pod.namespace,
  pod: pod.name,
})

function networkMetrics(containers: readonly MeasuredContainer[]): Metric[] {
  const samples = (of: (one: Link) => number): Sample[] =>
    containers.flatMap((one) =>
      one.carried.map((carried) => ({ labels: { interface: carried.name, ...labelsOf(one) }, value: of(carried) })),
    )
  const name = (what: string): string => `container_network_${what}_total`
  const help = (what: string): string => `Cumulative count of ${what}`
  return [
    counter(
      name('receive_bytes'),
      help('bytes received'),
      samples(({ rxBytes }) => rxBytes),
    ),
    counter(
      name('receive_errors'),
      help('errors encountered while receiving'),
      samples(({ rxErrors }) => rxErrors),
    ),
    counter(
      name('transmit_bytes'),
      help('bytes transmitted'),
      samples(({ txBytes }) => txBytes),
    ),
    counter(
      name('transmit_errors'),
      help('errors encountered while transmitting'),
      samples(({ txErrors }) => txErrors),
    ),
  ]
}
