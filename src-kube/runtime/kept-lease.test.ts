import { expect, it } from 'vitest'
import { refs } from '../client/refs.ts'
import { advance, settle } from '../client/testing/advance.ts'
import { FakeTransport } from '../client/testing/fake-transport.ts'
import { createClient } from '../client/typed-client.ts'
import { FakeClock } from '../machinery/clock.ts'
import { keepLease, type KeptLeaseOptions } from './kept-lease.ts'

function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const warnings: string[] = []
  const away = { is: false }
  const log = { info: () => {}, warn: (message: string) => void warnings.push(message), error: () => {} }
  const client = createClient({
    watch: (call) => server.watch(call),
    request: (call) => (away.is ? Promise.reject(new Error('no server')) : server.request(call)),
  })
  const keep = (identity: string, more: Partial<KeptLeaseOptions> = {}) =>
    keepLease({ client, clock, name: 'kube-scheduler', identity, duration: 60, log, ...more })
  const lease = () => server.peek(refs.leases, 'kube-scheduler', 'kube-system')
  return { clock, warnings, away, keep, lease }
}

it('a lease is made, renewed in half its time, and given up', async () => {
  const { clock, keep, lease } = arrange()
  const kept = keep('a', { labels: { x: 'y' }, releases: true })
  await settle()
  const first = lease()!
  expect(first).toMatchObject({
    metadata: { labels: { x: 'y' } },
    spec: { holderIdentity: 'a', leaseDurationSeconds: 60, leaseTransitions: 0 },
  })
  await advance(clock, 60_000, 20)
  expect(Date.parse(lease()!.spec!.renewTime!) - Date.parse(first.spec!.renewTime!)).toBe(60_000)
  expect(lease()?.spec?.acquireTime).toBe(first.spec?.acquireTime)
  await kept.stop()
  expect(lease()?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 })
  await advance(clock, 60_000, 2)
  expect(lease()?.spec?.holderIdentity).toBe('')
})

it('what another held is taken over, which counts as a transition', async () => {
  const { clock, keep, lease } = arrange()
  await keep('a').stop()
  expect(lease()?.spec?.holderIdentity).toBe('a')
  await advance(clock, 5_000, 1)
  await keep('b').stop()
  expect(lease()?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 })
})

it('a renewal that fails is told of and tried again', async () => {
  const { clock, keep, lease, away, warnings } = arrange()
  away.is = true
  const kept = keep('a')
  await settle()
  expect(warnings).toEqual(['kube-scheduler: the lease was not renewed'])
  away.is = false
  await advance(clock, 30_000, 2)
  expect(lease()?.spec?.holderIdentity).toBe('a')
  await kept.stop()
})
