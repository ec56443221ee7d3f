import { expect, it, onTestFinished } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { formatMetrics } from '../../../src-kube/machinery/metrics/prometheus.ts'
import { startScheduler } from './index.ts'
import { SchedulerMetrics } from './metrics.ts'
import { cpus, node, pod } from './testing/arrange.ts'

const timed = (point: string, status: string): string => {
  const labels = `extension_point="${point}",profile="default-scheduler",status="${status}"`
  return `scheduler_framework_extension_point_duration_seconds_count{${labels}}`
}

it('attempts are counted by how they ended, and waits of pods until they are bound', async () => {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const metrics = new SchedulerMetrics()
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const scheduler = startScheduler({ transport: server, clock, signal: new AbortController().signal, log, metrics })
  onTestFinished(() => scheduler.stop())
  server.put(refs.nodes, node('n1'))
  server.put(refs.pods, pod('fits'))
  server.put(refs.pods, pod('large', { containers: cpus('640') }))
  server.put(refs.pods, pod('gated', { schedulingGates: [{ name: 'x' }] }))
  await advance(clock, 100)
  const text = formatMetrics(metrics.metrics())
  for (const line of [
    'scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"} 1',
    'scheduler_schedule_attempts_total{profile="default-scheduler",result="unschedulable"} 1',
    'scheduler_schedule_attempts_total{profile="default-scheduler",result="error"} 0',
    'scheduler_scheduling_attempt_duration_seconds_bucket{profile="default-scheduler",result="scheduled",le="16.384"} 1',
    'scheduler_scheduling_algorithm_duration_seconds_count 1',
    'scheduler_pod_scheduling_sli_duration_seconds_count{attempts="1"} 1',
    'scheduler_pod_scheduling_attempts_bucket{le="1"} 1',
    'scheduler_preemption_attempts_total 1',
    'scheduler_preemption_victims_count 0',
    'scheduler_queue_incoming_pods_total{event="UnscheduledPodAdd",queue="active"} 2',
    'scheduler_queue_incoming_pods_total{event="UnscheduledPodAdd",queue="unschedulable"} 1',
    'scheduler_queue_incoming_pods_total{event="ScheduleAttemptFailure",queue="unschedulable"} 1',
    ...['PreFilter', 'Filter'].map((point) => `${timed(point, 'Success')} 2`),
    ...['Reserve', 'Permit', 'PreBind', 'Bind', 'PostBind'].map((point) => `${timed(point, 'Success')} 1`),
    `${timed('PostFilter', 'Unschedulable')} 1`,
    'scheduler_pending_pods{queue="active"} 0',
    'scheduler_pending_pods{queue="unschedulable"} 1',
    'scheduler_pending_pods{queue="gated"} 1',
  ])
    expect(text).toContain(`${line}\n`)
  await scheduler.stop()
  expect(formatMetrics(metrics.metrics())).not.toContain('scheduler_pending_pods')
})

it('victims are counted each time some have to go', () => {
  const metrics = new SchedulerMetrics()
  for (const victims of [0, 1, 3]) metrics.preempted(victims)
  const text = formatMetrics(metrics.metrics())
  for (const line of [
    'scheduler_preemption_attempts_total 3',
    'scheduler_preemption_victims_bucket{le="2"} 1',
    'scheduler_preemption_victims_bucket{le="64"} 2',
    'scheduler_preemption_victims_sum 4',
  ])
    expect(text).toContain(`${line}\n`)
})
