import { gauge, counter, type Metric } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { serverVersion } from '../version.ts'

/** What Prometheus' clients tell of every process, and the version it was built from. */
export function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage()
  const { rss } = process.memoryUsage()
  const { major, minor, gitVersion, gitCommit, platform } = serverVersion
  const build = { git_commit: gitCommit, git_version: gitVersion, major, minor, platform }
  return [
    gauge(
      'kubernetes_build_info',
      '[ALPHA] The version of the API that is served, and the platform, as labels; always 1.',
      [{ labels: build, value: 1 }],
    ),
    counter('process_cpu_seconds_total', 'Seconds of processors that this process has had.', [
      { labels: {}, value: (user + system) / 1_000_000 },
    ]),
    gauge('process_resident_memory_bytes', 'Bytes of memory that this process has.', [{ labels: {}, value: rss }]),
    gauge('process_start_time_seconds', 'When this process began, in seconds since 1970.', [
      { labels: {}, value: performance.timeOrigin / 1000 },
    ]),
  ]
}
