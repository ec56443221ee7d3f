import { expect, it, onTestFinished, vi } from 'vitest'
import { refs } from '../../src-kube/client/refs.ts'
import { advance, settle } from '../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { formatMicroTime } from '../../src-kube/machinery/time.ts'
import { tellServerIdentity } from './server-identity.ts'
import { TestPlane } from './testing/test-plane.ts'

it('a server says that it is there, under the name that its host has everywhere', async () => {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const lease = (name: string, labels: Record<string, string>, renewed: number) =>
    server.put(refs.leases, {
      metadata: { name, namespace: 'kube-system', labels },
      spec: { holderIdentity: name, leaseDurationSeconds: 3600, renewTime: formatMicroTime(renewed) },
    })
  const labels = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' }
  lease('apiserver-gone', labels, clock.now() - 3_700_000)
  lease('apiserver-other', labels, clock.now() - 600_000)
  lease('mine', {}, 0)
  const identity = tellServerIdentity({ client: createClient(server), clock, hostname: 'kind-control-plane', log })
  await settle()
  const names = () => server.all(refs.leases).map(({ metadata }) => metadata.name)
  const name = 'apiserver-c4vwjftbvpc5os2vvzle4qg27a'
  expect(names().toSorted()).toEqual([name, 'apiserver-other', 'mine'].toSorted())
  expect(server.peek(refs.leases, name, 'kube-system')).toMatchObject({
    metadata: { labels: { ...labels, 'kubernetes.io/hostname': 'kind-control-plane' } },
    spec: { leaseDurationSeconds: 3600, holderIdentity: expect.stringMatching(new RegExp(`^${name}_[0-9a-f-]{36}$`)) },
  })
  await advance(clock, 3_700_000, 100)
  expect(names().toSorted()).toEqual([name, 'mine'])
  await identity.stop()
})

it('who looks for the leaders of the components and for API servers finds them', async () => {
  const plane = await TestPlane.start('identity')
  onTestFinished(() => plane.stop())
  const holder = expect.stringMatching(/_[0-9a-f-]{36}$/) as unknown
  await vi.waitFor(async () => {
    const { items } = await plane.client.resource(refs.leases).list({ namespace: 'kube-system' })
    expect(items.map(({ metadata, spec }) => [metadata.name, spec?.holderIdentity])).toEqual([
      [expect.stringMatching(/^apiserver-[a-z2-7]{26}$/), holder],
      ['kube-controller-manager', holder],
      ['kube-scheduler', holder],
    ])
  })
})
