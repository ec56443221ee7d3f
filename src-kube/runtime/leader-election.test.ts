import { describe, expect, it } from 'vitest'
import { refs } from '../client/refs.ts'
import { advance, settle } from '../client/testing/advance.ts'
import { FakeTransport } from '../client/testing/fake-transport.ts'
import { createClient } from '../client/typed-client.ts'
import { FakeClock } from '../machinery/clock.ts'
import { runElected } from './leader-election.ts'

function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const warnings: string[] = []
  const log = { info: () => {}, warn: (message: string) => void warnings.push(message), error: () => {} }
  /** Who works now, and ever did. */
  const working = new Set<string>()
  const history: string[] = []
  const candidate = (identity: string, away = { is: false }) => {
    const client = createClient({
      watch: (call) => server.watch(call),
      request: (call) => (away.is ? Promise.reject(new Error('no server')) : server.request(call)),
    })
    return runElected({ client, clock, name: 'kube-scheduler', identity, log, random: () => 0 }, () => {
      working.add(identity)
      history.push(identity)
      return async () => void working.delete(identity)
    })
  }
  const lease = () => server.peek(refs.leases, 'kube-scheduler', 'kube-system')?.spec
  return { clock, server, warnings, working, history, candidate, lease }
}

describe('a leader election', () => {
  it('gives the work to who comes first, in a lease that says so and is renewed every two seconds', async () => {
    const { clock, server, working, candidate, lease } = arrange()
    const [a, b] = [candidate('a'), candidate('b')]
    await settle()
    expect([...working]).toEqual(['a'])
    expect([a.leads, b.leads]).toEqual([true, false])
    const first = lease()
    expect(first).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 })
    await advance(clock, 60_000, 120)
    expect([...working]).toEqual(['a'])
    expect(Date.parse(lease()!.renewTime!) - Date.parse(first!.renewTime!)).toBe(60_000)
    expect(lease()?.acquireTime).toBe(first?.acquireTime)
    expect(server.all(refs.events)[0]).toMatchObject({ reason: 'LeaderElection', message: 'a became leader' })
    await Promise.all([a.stop(), b.stop()])
  })

  it('hands the work over at once when its leader ends', async () => {
    const { clock, working, candidate, lease } = arrange()
    const [a, b] = [candidate('a'), candidate('b')]
    await settle()
    await a.stop()
    expect([...working]).toEqual([])
    expect(lease()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
    await advance(clock, 2_000, 4)
    expect([...working]).toEqual(['b'])
    expect(lease()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 })
    await b.stop()
  })

  it('lets a leader that cannot renew end before another begins', async () => {
    const { clock, warnings, working, history, candidate } = arrange()
    const away = { is: false }
    const a = candidate('a', away)
    await settle()
    const b = candidate('b')
    away.is = true
    await advance(clock, 12_000, 24)
    expect([...working]).toEqual([])
    expect(warnings).toContain('kube-scheduler: a is not the leader any more')
    await advance(clock, 8_000, 16)
    expect([...working]).toEqual(['b'])
    away.is = false
    await advance(clock, 30_000, 60)
    expect([...working]).toEqual(['b'])
    expect(history).toEqual(['a', 'b'])
    await Promise.all([a.stop(), b.stop()])
  })

  it('ends the work when somebody else has taken the lease', async () => {
    const { clock, server, working, candidate } = arrange()
    const a = candidate('a')
    await settle()
    const lease = server.peek(refs.leases, 'kube-scheduler', 'kube-system')!
    server.put(refs.leases, { ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } })
    await advance(clock, 4_000, 8)
    expect([...working]).toEqual([])
    await a.stop()
    expect(server.peek(refs.leases, 'kube-scheduler', 'kube-system')?.spec?.holderIdentity).toBe('thief')
  })

  it('goes on through a short failure of the server', async () => {
    const { clock, history, working, candidate } = arrange()
    const away = { is: false }
    const a = candidate('a', away)
    await settle()
    away.is = true
    await advance(clock, 6_000, 12)
    away.is = false
    await advance(clock, 20_000, 40)
    expect([[...working], history]).toEqual([['a'], ['a']])
    await a.stop()
  })

  it('tries again when another candidate was first with the same write', async () => {
    const { clock, server, warnings, working, candidate } = arrange()
    let reads = 0
    server.intercept = (call) => {
      if (call.verb === 'get' && reads++ === 0)
        server.put(refs.leases, { metadata: { name: 'kube-scheduler', namespace: 'kube-system' }, spec: {} })
      return undefined
    }
    const a = candidate('a')
    await advance(clock, 4_000, 8)
    expect([...working]).toEqual(['a'])
    expect(warnings).toEqual([])
    await a.stop()
  })
})
