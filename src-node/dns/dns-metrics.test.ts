import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { formatMetrics } from '../../src-kube/machinery/metrics/prometheus.ts'
import { type Answered, DnsMetrics } from './dns-metrics.ts'
import { serveDnsMetrics } from './metrics-server.ts'

const answered = (more: Partial<Answered> = {}): Answered => ({
  transport: 'udp',
  type: 'A',
  rcode: 'NOERROR',
  isOwn: true,
  seconds: 0.001,
  size: 120,
  ...more,
})
const OF = 'server="dns://:53",zone=".",view=""'

test('questions and answers are counted as CoreDNS counts them', () => {
  const metrics = new DnsMetrics()
  metrics.note(answered())
  metrics.note(answered({ transport: 'tcp', type: 'NAPTR', rcode: 'NXDOMAIN', isOwn: false }))
  expect(formatMetrics(metrics.metrics()).split('\n')).toEqual(
    expect.arrayContaining([
      `coredns_dns_requests_total{${OF},proto="udp",family="1",type="A"} 1`,
      `coredns_dns_requests_total{${OF},proto="tcp",family="1",type="other"} 1`,
      `coredns_dns_responses_total{${OF},rcode="NOERROR",plugin="kubernetes"} 1`,
      `coredns_dns_responses_total{${OF},rcode="NXDOMAIN",plugin="forward"} 1`,
      `coredns_dns_request_duration_seconds_bucket{${OF},le="0.001"} 2`,
      `coredns_dns_response_size_bytes_bucket{${OF},proto="udp",le="200"} 1`,
    ]),
  )
})

test('are told at /metrics, where the port is free', async () => {
  const held = createServer().listen(0, '127.0.0.1')
  await once(held, 'listening')
  const { port } = held.address() as AddressInfo
  const told: string[] = []
  const log = (message: string): void => void told.push(message)
  const ending = new AbortController()
  const serve = () =>
    serveDnsMetrics({
      addresses: ['127.0.0.1'],
      port,
      metrics: () => new DnsMetrics().metrics(),
      log,
      signal: ending.signal,
    })
  serve()
  await vi.waitFor(() => expect(told[0]).toContain('EADDRINUSE'))
  held.close()
  await once(held, 'close')
  serve()
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
  await vi.waitFor(async () => expect([await ask('/metrics?x'), await ask('/')]).toEqual([200, 404]))
  ending.abort()
})
