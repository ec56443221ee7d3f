import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { gauge } from '../../src-kube/machinery/metrics/prometheus.ts'
import { openStatusServers } from './status-servers.ts'

const stop: AbortController[] = []
afterEach(() => stop.splice(0).forEach((one) => one.abort()))

async function arrange(ports = { health: 0, metrics: 0 }) {
  const ending = new AbortController()
  stop.push(ending)
  const told: string[] = []
  const facts = () => ({ now: 2_000, lastUpdated: 1_500, pendingSince: undefined, node: undefined })
  const log = (message: string): void => void told.push(message)
  const metrics = () => [gauge('kubeproxy_one', 'Help.', [{ labels: {}, value: 1.5 }])]
  const servers = openStatusServers({ mode: 'nftables', facts, metrics, log, signal: ending.signal, ports })
  const get = async (server: Server | undefined, path: string) => {
    const response = await fetch(`http://127.0.0.1:${(server!.address() as AddressInfo).port}${path}`)
    return { status: response.status, body: await response.text() }
  }
  return { servers, told, get }
}

describe('openStatusServers', () => {
  it('answers as kube-proxy does at its two ports', async () => {
    const { servers, get } = await arrange()
    await Promise.all(servers.map((server) => once(server, 'listening')))
    const [health, metrics] = servers
    expect(await get(health, '/livez?x')).toMatchObject({ status: 200, body: expect.stringContaining('lastUpdated') })
    expect((await get(health, '/healthz')).status).toBe(503)
    expect(await get(health, '/proxyMode')).toEqual({ status: 404, body: '404 page not found\n' })
    expect(await get(metrics, '/proxyMode')).toEqual({ status: 200, body: 'nftables' })
    expect(await get(metrics, '/healthz')).toEqual({ status: 200, body: 'ok' })
    const { body } = await get(metrics, '/metrics')
    const lines = ['kubeproxy_one 1.5', 'kubeproxy_proxy_healthz_total{code="503"} 1']
    expect(body.split('\n')).toEqual(expect.arrayContaining([...lines, 'kubeproxy_proxy_livez_total{code="200"} 1']))
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect((await get(metrics, '/')).status).toBe(404)
  })

  it('leaves a port that somebody else has to them', async () => {
    const taken = createServer().listen(0, '0.0.0.0')
    await once(taken, 'listening')
    const { servers, told } = await arrange({ health: (taken.address() as AddressInfo).port, metrics: 0 })
    await once(servers[0]!, 'error').catch(() => undefined)
    expect(told[0]).toContain('EADDRINUSE')
    taken.close()
  })
})
