import { gauge, counter, type Metric } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { VERSION } from '../version.ts'

/** What Prometheus' clients tell of every process, and the version it was built from. */
export function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage()
  const { rss } = process.memoryUsage()
  const { major, minor, gitVersion, gitCommit, platform } = VERSION
  const build = { git_commit: gitCommit, git_version: gitVersion, major, minor, platform }
  return [
    gauge('kubernetes_build_info', "[ALPHA] A metric with a constant '1' value labeled by version and platform.", [
      { labels: build, value: 1 },
    ]),
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [
      { labels: {}, value: (user + system) / 1_000_000 },
    ]),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [{ labels: {}, value: rss }]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [
      { labels: {}, value: performance.timeOrigin / 1000 },
    ]),
  ]
}
