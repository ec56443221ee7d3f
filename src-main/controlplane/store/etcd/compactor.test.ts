import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { keepCompacting } from './compactor.ts'
import type { WriteRequest, WriteResponse } from './messages.ts'

const MINUTES = 60_000

/** etcd's one key that instances take turns by. */
function arrange() {
  const clock = new FakeClock()
  const key = { revision: 0, writes: [] as string[], broken: false }
  const client = {
    async write({ expected, value }: WriteRequest): Promise<WriteResponse> {
      if (key.broken) throw new Error('etcd is away')
      const present = { key: 'compact_rev_key', value: new Uint8Array(), createRevision: 1, modRevision: key.revision }
      if (expected !== key.revision) return { succeeded: false, revision: 0, present }
      key.revision += 10
      key.writes.push(Buffer.from(value!).toString())
      return { succeeded: true, revision: key.revision, present: undefined }
    },
  }
  const instance = (revision: number) => {
    const done: string[] = []
    const logged: string[] = []
    const store = {
      revision,
      compact: async (to: number) => void done.push(`compact ${to}`),
      forget: (to: number) => void done.push(`forget ${to}`),
    }
    const stop = keepCompacting({ client, store, clock, log: (message) => logged.push(message) })
    return { store, done, logged, stop }
  }
  return { clock, key, instance }
}

describe('compaction of etcd', () => {
  it('forgets every five minutes what was there five minutes before', async () => {
    const { clock, key, instance } = arrange()
    const one = instance(7)
    one.store.revision = 20
    await clock.advance(5 * MINUTES)
    one.store.revision = 30
    await clock.advance(5 * MINUTES)
    expect(one.done).toEqual(['compact 7', 'compact 20'])
    expect(key.writes).toEqual(['20', '30'])
    one.stop()
    await clock.advance(20 * MINUTES)
    expect(one.done).toHaveLength(2)
  })

  it('is done by one of several instances, and the others let go of as much', async () => {
    const { clock, instance } = arrange()
    const [one, other] = [instance(5), instance(6)]
    await clock.advance(5 * MINUTES)
    expect([one.done, other.done]).toEqual([['compact 5'], ['forget 6']])
    one.stop()
    await clock.advance(5 * MINUTES)
    expect(other.done).toEqual(['forget 6', 'compact 6'])
    other.stop()
  })

  it('tries again at the next turn what failed', async () => {
    const { clock, key, instance } = arrange()
    const one = instance(5)
    key.broken = true
    await clock.advance(5 * MINUTES)
    expect([one.done, one.logged]).toEqual([[], ['etcd was not compacted']])
    key.broken = false
    await clock.advance(5 * MINUTES)
    expect(one.done).toEqual(['compact 5'])
    one.stop()
  })
})
