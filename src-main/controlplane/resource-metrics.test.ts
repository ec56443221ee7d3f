import { expect, it, onTestFinished, vi } from 'vitest'
import { refs } from '../../src-kube/client/refs.ts'
import { TestPlane } from './testing/test-plane.ts'

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

it('What nodes measure is to be had from the API server once they are connected, and by who may view', async () => {
  const plane = await TestPlane.start('metrics')
  onTestFinished(() => plane.stop())
  const { api, client } = plane
  await client.resource(refs.nodes).create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} })
  const list = async () => await api.request({ verb: 'list', resource: nodeMetrics })
  expect((await list()).items).toEqual([])
  await plane.connectNode('n1', { statsSummary: () => Promise.resolve(summary) })
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
