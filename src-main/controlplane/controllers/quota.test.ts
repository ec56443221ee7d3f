import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { resourceQuotaController } from './quota.ts'
import { type Harness, harness } from './testing/harness.ts'

let h: Harness
beforeEach(() => void (h = harness([resourceQuotaController()])))
afterEach(() => h.finish())

const base = { apiVersion: 'v1', kind: 'ConfigMap' } as const
const config = (name: string) =>
  h.client.resource(refs.configMaps).create({ ...base, metadata: { name, namespace: 'shop' } })
const quota = (hard: Record<string, string>) =>
  h.client.resource(refs.resourceQuotas).create({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'shop' },
    spec: { hard },
  })
const status = () => h.server.all(refs.resourceQuotas)[0]?.status

it('counts what is there when a quota is made, under both names', async () => {
  await config('a')
  await h.start()
  await quota({ configmaps: '5', 'count/configmaps': '5', pods: '3' })
  await h.settle()
  expect(status()).toEqual({
    hard: { configmaps: '5', 'count/configmaps': '5', pods: '3' },
    used: { configmaps: '1', 'count/configmaps': '1', pods: '0' },
  })
})

it('counts custom resources by their full names', async () => {
  const tools = { group: 'example.com', version: 'v1', resource: 'tools', kind: 'Tool', namespaced: true }
  h.finish()
  h = harness([resourceQuotaController(() => [tools, refs.configMaps])])
  h.server.put(tools, { metadata: { name: 'a', namespace: 'shop' } })
  await h.start()
  await quota({ 'count/tools.example.com': '2' })
  await h.settle()
  expect(status()?.used).toEqual({ 'count/tools.example.com': '1' })
})

it('gives back what goes', async () => {
  await config('a')
  await config('b')
  await quota({ configmaps: '5' })
  await h.start()
  expect(status()?.used).toEqual({ configmaps: '2' })
  await h.client.resource(refs.configMaps).delete('a', 'shop')
  await h.settle()
  expect(status()?.used).toEqual({ configmaps: '1' })
})

it('checks a count that may have missed what was charged and not there yet', async () => {
  await config('a')
  await quota({ configmaps: '5' })
  await h.start()
  await h.pass(2_000)
  const charged = h.server.all(refs.resourceQuotas)[0]!
  h.server.put(refs.resourceQuotas, { ...charged, status: { ...charged.status, used: { configmaps: '2' } } })
  await h.client.resource(refs.configMaps).delete('a', 'shop')
  await h.settle()
  expect(status()?.used).toEqual({ configmaps: '0' })
  await config('late')
  await h.pass(2_000)
  expect(status()?.used).toEqual({ configmaps: '1' })
})

it('gives back workloads at once, and what it does not hear of within a quarter of a minute', async () => {
  const ingresses = {
    group: 'networking.k8s.io',
    version: 'v1',
    resource: 'ingresses',
    kind: 'Ingress',
    namespaced: true,
  }
  h.finish()
  h = harness([resourceQuotaController(() => [ingresses, refs.replicaSets])])
  const metadata = { name: 'a', namespace: 'shop' }
  h.server.put(refs.replicaSets, { metadata })
  h.server.put(ingresses, { metadata })
  await h.start()
  await quota({ 'count/replicasets.apps': '5', 'count/ingresses.networking.k8s.io': '5' })
  await h.settle()
  h.server.remove(refs.replicaSets, 'a', 'shop')
  await h.settle()
  expect(status()?.used).toEqual({ 'count/replicasets.apps': '0', 'count/ingresses.networking.k8s.io': '1' })
  h.server.remove(ingresses, 'a', 'shop')
  await h.pass(16_000)
  expect(status()?.used?.['count/ingresses.networking.k8s.io']).toBe('0')
})

it('gives back pods that their node never ended, so that others may take their place', async () => {
  const deletionTimestamp = new Date(h.clock.now()).toISOString()
  const metadata = { name: 'p', namespace: 'shop', deletionTimestamp, deletionGracePeriodSeconds: 30 }
  h.server.put(refs.pods, { metadata, spec: { containers: [{ name: 'c', image: 'i' }] } })
  await quota({ pods: '1', 'count/pods': '5' })
  await h.start()
  expect(status()?.used).toEqual({ pods: '1', 'count/pods': '1' })
  await h.pass(6 * 60_000)
  expect(status()?.used).toEqual({ pods: '0', 'count/pods': '1' })
})

it('gives back a claim that is given a class of another quota', async () => {
  const claim = (volumeAttributesClassName: string) =>
    h.server.put(refs.persistentVolumeClaims, {
      metadata: { name: 'c', namespace: 'shop' },
      spec: { volumeAttributesClassName },
    })
  claim('gold')
  const matchExpressions = [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['gold'] }]
  h.server.put(refs.resourceQuotas, {
    metadata: { name: 'q', namespace: 'shop' },
    spec: { hard: { persistentvolumeclaims: '2' }, scopeSelector: { matchExpressions } },
  })
  await h.start()
  expect(status()?.used).toEqual({ persistentvolumeclaims: '1' })
  claim('silver')
  await h.settle()
  expect(status()?.used).toEqual({ persistentvolumeclaims: '0' })
})

it('leaves alone what admission charges ahead of a write, and gives it back at the next count when the write failed', async () => {
  await quota({ configmaps: '5' })
  await h.start()
  const charged = h.server.all(refs.resourceQuotas)[0]!
  h.server.put(refs.resourceQuotas, { ...charged, status: { hard: { configmaps: '5' }, used: { configmaps: '4' } } })
  await h.settle()
  expect(status()?.used).toEqual({ configmaps: '4' })
  await h.pass(6 * 60_000)
  expect(status()?.used).toEqual({ configmaps: '0' })
})

it('counts the devices that claims ask for, by class', async () => {
  const claim = (name: string, requests: object[]) =>
    h.server.put(refs.resourceClaims, { metadata: { name, namespace: 'shop' }, spec: { devices: { requests } } })
  const ask = (deviceClassName: string, count?: number) => ({ deviceClassName, ...(count ? { count } : {}) })
  claim('a', [
    { name: 'r', exactly: ask('gpu', 2) },
    { name: 's', exactly: { ...ask('nic'), allocationMode: 'All' } },
  ])
  const sub = (name: string, count: number) => ({ name, ...ask('gpu', count) })
  claim('b', [
    { name: 'r', firstAvailable: [sub('x', 4), sub('y', 3), { name: 'z', ...ask('nic', 1) }] },
    { name: 'n' },
  ])
  await h.start()
  const of = (name: string) => `${name}.deviceclass.resource.k8s.io/devices`
  await quota({ [of('gpu')]: '9', [of('nic')]: '40', [of('fpga')]: '1', 'count/resourceclaims.resource.k8s.io': '9' })
  await h.settle()
  expect(status()?.used).toEqual({
    [of('gpu')]: '6',
    [of('nic')]: '33',
    [of('fpga')]: '0',
    'count/resourceclaims.resource.k8s.io': '2',
  })
  h.server.remove(refs.resourceClaims, 'b', 'shop')
  await h.settle()
  expect(status()?.used?.[of('gpu')]).toBe('2')
})
