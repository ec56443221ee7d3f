import type { Pod } from '#types/core/v1'
import { hasEnded } from '../plan/status.ts'
import { KUBELET_VERSION } from '../plan/node-object.ts'
import type { DiskUse, MountedPod, VolumeUse } from './disk-usage.ts'
import { counter, gauge, type Metric, type Sample } from '../../../src-kube/machinery/metrics/prometheus.ts'
import type { ProcessUse } from './system-containers.ts'
import type { MeasuredContainer } from './usage.ts'

/** What the kubelet has at one moment; sizes in bytes. */
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
    one('kubelet_node_name', '[ALPHA] The name of this node, as a label; always 1.', 1, { node }),
    one('kubernetes_build_info', BUILD, 1, { git_version: KUBELET_VERSION, major: '1', minor: '36' }),
    one('kubelet_running_pods', '[BETA] Pods whose sandbox runs.', sandboxes),
    one('kubelet_running_containers', '[BETA] Containers that run.', running, {
      container_state: 'running',
    }),
    gauge(
      'kubelet_desired_pods',
      '[ALPHA] Pods that are bound to this node; static are those that no API server told of.',
      byOrigin(pods),
    ),
    gauge(
      'kubelet_active_pods',
      '[ALPHA] Of these, pods that have not ended: they count where room is sought for another.',
      byOrigin(pods.filter((pod) => !hasEnded(pod))),
    ),
    ...volumeMetrics(facts),
    ...(facts.self ? processMetrics(facts.self) : []),
  ].filter(({ samples }) => samples.length > 0)
}

const BUILD = '[ALPHA] The version of Kubernetes that this kubelet speaks, as labels; always 1.'

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
    told('capacity_bytes', 'Bytes that the volume of a claim can hold.', ({ disk }) => disk.total),
    told('available_bytes', 'Bytes that are free in the volume of a claim.', ({ disk }) => disk.free),
    told('used_bytes', 'Bytes that the volume of a claim holds.', ({ bytes }) => bytes),
    told('inodes', 'Files that the volume of a claim can hold.', ({ disk }) => disk.inodes?.total),
    told('inodes_free', 'Files that could still be made in the volume of a claim.', ({ disk }) => disk.inodes?.free),
    told('inodes_used', 'Files that the volume of a claim holds.', ({ inodes }) => inodes),
  ]
}

const NANO = 1e9

function processMetrics({ cpu, rss, startedAt }: ProcessUse): Metric[] {
  const one = (value: number): Sample[] => [{ labels: {}, value }]
  return [
    counter('process_cpu_seconds_total', 'Seconds of processors that this process has had.', one(cpu / NANO)),
    gauge('process_resident_memory_bytes', 'Bytes of memory that this process has.', one(rss)),
    gauge('process_start_time_seconds', 'When this process began, in seconds since 1970.', one(startedAt / 1000)),
  ]
}
