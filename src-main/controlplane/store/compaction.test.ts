import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { keepCompact, type HistoryOptions } from './compaction.ts'
import { SequencedStore, type Journal } from './sequenced-store.ts'
import { FutureRevisionError } from './store.ts'

const value = new Uint8Array(1)
const MINUTE = 60_000
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function journal(compact: (revision: number) => Promise<void>): Journal {
  return { commit: () => Promise.resolve(), compact, snapshot: () => Promise.resolve(), close: () => Promise.resolve() }
}

describe('compact', () => {
  it('forgets in memory only what the journal has forgotten', async () => {
    const disk = Promise.withResolvers<void>()
    const store = new SequencedStore({ journal: journal(() => disk.promise) })
    await store.create('/a', value)
    await store.update('/a', value, 1)
    const compacting = store.compact(2)
    await turn()
    expect(store.compactedRevision).toBe(0)
    expect((await store.get('/a', { revision: 1 }))?.modRevision).toBe(1)
    disk.resolve()
    await compacting
    expect(store.compactedRevision).toBe(2)
  })

  it('changes nothing when the journal fails, and can be asked again', async () => {
    let fails = true
    const store = new SequencedStore({
      journal: journal(() => (fails ? Promise.reject(new Error('disk full')) : Promise.resolve())),
    })
    await store.create('/a', value)
    await store.update('/a', value, 1)
    await expect(store.compact(2)).rejects.toThrow('disk full')
    expect(store.history('/', 0)).toHaveLength(2)
    fails = false
    await store.compact(2)
    expect(store.compactedRevision).toBe(2)
  })

  it('asks the journal neither for the future nor for what is compacted already', async () => {
    const asked: number[] = []
    const store = new SequencedStore({ journal: journal(async (revision) => void asked.push(revision)) })
    await store.create('/a', value)
    await expect(store.compact(2)).rejects.toThrow(FutureRevisionError)
    await store.compact(1)
    await store.compact(1)
    expect(asked).toEqual([1])
  })
})

describe('keepCompact', () => {
  function arrange(options?: HistoryOptions) {
    const clock = new FakeClock(0)
    const state = {
      revision: 100,
      compactedRevision: 0,
      last: 0,
      bytes: 0,
      fails: false,
      asked: [] as number[],
      begins: -1e9,
    }
    const store = {
      get revision() {
        return state.revision
      },
      get compactedRevision() {
        return state.compactedRevision
      },
      get historyBegins() {
        return state.begins
      },
      async compact(revision: number) {
        state.compactedRevision = revision
      },
    }
    const facts = {
      async history(before: number) {
        state.asked.push(clock.now() - before)
        if (state.fails) throw new Error('disk full')
        return { lastBefore: state.last, bytes: state.bytes }
      },
    }
    return { clock, state, stop: keepCompact(store, facts, clock, options) }
  }

  it('forgets what is older than a day, every five minutes', async () => {
    const { clock, state } = arrange()
    state.last = 40
    await clock.advance(4 * MINUTE)
    expect(state.asked).toEqual([])
    await clock.advance(MINUTE)
    expect(state.asked).toEqual([24 * 60 * MINUTE])
    expect(state.compactedRevision).toBe(40)
    state.last = 60
    await clock.advance(5 * MINUTE)
    expect(state.compactedRevision).toBe(60)
  })

  it('keeps half the time at every look while there are too many bytes, but ten minutes, and more again after', async () => {
    const { clock, state } = arrange({ keepFor: 30 * MINUTE, keepBytes: 10, every: MINUTE })
    state.bytes = 11
    for (let i = 0; i < 4; i++) await clock.advance(MINUTE)
    state.bytes = 10
    for (let i = 0; i < 3; i++) await clock.advance(MINUTE)
    expect(state.asked.map((ms) => ms / MINUTE)).toEqual([30, 15, 10, 10, 10, 20, 30])
  })

  it('halves what there is, not what there might be, of a store that fills up faster than asked', async () => {
    const { clock, state } = arrange({ keepBytes: 10 })
    state.begins = 0
    await clock.advance(55 * MINUTE)
    state.bytes = 11
    await clock.advance(5 * MINUTE)
    await clock.advance(5 * MINUTE)
    expect(state.asked.slice(-2).map((ms) => ms / MINUTE)).toEqual([24 * 60, 30])
  })

  it('never keeps longer than asked, however many bytes there are', async () => {
    const { clock, state } = arrange({ keepFor: MINUTE, keepBytes: 1, every: MINUTE })
    state.bytes = 2
    for (let i = 0; i < 3; i++) await clock.advance(MINUTE)
    expect(state.asked).toEqual([MINUTE, MINUTE, MINUTE])
  })

  it('leaves alone what is on disk but not yet seen by readers', async () => {
    const { clock, state } = arrange({ every: MINUTE })
    state.last = 101
    await clock.advance(MINUTE)
    expect(state.compactedRevision).toBe(100)
  })

  it('looks again after a look that failed, and never after it was stopped', async () => {
    const { clock, state, stop } = arrange({ every: MINUTE })
    state.fails = true
    state.last = 7
    await clock.advance(MINUTE)
    expect(state.compactedRevision).toBe(0)
    state.fails = false
    await clock.advance(MINUTE)
    expect(state.compactedRevision).toBe(7)
    stop()
    state.last = 9
    await clock.advance(10 * MINUTE)
    expect(state.compactedRevision).toBe(7)
    expect(clock.pending).toBe(0)
  })
})
