import { expect, it } from 'vitest'
import { formatMetrics } from '../../../src-kube/machinery/metrics/prometheus.ts'
import { memoryStore, openStore } from './index.ts'
import { measuredStore, StoreMetrics } from './measured-store.ts'
import { KeyExistsError } from './store.ts'
import { storeConformance } from './testing/conformance.ts'

storeConformance(
  'a measured store',
  () => Promise.resolve(measuredStore(memoryStore(), new StoreMetrics())),
  async (directory) => measuredStore(await openStore({ directory }), new StoreMetrics()),
)

it('counts what is asked of it, by operation and resource, and what failed', async () => {
  const metrics = new StoreMetrics()
  const store = measuredStore(memoryStore(), metrics)
  const value = new TextEncoder().encode('{}')
  await store.create('/registry/core/pods/a/p', value)
  await store.create('/registry/apps/deployments/a/d', value)
  await expect(store.create('/registry/core/pods/a/p', value)).rejects.toThrow(KeyExistsError)
  await store.range('/registry/core/pods/')
  await store.close()
  const text = formatMetrics(metrics.metrics())
  for (const line of [
    'etcd_request_duration_seconds_bucket{operation="create",group="",resource="pods",le="60"} 2',
    'etcd_request_duration_seconds_count{operation="create",group="apps",resource="deployments"} 1',
    'etcd_request_duration_seconds_count{operation="list",group="",resource="pods"} 1',
    'etcd_requests_total{operation="create",group="",resource="pods"} 2',
    'etcd_request_errors_total{operation="create",group="",resource="pods"} 1',
  ])
    expect(text).toContain(`${line}\n`)
})
