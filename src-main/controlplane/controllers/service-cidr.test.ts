import { afterEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { serviceAddressController } from './service-addresses.ts'
import { serviceCidrController } from './service-cidr.ts'
import { harness, type Harness } from './testing/harness.ts'

let h: Harness
afterEach(() => h.finish())

async function begin() {
  h = harness([serviceCidrController('10.96.0.0/16'), serviceAddressController()])
  await h.start()
  await h.pass(100)
}

const service = (name: string, ...clusterIPs: string[]) =>
  h.server.put(refs.services, { metadata: { name, namespace: 'a' }, spec: { clusterIP: clusterIPs[0], clusterIPs } })
const range = (name: string) => h.server.all(refs.serviceCidrs).find(({ metadata }) => metadata.name === name)
const readyOf = (name: string) => range(name)?.status?.conditions?.find(({ type }) => type === 'Ready')
const remove = (name: string) => h.server.request({ verb: 'delete', resource: refs.serviceCidrs, name })
const addresses = () =>
  h.server
    .all(refs.ipAddresses)
    .map(({ metadata, spec }) => `${metadata.name} ${spec?.parentRef?.namespace}/${spec?.parentRef?.name}`)

it("shows the cluster's own range, ready and held by a finalizer, and makes it again", async () => {
  await begin()
  expect(range('kubernetes')).toMatchObject({
    metadata: { finalizers: ['networking.k8s.io/service-cidr-finalizer'] },
    spec: { cidrs: ['10.96.0.0/16'] },
  })
  expect(readyOf('kubernetes')).toMatchObject({ status: 'True', message: 'Kubernetes Service CIDR is ready' })
  const { uid } = range('kubernetes')!.metadata
  await remove('kubernetes')
  await h.pass(100)
  expect(range('kubernetes')?.metadata.uid).not.toBe(uid)
  expect(readyOf('kubernetes')?.status).toBe('True')
})

it.each<[string, () => unknown]>([
  ['is gone', () => h.server.request({ verb: 'delete', resource: refs.services, namespace: 'a', name: 'web' })],
  ['gives its address up', () => service('web', '')],
])('a range that is deleted stays until the last service with an address that only it has %s', async (_, leave) => {
  await begin()
  h.server.put(refs.serviceCidrs, { metadata: { name: 'more' }, spec: { cidrs: ['203.0.113.0/24'] } })
  await h.pass(100)
  expect(readyOf('more')?.status).toBe('True')
  service('web', '203.0.113.10')
  service('own', '10.96.0.9')
  await h.pass(100)
  await remove('more')
  await h.pass(100)
  expect(readyOf('more')).toMatchObject({ status: 'False', reason: 'Terminating' })
  await leave()
  await h.pass(100)
  expect(range('more')).toBeUndefined()
})

it('every cluster IP of a service is an address that names it, and goes with it', async () => {
  await begin()
  service('web', '10.96.0.7')
  service('headless', 'None')
  h.server.put(refs.ipAddresses, {
    metadata: { name: '10.96.0.8' },
    spec: { parentRef: { resource: 'services', namespace: 'a', name: 'web' } },
  })
  await h.pass(100)
  expect(addresses().toSorted()).toEqual(['10.96.0.7 a/web', '10.96.0.8 a/web'])
  expect(h.server.all(refs.ipAddresses).find(({ metadata }) => metadata.name === '10.96.0.7')?.metadata.labels).toEqual(
    {
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    },
  )
  service('web')
  await h.pass(100)
  expect(addresses()).toEqual(['10.96.0.8 a/web'])
})

it('an address that changes hands at once names the new holder', async () => {
  await begin()
  service('old', '10.96.0.7')
  await h.pass(100)
  await h.server.request({ verb: 'delete', resource: refs.services, namespace: 'a', name: 'old' })
  service('new', '10.96.0.7')
  await h.pass(100)
  expect(addresses()).toEqual(['10.96.0.7 a/new'])
})
