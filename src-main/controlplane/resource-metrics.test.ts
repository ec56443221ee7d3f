import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { refs } from '../../src-kube/client/refs.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { systemClock } from '../../src-kube/machinery/clock.ts'
import { httpTransport } from '../../src-wire/http-transport.ts'
import { localStreams } from '../../src-wire/testing/local-streams.ts'
import { connectTunnel } from '../../src-wire/tunnel/connect-tunnel.ts'
import { startControlPlane } from './control-plane.ts'
import { openPki } from './pki/index.ts'

const nodeMetrics = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  resource: 'nodes',
  kind: 'NodeMetrics',
  namespaced: false,
}
const summary = {
  node: {
    cpu: { time: '2026-01-01T00:00:00Z', usageNanoCores: 345_678_901 },
    memory: { workingSetBytes: 1_234_567 * 1024 },
  },
}

async function start() {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-metrics-'))
  const cidrs = { clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' }
  const identity = { cluster: 'metrics', directory, token: 'abcdef.0123456789abcdef' }
  const port = { port: 0, fixedPort: false, addresses: [] }
  const plane = await startControlPlane({ ...identity, ...port, ...cidrs, log: () => {} })
  const server = `https://127.0.0.1:${plane.port}`
  const api = httpTransport({ server, ...plane.admin })
  const stop = new AbortController()
  onTestFinished(async () => {
    stop.abort()
    api.close()
    await plane.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  const pki = await openPki(join(directory, 'pki'), { clock: systemClock, sans: { dns: [], ips: [] } })
  const joinNode = async (node: string): Promise<void> => {
    const tls = { ca: pki.ca.cert, ...(await pki.client(`system:node:${node}`, ['system:nodes'])) }
    const streams = localStreams({ statsSummary: () => Promise.resolve(summary) })
    connectTunnel({ server, tls, node, streams, signal: stop.signal })
  }
  return { api, client: createClient(api), joinNode }
}

it('What nodes measure is to be had from the API server once they are connected, and by who may view', async () => {
  const { api, client, joinNode } = await start()
  await client.resource(refs.nodes).create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} })
  const list = async () =>
    (await api.request({ verb: 'list', resource: nodeMetrics })) as unknown as { items: object[] }
  expect((await list()).items).toEqual([])
  await joinNode('n1')
  await vi.waitFor(async () =>
    expect(await list()).toMatchObject({
      kind: 'NodeMetricsList',
      items: [{ metadata: { name: 'n1' }, usage: { cpu: '345678901n', memory: '1234567Ki' } }],
    }),
  )
  await vi.waitFor(async () => {
    const { rules } = await client.resource(refs.clusterRoles).get('view')
    expect(rules?.some(({ apiGroups }) => apiGroups?.includes('metrics.k8s.io'))).toBe(true)
  })
})
