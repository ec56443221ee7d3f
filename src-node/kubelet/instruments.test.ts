import { expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { Instruments } from './instruments.ts'
import { formatMetrics } from '../../src-kube/machinery/metrics/prometheus.ts'

const container = (name: string): Container => ({ name, image: 'busybox' })
const pod = (uid: string, status?: Pod['status']): Pod =>
  ({
    metadata: { name: uid, uid },
    spec: { initContainers: [container('i')], containers: [container('c')], ephemeralContainers: [container('e')] },
    ...(status ? { status } : {}),
  }) as Pod

function arrange() {
  const clock = new FakeClock()
  const instruments = new Instruments(clock)
  const lines = () => formatMetrics(instruments.metrics()).split('\n')
  return { clock, instruments, lines }
}

it('what the engine is asked is counted by kind, with how long it took and whether it failed; sandboxes are pods', async () => {
  const { clock, instruments, lines } = arrange()
  const done = instruments.operation('run_podsandbox')
  await clock.advance(20)
  done(false)
  instruments.operation('run_podsandbox')(true)
  instruments.operation('exec')(false)
  expect(lines()).toEqual(
    expect.arrayContaining([
      'kubelet_runtime_operations_total{operation_type="run_podsandbox"} 2',
      'kubelet_runtime_operations_total{operation_type="exec"} 1',
      'kubelet_runtime_operations_errors_total{operation_type="run_podsandbox"} 1',
      'kubelet_runtime_operations_duration_seconds_bucket{operation_type="run_podsandbox",le="0.0125"} 1',
      'kubelet_runtime_operations_duration_seconds_bucket{operation_type="run_podsandbox",le="0.03125"} 2',
      'kubelet_runtime_operations_duration_seconds_bucket{operation_type="run_podsandbox",le="+Inf"} 2',
      'kubelet_runtime_operations_duration_seconds_count{operation_type="run_podsandbox"} 2',
      'kubelet_runtime_operations_duration_seconds_sum{operation_type="run_podsandbox"} 0.02',
      'kubelet_started_pods_total 2',
      'kubelet_started_pods_errors_total 1',
    ]),
  )
})

it('a pod has started when it is first told that it runs, counted from when it was first heard of', async () => {
  const { clock, instruments, lines } = arrange()
  instruments.seen(pod('a'))
  instruments.seen(pod('gone'))
  instruments.seen(pod('failed'))
  instruments.seen(pod('begun', { startTime: '2026-01-01T00:00:00Z' }))
  await clock.advance(1500)
  instruments.seen(pod('a'))
  instruments.told(pod('a'), { phase: 'Pending' })
  instruments.forget('gone')
  for (const uid of ['a', 'a', 'gone', 'begun']) instruments.told(pod(uid), { phase: 'Running' })
  instruments.told(pod('failed'), { phase: 'Failed' })
  instruments.told(pod('failed'), { phase: 'Running' })
  expect(lines()).toEqual(
    expect.arrayContaining([
      'kubelet_pod_start_duration_seconds_bucket{le="1"} 0',
      'kubelet_pod_start_duration_seconds_bucket{le="2"} 1',
      'kubelet_pod_start_duration_seconds_count 1',
    ]),
  )
})

it('containers that started and that could not be are counted by kind', () => {
  const { instruments, lines } = arrange()
  const of = pod('a')
  for (const name of ['i', 'c', 'e']) instruments.happened(of, container(name), 'Started', 'Container started')
  instruments.happened(of, undefined, 'Failed', 'Error: no container')
  instruments.happened(of, container('c'), 'Failed', 'Failed to pull image "x": none')
  instruments.happened(of, container('c'), 'Failed', 'Error: ErrImagePull')
  instruments.happened(of, container('c'), 'Failed', 'Error: secret "s" not found')
  instruments.evicted('memory.available')
  expect(lines().filter((line) => /^kubelet_(started|evictions)/.test(line))).toEqual([
    'kubelet_started_containers_total{container_type="init_container"} 1',
    'kubelet_started_containers_total{container_type="container"} 1',
    'kubelet_started_containers_total{container_type="ephemeral_container"} 1',
    'kubelet_started_containers_errors_total{code="ErrImagePull",container_type="container"} 1',
    'kubelet_started_containers_errors_total{code="CreateContainerError",container_type="container"} 1',
    'kubelet_evictions{eviction_signal="memory.available"} 1',
  ])
})

it('what never happened is not told', () => {
  expect(arrange().lines()).toEqual([''])
})

it('ends of containers are counted once each by exit code, those of before the agent not at all', () => {
  const { instruments, lines } = arrange()
  const end = (id: string, exitCode: number) => ({
    terminated: { containerID: id, exitCode, reason: exitCode ? 'Error' : 'Completed' },
  })
  const status = {
    phase: 'Running',
    containerStatuses: [{ name: 'c', state: { running: {} }, lastState: end('old', 1) }],
  }
  const known = pod('a', status as Pod['status'])
  instruments.told(known, known.status!)
  const later = {
    phase: 'Running',
    initContainerStatuses: [{ name: 'i', state: end('init', 0) }],
    containerStatuses: [{ name: 'c', state: end('new', 139), lastState: end('old', 1) }],
  } as Pod['status'] & object
  instruments.told(known, later)
  instruments.told({ ...known, status: later }, later)
  expect(lines().filter((line) => line.startsWith('kubelet_terminated'))).toEqual([
    'kubelet_terminated_containers_total{container_type="container",exit_code="139",reason="Error"} 1',
    'kubelet_terminated_containers_total{container_type="init_container",exit_code="0",reason="Completed"} 1',
  ])
})
