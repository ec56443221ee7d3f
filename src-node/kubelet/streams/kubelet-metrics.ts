import type { Pod } from '#types/core/v1'
import { hasEnded } from '../plan/status.ts'
import { KUBELET_VERSION } from '../plan/node-object.ts'
import type { DiskUse, MountedPod, VolumeUse } from './disk-usage.ts'
import { counter, gauge, type Metric, type Sample } from '../../../src-kube/machinery/metrics/prometheus.ts'
import type { ProcessUse } from './system-containers.ts'
import type { MeasuredContainer } from './usage.ts'

export interface KubeletFacts {
  nodeName: string
  containers: readonly MeasuredContainer[]
  pods: readonly Pod[]
  mounted: readonly MountedPod[]
  use: DiskUse
  /** The agent itself. */
  self: ProcessUse | undefined
}

/** What a kubelet tells of itself besides what it counts: the pods it has and runs, their claims' volumes and its own process. Pure. */
export function kubeletMetrics(facts: KubeletFacts): Metric[] {
  const { nodeName: node, containers, pods } = facts
  const one = (name: string, help: string, value: number, labels: Record<string, string> = {}): Metric =>
    gauge(name, help, [{ labels, value }])
  const sandboxes = new Set(containers.map(({ pod }) => pod.uid)).size
  const running = containers.filter(({ name }) => name !== undefined).length
  return [
    one('kubelet_node_name', "[ALPHA] The node's name. The count is always 1.", 1, { node }),
    one('kubernetes_build_info', BUILD, 1, { git_version: KUBELET_VERSION, major: '1', minor: '36' }),
    one('kubelet_running_pods', '[BETA] Number of pods that have a running pod sandbox', sandboxes),
    one('kubelet_running_containers', '[BETA] Number of containers currently running', running, {
      container_state: 'running',
    }),
    gauge(
      'kubelet_desired_pods',
      '[ALPHA] The number of pods the kubelet is being instructed to run. static is true if the pod is not from the apiserver.',
      byOrigin(pods),
    ),
    gauge(
      'kubelet_active_pods',
      '[ALPHA] The number of pods the kubelet considers active and which are being considered when admitting new pods. static is true if the pod is not from the apiserver.',
      byOrigin(pods.filter((pod) => !hasEnded(pod))),
    ),
    ...volumeMetrics(facts),
    ...(facts.self ? processMetrics(facts.self) : []),
  ].filter(({ samples }) => samples.length > 0)
}

const BUILD =
  "[ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running."

/** Pods of files are made in the API here, and come from there like all others. */
const byOrigin = (pods: readonly Pod[]): Sample[] => [
  { labels: { static: '' }, value: pods.length },
  { labels: { static: 'true' }, value: 0 },
]

/** Each claim once, however many pods share it. */
function volumeMetrics({ mounted, use }: KubeletFacts): Metric[] {
  const claims = new Map<string, { labels: Record<string, string>; volume: VolumeUse }>()
  for (const { pod } of mounted) {
    const { uid, namespace = '' } = pod.metadata
    for (const volume of use.volumes.get(uid) ?? []) {
      if (volume.claim === undefined) continue
      const labels = { namespace, persistentvolumeclaim: volume.claim }
      claims.set(`${namespace}/${volume.claim}`, { labels, volume })
    }
  }
  const told = (name: string, help: string, of: (volume: VolumeUse) => number | undefined): Metric =>
    gauge(
      `kubelet_volume_stats_${name}`,
      `[ALPHA] ${help}`,
      [...claims.values()].flatMap(({ labels, volume }) => {
        const value = of(volume)
        return value === undefined ? [] : [{ labels, value }]
      }),
    )
  return [
    told('capacity_bytes', 'Capacity in bytes of the volume', ({ disk }) => disk.total),
    told('available_bytes', 'Number of available bytes in the volume', ({ disk }) => disk.free),
    told('used_bytes', 'Number of used bytes in the volume', ({ bytes }) => bytes),
    told('inodes', 'Maximum number of inodes in the volume', ({ disk }) => disk.inodes?.total),
    told('inodes_free', 'Number of free inodes in the volume', ({ disk }) => disk.inodes?.free),
    told('inodes_used', 'Number of used inodes in the volume', ({ inodes }) => inodes),
  ]
}

const NANO = 1e9

function processMetrics({ cpu, rss, startedAt }: ProcessUse): Metric[] {
  const one = (value: number): Sample[] => [{ labels: {}, value }]
  return [
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', one(cpu / NANO)),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', one(rss)),
    gauge(
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      one(startedAt / 1000),
    ),
  ]
}
