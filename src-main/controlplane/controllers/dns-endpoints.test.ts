import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { dnsService } from '../../../src-kube/kinds/core/dns-service.ts'
import { dnsEndpointsController } from './dns-endpoints.ts'
import { endpointSliceMirroring } from './endpoints/mirror.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([dnsEndpointsController(), endpointSliceMirroring()])
  await h.start()
  h.server.put(refs.services, dnsService('10.96.0.10'))
})
afterEach(() => h.finish())

const node = (name: string, ip: string, status = 'True', more = {}) =>
  h.server.put(refs.nodes, {
    metadata: { name },
    status: { addresses: [{ type: 'InternalIP', address: ip }], conditions: [{ type: 'Ready', status }], ...more },
  })
const subset = () => h.server.peek(refs.endpoints, 'kube-dns', 'kube-system')?.subsets?.[0]
const addresses = () => [subset()?.addresses, subset()?.notReadyAddresses].map((all) => all?.map(({ ip }) => ip) ?? [])

it('every node answers for the service kube-dns, where it is ready', async () => {
  node('n2', '172.28.0.12')
  node('n1', '172.28.0.11')
  await h.pass(1_000)
  expect(subset()).toEqual({
    addresses: [
      { ip: '172.28.0.11', nodeName: 'n1', targetRef: { kind: 'Node', name: 'n1' } },
      { ip: '172.28.0.12', nodeName: 'n2', targetRef: { kind: 'Node', name: 'n2' } },
    ],
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'metrics', port: 9153, protocol: 'TCP' },
    ],
  })
  const slices = h.server.all(refs.endpointSlices)
  expect(slices.map(({ endpoints }) => endpoints?.length)).toEqual([2])
  expect(slices[0]?.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'kube-dns', 'k8s-app': 'kube-dns' })
  node('n2', '172.28.0.12', 'Unknown')
  await h.pass(1_000)
  expect(addresses()).toEqual([['172.28.0.11'], ['172.28.0.12']])
  h.server.remove(refs.nodes, 'n2')
  await h.pass(1_000)
  expect(addresses()).toEqual([['172.28.0.11'], []])
})

it('what somebody writes into them is set right, and what a node says besides changes nothing', async () => {
  node('n1', '172.28.0.11')
  await h.pass(1_000)
  const endpoints = h.server.peek(refs.endpoints, 'kube-dns', 'kube-system')!
  h.server.put(refs.endpoints, { ...endpoints, subsets: [] })
  await h.pass(1_000)
  expect(addresses()).toEqual([['172.28.0.11'], []])
  const written = h.server.calls.length
  node('n1', '172.28.0.11', 'True', { capacity: { cpu: '2' } })
  await h.pass(1_000)
  expect(h.server.calls.length).toBe(written)
})

it('a cluster DNS in pods is left to the endpoints of these', async () => {
  const service = dnsService('10.96.0.10')
  h.server.put(refs.services, { ...service, spec: { ...service.spec, selector: { 'k8s-app': 'kube-dns' } } })
  node('n1', '172.28.0.11')
  await h.pass(1_000)
  expect(subset()).toBeUndefined()
})
