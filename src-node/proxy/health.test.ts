import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Service } from '#types/core/v1'
import type { EndpointSlice } from '#types/discovery.k8s.io/v1'
import { HealthServers } from './health.ts'
import { healthCheck } from './rules/health-checks.ts'

const ADDRESS = '127.0.0.1'
const logged: string[] = []
let isHealthy = true
const log = (words: string): void => void logged.push(words)
const servers = new HealthServers({ address: ADDRESS, log, isHealthy: () => isHealthy })
afterEach(() => servers.close())

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, ADDRESS, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const service = (spec: object): Service => ({ metadata: { name: 'web', namespace: 'shop' }, spec }) as Service
const slice = (...endpoints: object[]): EndpointSlice => ({ endpoints }) as EndpointSlice

describe('the health check of a service', () => {
  const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 }

  it('counts the ready endpoints of this node, each once', () => {
    const here = { addresses: ['10.244.1.2'], nodeName: 'n1' }
    const slices = [
      slice(here, { addresses: ['10.244.2.2'], nodeName: 'n2' }),
      slice(here, { addresses: ['10.244.1.3'], nodeName: 'n1', conditions: { ready: false, serving: true } }),
    ]
    expect(healthCheck(service(spec), slices, 'n1')).toEqual({ port: 31_000, namespace: 'shop', name: 'web', local: 1 })
    expect(healthCheck(service(spec), [], 'n1')?.local).toBe(0)
  })

  it('is there only for load balancers whose traffic stays local', () => {
    for (const other of [{ type: 'NodePort' }, { externalTrafficPolicy: 'Cluster' }, { healthCheckNodePort: 0 }])
      expect(healthCheck(service({ ...spec, ...other }), [], 'n1')).toBeUndefined()
  })
})

describe('the ports of health checks', () => {
  it('answer by the endpoints on the node, and close with their service', async () => {
    const port = await freePort()
    const check = { port, namespace: 'shop', name: 'web', local: 2 }
    const ask = async () => {
      const response = await fetch(`http://${ADDRESS}:${port}/anything`)
      return [response.status, await response.text(), response.headers.get('x-load-balancing-endpoint-weight')]
    }
    servers.update([check])
    const body =
      '{\n\t"service": {\n\t\t"namespace": "shop",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": 2,\n\t"serviceProxyHealthy": true\n}\n'
    await vi.waitFor(async () => expect(await ask()).toEqual([200, body, '2']))
    servers.update([{ ...check, local: 0 }])
    expect((await ask())[0]).toBe(503)
    servers.update([check])
    isHealthy = false
    expect(await ask()).toEqual([503, body.replace('true', 'false'), '2'])
    isHealthy = true
    servers.update([])
    await expect(ask()).rejects.toThrow('fetch failed')
  })

  it('that are taken are told of, and tried again with the next change', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, ADDRESS, resolve))
    const { port } = other.address() as AddressInfo
    const check = { port, namespace: 'shop', name: 'web', local: 1 }
    servers.update([check])
    await vi.waitFor(() => expect(logged.at(-1)).toContain(`health check port ${port}: listen EADDRINUSE`))
    await new Promise((resolve) => other.close(resolve))
    servers.update([check])
    await vi.waitFor(async () => expect((await fetch(`http://${ADDRESS}:${port}/`)).status).toBe(200))
  })
})
