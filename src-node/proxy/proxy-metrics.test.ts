import { expect, test } from 'vitest'
import { formatMetrics } from '../../src-kube/machinery/metrics/prometheus.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { ProxyMetrics, type Sync } from './proxy-metrics.ts'
import type { ServicePort } from './rules/model.ts'

const here = { ip: '10.244.0.2', port: 80, local: true }
const away = { ip: '10.244.1.2', port: 80, local: false }
const port = (all: Array<typeof here>, policies: Partial<ServicePort>): ServicePort =>
  partial<ServicePort>({ all, local: all.filter(({ local }) => local), ...policies })
const sync = (more: Partial<Sync>): Sync => ({
  began: 1_000,
  ended: 1_010,
  written: { isFull: false },
  ports: [],
  triggers: [],
  ...more,
})
const lines = (metrics: ProxyMetrics): string[] => formatMetrics(metrics.metrics()).split('\n')
const FAMILY = 'ip_family="IPv4"'

test('writes are told of by how long they took, those of everything apart', () => {
  const metrics = new ProxyMetrics('iptables')
  metrics.synced(sync({ written: { isFull: true } }))
  metrics.synced(sync({ began: 2_000, ended: 5_000 }))
  expect(lines(metrics)).toEqual(
    expect.arrayContaining([
      `kubeproxy_sync_proxy_rules_duration_seconds_bucket{${FAMILY},le="0.016"} 1`,
      `kubeproxy_sync_proxy_rules_duration_seconds_sum{${FAMILY}} 3.01`,
      `kubeproxy_sync_full_proxy_rules_duration_seconds_count{${FAMILY}} 1`,
      `kubeproxy_sync_partial_proxy_rules_duration_seconds_sum{${FAMILY}} 3`,
      `kubeproxy_sync_proxy_rules_last_timestamp_seconds{${FAMILY}} 5`,
    ]),
  )
})

test('changes wait until a write takes them up, and are counted for ever', () => {
  const metrics = new ProxyMetrics('iptables')
  metrics.changed('service')
  metrics.changed('endpoint')
  metrics.changed('endpoint')
  metrics.queued(1_500)
  expect(lines(metrics)).toContain(`kubeproxy_sync_proxy_rules_endpoint_changes_pending{${FAMILY}} 2`)
  metrics.began()
  metrics.changed('service')
  expect(lines(metrics)).toEqual(
    expect.arrayContaining([
      `kubeproxy_sync_proxy_rules_endpoint_changes_pending{${FAMILY}} 0`,
      `kubeproxy_sync_proxy_rules_endpoint_changes_total{${FAMILY}} 2`,
      `kubeproxy_sync_proxy_rules_service_changes_pending{${FAMILY}} 1`,
      `kubeproxy_sync_proxy_rules_service_changes_total{${FAMILY}} 2`,
      `kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds{${FAMILY}} 1.5`,
    ]),
  )
})

test('the network is programmed when the kernel knows what happened', () => {
  const metrics = new ProxyMetrics('iptables')
  metrics.synced(sync({ ended: 3_000, triggers: [2_700, 1_000] }))
  const name = 'kubeproxy_network_programming_duration_seconds'
  expect(lines(metrics)).toEqual(
    expect.arrayContaining([
      `${name}_bucket{${FAMILY},le="0.25"} 0`,
      `${name}_bucket{${FAMILY},le="0.5"} 1`,
      `${name}_bucket{${FAMILY},le="2"} 2`,
      `${name}_bucket{${FAMILY},le="300"} 2`,
      `${name}_sum{${FAMILY}} 2.3`,
    ]),
  )
})

test('rules are counted by table where the mode writes such, and failures under the name of the tool', () => {
  const rules = { nat: { all: 40, last: 3 }, filter: { all: 9, last: 0 } }
  const metrics = new ProxyMetrics('iptables')
  metrics.synced(sync({ written: { isFull: false, rules } }))
  metrics.failed()
  expect(lines(metrics)).toEqual(
    expect.arrayContaining([
      `kubeproxy_sync_proxy_rules_iptables_total{${FAMILY},table="nat"} 40`,
      `kubeproxy_sync_proxy_rules_iptables_last{${FAMILY},table="filter"} 0`,
      `kubeproxy_sync_proxy_rules_iptables_restore_failures_total{${FAMILY}} 1`,
    ]),
  )
  const nftables = lines(new ProxyMetrics('nftables')).filter((line) => /iptables|nftables/.test(line))
  expect(nftables).toContain(`kubeproxy_sync_proxy_rules_nftables_sync_failures_total{${FAMILY}} 0`)
  expect(nftables.join()).not.toContain('iptables')
})

test('services whose policy finds nobody on the node are counted, by the side that the traffic comes from', () => {
  const metrics = new ProxyMetrics('iptables')
  const ports = [
    port([away], { internalLocal: true }),
    port([away], { externalLocal: true }),
    port([here, away], { internalLocal: true, externalLocal: true }),
    port([], { externalLocal: true }),
  ]
  metrics.synced(sync({ ports }))
  const name = 'kubeproxy_sync_proxy_rules_no_local_endpoints_total'
  expect(lines(metrics).filter((line) => line.startsWith(name))).toEqual([
    `${name}{${FAMILY},traffic_policy="internal"} 1`,
    `${name}{${FAMILY},traffic_policy="external"} 1`,
  ])
})
