import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { loggedChanges, readLogFile } from './commit-log.ts'
import { memoryStore, openStore, StoreLockedError } from './index.ts'
import type { TraceEvent } from './sequenced-store.ts'
import { SqliteJournal } from './sqlite-journal.ts'
import { copyState } from './state-copy.ts'
import { CompactedError, StoreBrokenError } from './store.ts'
import { storeConformance } from './testing/conformance.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-store-'))
let count = 0
const fresh = (): string => join(root, String(count++))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

storeConformance('memory', () => Promise.resolve(memoryStore()))
storeConformance('SQLite', () => openStore({ directory: fresh() }))

describe('the SQLite store', () => {
  it('has everything again after it is opened anew, revisions included', async () => {
    const directory = fresh()
    const first = await openStore({ directory })
    const a = await first.create('/a', bytes('1'))
    const b = await first.create('/b', bytes('1'))
    await first.delete('/b', b.modRevision)
    await first.update('/a', bytes('2'), a.modRevision)
    await first.close()
    const second = await openStore({ directory })
    expect(second.revision).toBe(4)
    const { items } = await second.range('')
    expect(items.map(({ key, createRevision, modRevision }) => [key, createRevision, modRevision])).toEqual([
      ['/a', 1, 4],
    ])
    expect(Buffer.from(items[0]!.value).toString()).toBe('2')
    expect(
      second.revisions('/b').map(({ stored, deleted }) => [Buffer.from(stored.value).toString(), deleted]),
    ).toEqual([
      ['1', false],
      ['1', true],
    ])
    expect((await second.get('/a', { revision: 1 }))?.value).toEqual(bytes('1'))
    await second.compact(4)
    await second.close()
    const third = await openStore({ directory })
    expect(third.compactedRevision).toBe(4)
    expect((await third.create('/c', bytes('3'))).modRevision).toBe(5)
    await third.close()
  })

  it('leaves its file to the writer until that has ended: who closes it last holds it alone, and locks out a writer that is still opening it', async () => {
    const closed: string[] = []
    const [writer, reader] = [SqliteJournal.prototype.close, DatabaseSync.prototype.close]
    vi.spyOn(SqliteJournal.prototype, 'close').mockImplementation(async function (this: SqliteJournal) {
      await writer.call(this)
      closed.push('writer')
    })
    vi.spyOn(DatabaseSync.prototype, 'close').mockImplementation(function (this: DatabaseSync) {
      closed.push('reader')
      reader.call(this)
    })
    await (await openStore({ directory: fresh() })).close()
    vi.restoreAllMocks()
    // The other is the lock's.
    expect(closed).toEqual(['writer', 'reader', 'reader'])
  })

  it('holds no more of the past in memory than its latest megabyte, and says so of what was forgotten meanwhile', async () => {
    const store = await openStore({ directory: fresh() })
    const old = await store.create('/a', new Uint8Array(2 ** 20).fill(1))
    let { modRevision } = old
    for (let i = 2; i < 8; i++) {
      const value = new Uint8Array(2 ** 20).fill(i)
      modRevision = (await store.update('/a', value, modRevision)).modRevision
    }
    expect(old.value).not.toBe(old.value)
    const [latest, superseded] = store.revisions('/a').toReversed()
    expect(latest!.stored.value).toBe(latest!.stored.value)
    expect(superseded!.stored.value).toBe(superseded!.stored.value)
    await store.compact(modRevision)
    expect(() => old.value).toThrow(CompactedError)
    await store.close()
  })

  it('reads the past also while only the commit log has it', async () => {
    const store = await openStore({ directory: fresh() })
    const first = await store.create('/a', new Uint8Array(300_000).fill(1))
    let { modRevision } = first
    // More than a megabyte of the past, less than the log holds: nothing of it is in the database yet.
    for (let i = 2; i <= 6; i++)
      modRevision = (await store.update('/a', new Uint8Array(300_000).fill(i), modRevision)).modRevision
    expect(store.revisions('/a').map(({ stored }) => stored.value[0])).toEqual([1, 2, 3, 4, 5, 6])
    expect((await store.get('/a', { revision: 1 }))?.value).toHaveLength(300_000)
    await store.close()
  })

  it('knows when its writes were committed after it is opened anew, and that none was after a clock that was set back', async () => {
    const directory = fresh()
    const clock = new FakeClock(5000)
    const first = await openStore({ directory, clock })
    const a = await first.create('/a', bytes('1'))
    await clock.advance(1000)
    const b = await first.update('/a', bytes('2'), a.modRevision)
    await first.close()
    const second = await openStore({ directory, clock: new FakeClock(3000) })
    const c = await second.update('/a', bytes('3'), b.modRevision)
    expect([1, 2, 3].map((revision) => second.timeOf(revision))).toEqual([3000, 3000, 3000])
    expect([2999, 3000, 6000].map((time) => second.revisionAt(time))).toEqual([undefined, 3, 3])
    await second.compact(c.modRevision)
    await second.close()
    const third = await openStore({ directory })
    expect([third.historyBegins, third.timeOf(2), third.revisionAt(6000)]).toEqual([3000, undefined, 3])
    await third.close()
  })

  it('goes on to forget what is old after its clock was years ahead', async () => {
    const directory = fresh()
    const ahead = await openStore({ directory, clock: new FakeClock(1e12) })
    await ahead.create('/a', bytes('1'))
    await ahead.close()
    const clock = new FakeClock(3000)
    const store = await openStore({ directory, clock, keepFor: 1000, every: 5000 })
    await store.create('/b', bytes('1'))
    await clock.advance(5000)
    await vi.waitFor(() => expect(store.compactedRevision).toBe(2))
    await store.close()
  })

  it('gives no revision twice, also when everything up to it was deleted and compacted', async () => {
    const directory = fresh()
    const first = await openStore({ directory })
    const a = await first.create('/a', bytes('1'))
    await first.delete('/a', a.modRevision)
    await first.compact(2)
    await first.close()
    const second = await openStore({ directory })
    expect((await second.create('/a', bytes('1'))).modRevision).toBe(3)
    await second.close()
  })

  it('acknowledges a write only after the commit that covers it, many writes to a commit', async () => {
    const trace: TraceEvent[] = []
    const store = await openStore({ directory: fresh(), trace: (event) => trace.push(event) })
    await Promise.all(Array.from({ length: 500 }, (_, i) => store.create(`/k/${i}`, bytes('x'))))
    await store.close()
    const early: number[] = []
    let durable = 0
    let commits = 0
    for (const event of trace) {
      if (event.step === 'committed') {
        durable = event.last
        commits++
      }
      if (event.step === 'acknowledged' && event.revision > durable) early.push(event.revision)
    }
    expect(trace.filter((event) => event.step === 'acknowledged')).toHaveLength(500)
    expect(early).toEqual([])
    expect(commits).toBeLessThan(50)
  })

  it('takes no wake-up for an answer: one that comes late is of the commit before', async () => {
    const sleep = Atomics.waitAsync.bind(Atomics)
    const slept = vi.spyOn(Atomics, 'waitAsync').mockImplementation((counts, index, ...more) => {
      const woken = sleep(counts, index, ...more)
      Atomics.notify(counts, index)
      return woken
    })
    const directory = fresh()
    const store = await openStore({ directory })
    const late: number[] = []
    try {
      for (let i = 0; i < 20; i++) {
        const { modRevision } = await store.create(`/k/${i}`, new Uint8Array(500_000))
        const durable = [...loggedChanges(readLogFile(join(directory, 'store.db-log')))].at(-1)?.revision
        if (durable !== modRevision) late.push(modRevision)
      }
      expect(late).toEqual([])
      expect(slept).toHaveBeenCalled()
    } finally {
      slept.mockRestore()
      await store.close()
    }
  })

  it('is written by one at a time, and a lock left by a dead process does not matter', async () => {
    const directory = fresh()
    const store = await openStore({ directory })
    await expect(openStore({ directory })).rejects.toThrow(StoreLockedError)
    await store.close()
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(directory, 'lock'), '999999999\n')
    await (await openStore({ directory })).close()
  })

  it('closes well, though its thread is gone before anybody looks at the answer', async () => {
    for (let i = 0; i < 5; i++) {
      const journal = new SqliteJournal(fresh())
      await journal.compact(0)
      const closed = journal.close()
      // The microtasks that ask first; then this thread sleeps while the other one ends.
      await Promise.resolve().then(() => undefined)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
      await expect(closed).resolves.toBeUndefined()
    }
  })

  it('refuses a file of a newer schema and releases the directory', async () => {
    const directory = fresh()
    await (await openStore({ directory })).close()
    const database = new DatabaseSync(join(directory, 'store.db'))
    database.exec('PRAGMA user_version = 99')
    database.close()
    await expect(openStore({ directory })).rejects.toThrow(/newer Drydock/)
    await expect(openStore({ directory })).rejects.toThrow(StoreBrokenError)
  })

  it('copies itself into a file that opens as a store', async () => {
    const store = await openStore({ directory: fresh() })
    await store.create('/a', bytes('1'))
    const target = fresh()
    mkdirSync(target)
    await store.snapshot(join(target, 'store.db'))
    await store.create('/b', bytes('2'))
    await store.close()
    const copy = await openStore({ directory: target })
    expect((await copy.range('')).items.map((item) => item.key)).toEqual(['/a'])
    await copy.close()
  })

  it('rejects everything once the disk has failed, and closes', async () => {
    const directory = fresh()
    const store = await openStore({ directory })
    await store.create('/a', bytes('1'))
    await store.compact(1)
    const database = new DatabaseSync(join(directory, 'store.db'))
    database.exec('DROP TABLE log')
    database.close()
    // What is in the commit log is durable, and acknowledged; that the database refuses it is told by a write after it.
    let acknowledged = 1
    await vi.waitFor(async () => {
      await expect(store.create(`/b/${acknowledged}`, bytes('1')).then(() => acknowledged++)).rejects.toThrow(
        StoreBrokenError,
      )
    })
    await expect(store.create('/c', bytes('1'))).rejects.toThrow(StoreBrokenError)
    expect((await store.range('')).items).toHaveLength(acknowledged)
    expect([...loggedChanges(readLogFile(join(directory, 'store.db-log')))]).toHaveLength(acknowledged - 1)
    await store.close()
  })
})

describe('what a power cut leaves', () => {
  /** The files as they are now, in another folder. */
  const cut = (directory: string): string => {
    const copy = fresh()
    mkdirSync(copy)
    for (const end of ['', '-wal', '-log']) {
      const name = `store.db${end}`
      copyFileSync(join(directory, name), join(copy, name))
    }
    return copy
  }

  it('is every acknowledged write, at every moment', async () => {
    const directory = fresh()
    const store = await openStore({ directory })
    for (let i = 1; i <= 30; i++) {
      const { modRevision } = await store.create(`/k/${i}`, new Uint8Array(100_000).fill(i))
      if (i % 3 === 0) await store.delete(`/k/${i}`, modRevision)
      const { revision } = store
      const again = await openStore({ directory: cut(directory) })
      expect(again.revision).toBe(revision)
      expect((await again.range('')).items).toEqual((await store.range('')).items)
      expect(again.timeOf(revision)).toBe(store.timeOf(revision))
      await again.close()
    }
    await store.close()
  })

  it('is in a copy that another process takes beside the writer', async () => {
    const directory = fresh()
    const store = await openStore({ directory })
    const a = await store.create('/a/b/1', bytes('1'))
    await store.create('/a/b/2', bytes('1'))
    await store.compact(1)
    await store.update('/a/b/1', bytes('2'), a.modRevision)
    await store.delete('/a/b/2', 2)
    await store.create('/a/c/3', bytes('3'))
    const target = fresh()
    mkdirSync(target)
    expect(copyState(join(directory, 'store.db'), join(target, 'store.db'))).toEqual({
      revision: 5,
      objects: { '/a/b/': 1, '/a/c/': 1 },
    })
    const copy = await openStore({ directory: target })
    expect(copy.revision).toBe(5)
    expect((await copy.range('')).items).toEqual((await store.range('')).items)
    await Promise.all([copy.close(), store.close()])
  })

  it('is not mixed with the log of another store', async () => {
    const [one, other] = [fresh(), fresh()]
    for (const directory of [one, other]) await (await openStore({ directory })).close()
    const store = await openStore({ directory: one })
    for (let i = 0; i < 3; i++) await store.create(`/${i}`, bytes('1'))
    await store.snapshot(join(fresh()))
    await store.create('/last', bytes('1'))
    copyFileSync(join(one, 'store.db-log'), join(other, 'store.db-log'))
    await store.close()
    await expect(openStore({ directory: other })).rejects.toThrow(/goes on at revision 4, but .*store\.db ends at 0/)
  })
})
