import { expect, it } from 'vitest'
import type { Pod, PodStatus } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { kubeletMetrics, type KubeletFacts } from './kubelet-metrics.ts'
import { formatMetrics } from '../../../src-kube/machinery/metrics/prometheus.ts'

const pod = (uid: string, phase: PodStatus['phase'] = 'Running'): Pod =>
  partial<Pod>({ metadata: { name: uid, namespace: 'ns', uid }, spec: { containers: [] }, status: { phase } })
const volume = { name: 'v', claim: 'data', scratch: false, bytes: 10, inodes: 2, disk: { total: 100, free: 40 } }

function lines(more: Partial<KubeletFacts>): string[] {
  const use = { at: 0, containers: new Map(), volumes: new Map() }
  const facts = { nodeName: 'n1', containers: [], pods: [], mounted: [], use, self: undefined, ...more }
  return formatMetrics(kubeletMetrics(facts))
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
}

it('a claim is told of once, however many pods share it; volumes of no claim are not', () => {
  const mounted = ['a', 'b', 'c'].map((uid) => ({ pod: pod(uid), paths: new Map<string, string>() }))
  const counting = { ...volume, name: 'w', claim: 'other', disk: { ...volume.disk, inodes: { total: 9, free: 7 } } }
  const volumes = new Map([
    ['a', [volume, { ...volume, name: 'scratch', claim: undefined }]],
    ['b', [volume, counting]],
  ])
  const told = lines({ mounted, use: { at: 0, containers: new Map(), volumes } })
  expect(told.filter((line) => line.startsWith('kubelet_volume_stats_'))).toEqual([
    'kubelet_volume_stats_capacity_bytes{namespace="ns",persistentvolumeclaim="data"} 100',
    'kubelet_volume_stats_capacity_bytes{namespace="ns",persistentvolumeclaim="other"} 100',
    'kubelet_volume_stats_available_bytes{namespace="ns",persistentvolumeclaim="data"} 40',
    'kubelet_volume_stats_available_bytes{namespace="ns",persistentvolumeclaim="other"} 40',
    'kubelet_volume_stats_used_bytes{namespace="ns",persistentvolumeclaim="data"} 10',
    'kubelet_volume_stats_used_bytes{namespace="ns",persistentvolumeclaim="other"} 10',
    'kubelet_volume_stats_inodes{namespace="ns",persistentvolumeclaim="other"} 9',
    'kubelet_volume_stats_inodes_free{namespace="ns",persistentvolumeclaim="other"} 7',
    'kubelet_volume_stats_inodes_used{namespace="ns",persistentvolumeclaim="data"} 2',
    'kubelet_volume_stats_inodes_used{namespace="ns",persistentvolumeclaim="other"} 2',
  ])
})

it('pods that have ended are wanted and not active; the process is told of when it is known', () => {
  const told = lines({
    pods: [pod('a'), pod('b', 'Succeeded')],
    self: { cpu: 2_500_000_000, rss: 4096, startedAt: 5000 },
  })
  expect(told).toEqual(
    expect.arrayContaining([
      'kubelet_desired_pods{static=""} 2',
      'kubelet_active_pods{static=""} 1',
      'kubelet_active_pods{static="true"} 0',
      'process_cpu_seconds_total 2.5',
      'process_resident_memory_bytes 4096',
      'process_start_time_seconds 5',
    ]),
  )
  expect(lines({}).some((line) => line.startsWith('process_'))).toBe(false)
})
