import { expect, it } from 'vitest'
import { settle } from '../client/testing/advance.ts'
import { FakeClock } from '../machinery/clock.ts'
import { formatMetrics } from '../machinery/metrics/prometheus.ts'
import { WorkQueueMetrics } from './queue-metrics.ts'
import { WorkQueue } from './work-queue.ts'

it('tells how many keys came, how long they waited and were worked on, and how many wait', async () => {
  const clock = new FakeClock()
  const metrics = new WorkQueueMetrics()
  const release: Array<() => void> = []
  const handle = () => new Promise<void>((resolve) => release.push(resolve))
  const queue = new WorkQueue({ clock, handle, metrics: metrics.of('deployment') })
  for (const key of ['a', 'a', 'b']) queue.add(key)
  await clock.advance(50)
  queue.start()
  queue.add('a')
  queue.add('a')
  await clock.advance(2000)
  release.shift()?.()
  await settle()
  queue.addRateLimited('c')
  const text = formatMetrics(metrics.metrics())
  for (const line of [
    'workqueue_adds_total{name="deployment"} 3',
    'workqueue_retries_total{name="deployment"} 1',
    'workqueue_depth{name="deployment"} 1',
    'workqueue_queue_duration_seconds_bucket{name="deployment",le="0.1"} 1',
    'workqueue_queue_duration_seconds_sum{name="deployment"} 2.0999999999999996',
    'workqueue_work_duration_seconds_bucket{name="deployment",le="1"} 0',
    'workqueue_work_duration_seconds_count{name="deployment"} 1',
  ])
    expect(text).toContain(`${line}\n`)
})
