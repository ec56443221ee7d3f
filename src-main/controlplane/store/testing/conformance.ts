import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../index.ts'
import {
  CompactedError,
  FutureRevisionError,
  KeyExistsError,
  RevisionMismatchError,
  type Store,
  type StoreEvent,
} from '../store.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string | undefined =>
  value ? new TextDecoder().decode(value) : undefined

/** Takes events from a watch until there are as many as asked. */
async function take(store: Store, prefix: string, count: number, from?: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = []
  const watch = store.watch(prefix, from === undefined ? {} : { from })
  for await (const batch of watch) {
    events.push(...batch)
    if (events.length >= count) break
  }
  return events
}

/** What must be true of a store at any time: a range is sorted, its revisions are at most the store's, and get agrees with it. */
async function checkConsistency(store: Store): Promise<void> {
  const { items, revision } = await store.range('')
  const keys = items.map((item) => item.key)
  expect(keys).toEqual([...keys].sort())
  for (const item of items) {
    expect(item.createRevision).toBeLessThanOrEqual(item.modRevision)
    expect(item.modRevision).toBeLessThanOrEqual(revision)
    expect(await store.get(item.key, { revision })).toBe(item)
  }
}

/** The guarantees of {@link Store}, for any backend. `open` is called before every test, `reopen` for the folder of a snapshot. */
export function storeConformance(
  name: string,
  open: () => Promise<Store>,
  reopen = (directory: string): Promise<Store> => openStore({ directory }),
): void {
  describe(`${name} keeps the guarantees of a store:`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(async () => {
      await checkConsistency(store)
      await store.close()
    })

    it('gives every write the next revision and returns what was written', async () => {
      const a = await store.create('/a', bytes('1'))
      const b = await store.create('/b', bytes('2'))
      expect(b.modRevision).toBe(a.modRevision + 1)
      expect(text((await store.get('/a'))?.value)).toBe('1')
      expect(store.revision).toBe(b.modRevision)
      expect(await store.get('/none')).toBeUndefined()
    })

    it('refuses to create what exists and to change what has changed', async () => {
      const a = await store.create('/a', bytes('1'))
      await expect(store.create('/a', bytes('2'))).rejects.toThrow(KeyExistsError)
      const b = await store.update('/a', bytes('2'), a.modRevision)
      await expect(store.update('/a', bytes('3'), a.modRevision)).rejects.toThrow(RevisionMismatchError)
      await expect(store.delete('/a', a.modRevision)).rejects.toMatchObject({ actual: b.modRevision })
      await expect(store.delete('/none', 1)).rejects.toMatchObject({ actual: undefined })
      expect(b.createRevision).toBe(a.createRevision)
    })

    it('lets one of two simultaneous writers win, also before either is durable', async () => {
      const results = await Promise.allSettled([store.create('/a', bytes('1')), store.create('/a', bytes('2'))])
      expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected'])
      const { modRevision } = (await store.get('/a'))!
      const updates = await Promise.allSettled([1, 2, 3].map((n) => store.update('/a', bytes(String(n)), modRevision)))
      expect(updates.filter((r) => r.status === 'fulfilled')).toHaveLength(1)
    })

    it('creates again after a delete, with a new creation revision', async () => {
      const a = await store.create('/a', bytes('1'))
      const deleting = store.delete('/a', a.modRevision)
      const again = store.create('/a', bytes('2'))
      expect((await deleting).modRevision).toBe(a.modRevision + 1)
      expect((await again).createRevision).toBe(a.modRevision + 2)
    })

    it('ranges over a prefix in key order, with limit, continuation and the number that remains', async () => {
      for (const key of ['/p/c', '/p/a', '/q/x', '/p/b', '/p']) await store.create(key, bytes(key))
      const first = await store.range('/p/', { limit: 2 })
      expect(first.items.map((i) => i.key)).toEqual(['/p/a', '/p/b'])
      expect(first.remaining).toBe(1)
      const rest = await store.range('/p/', { limit: 2, after: '/p/b', revision: first.revision })
      expect(rest.items.map((i) => i.key)).toEqual(['/p/c'])
      expect(rest.remaining).toBe(0)
    })

    it('reads the past as it was, and no future', async () => {
      const a = await store.create('/a', bytes('1'))
      const b = await store.update('/a', bytes('2'), a.modRevision)
      await store.delete('/a', b.modRevision)
      await store.create('/b', bytes('x'))
      expect(text((await store.get('/a', { revision: a.modRevision }))?.value)).toBe('1')
      expect((await store.range('/', { revision: b.modRevision })).items.map((i) => text(i.value))).toEqual(['2'])
      expect(await store.get('/a')).toBeUndefined()
      await expect(store.get('/a', { revision: store.revision + 1 })).rejects.toThrow(FutureRevisionError)
    })

    it('reads all of the past, however much it is', async () => {
      const value = (i: number): Uint8Array => bytes(`${i}`.padEnd(2 ** 20))
      const first = await store.create('/p/a', value(0))
      let last = first.modRevision
      for (let i = 1; i < 8; i++) last = (await store.update('/p/a', value(i), last)).modRevision
      const gone = await store.delete('/p/a', last)
      await store.create('/p/a', value(9))
      const number = (found: Uint8Array | undefined): number => Number(text(found))
      expect(number((await store.get('/p/a', { revision: first.modRevision }))?.value)).toBe(0)
      expect(store.revisions('/p/a').map(({ stored }) => number(stored.value))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 7, 9])
      const events = await take(store, '/p/', 10, first.modRevision - 1)
      expect(events.map(({ current }) => number(current.value))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 7, 9])
      expect(events.map(({ previous }) => number(previous?.value))).toEqual([NaN, 0, 1, 2, 3, 4, 5, 6, 7, NaN])
      expect(number(gone.value)).toBe(7)
      expect(number((await store.range('/p/', { revision: last })).items[0]?.value)).toBe(7)
    })

    it('shows a watcher every event of its prefix once, in order, from any revision that is kept', async () => {
      const a = await store.create('/p/a', bytes('1'))
      const b = await store.update('/p/a', bytes('2'), a.modRevision)
      await store.create('/q', bytes('x'))
      const live = take(store, '/p/', 4, a.modRevision - 1)
      await store.delete('/p/a', b.modRevision)
      await store.create('/p/b', bytes('3'))
      const events = await live
      expect(events.map((e) => [e.type, e.current.key, text(e.current.value)])).toEqual([
        ['put', '/p/a', '1'],
        ['put', '/p/a', '2'],
        ['delete', '/p/a', '2'],
        ['put', '/p/b', '3'],
      ])
      expect(events[1]?.previous?.modRevision).toBe(a.modRevision)
      expect((await take(store, '/p/', 2, b.modRevision)).map((e) => e.type)).toEqual(['delete', 'put'])
    })

    it('tells observers of each commit before the writer hears of it', async () => {
      const seen: number[] = []
      const stop = store.observe((events) => seen.push(...events.map((e) => e.current.modRevision)))
      const a = await store.create('/a', bytes('1'))
      expect(seen).toEqual([a.modRevision])
      stop()
      await store.create('/b', bytes('1'))
      expect(seen).toHaveLength(1)
    })

    it('forgets history when compacted, keeps what is newest, and refuses to read or watch what is gone', async () => {
      const a = await store.create('/a', bytes('1'))
      const gone = await store.create('/gone', bytes('1'))
      await store.delete('/gone', gone.modRevision)
      const b = await store.update('/a', bytes('2'), a.modRevision)
      await store.compact(b.modRevision)
      expect(store.compactedRevision).toBe(b.modRevision)
      expect(text((await store.get('/a'))?.value)).toBe('2')
      await expect(store.get('/a', { revision: a.modRevision })).rejects.toThrow(CompactedError)
      expect(() => store.watch('/', { from: a.modRevision })).toThrow(CompactedError)
      const c = await store.update('/a', bytes('3'), b.modRevision)
      expect((await take(store, '/', 1, b.modRevision))[0]?.current.modRevision).toBe(c.modRevision)
    })

    it('tells the writes of one key, oldest first, with what a delete took away', async () => {
      const a = await store.create('/a', bytes('1'))
      await store.create('/ab', bytes('x'))
      const b = await store.update('/a', bytes('2'), a.modRevision)
      await store.delete('/a', b.modRevision)
      await store.create('/a', bytes('3'))
      const told = store.revisions('/a').map(({ stored, deleted }) => [text(stored.value), stored.modRevision, deleted])
      const first = a.modRevision
      expect(told).toEqual([
        ['1', first, false],
        ['2', first + 2, false],
        ['2', first + 3, true],
        ['3', first + 4, false],
      ])
      await store.compact(first + 2)
      expect(store.revisions('/a').map(({ stored }) => stored.modRevision - first)).toEqual([2, 3, 4])
      expect(store.revisions('/none')).toEqual([])
    })

    it('knows when a revision was committed and what was newest then, as far back as it can be read', async () => {
      expect([store.historyBegins, store.revisionAt(Date.now()), store.timeOf(1)]).toEqual(Array(3).fill(undefined))
      const before = Date.now()
      const a = await store.create('/a', bytes('1'))
      const time = store.timeOf(a.modRevision)!
      expect(time).toBeGreaterThanOrEqual(before)
      expect(time).toBeLessThanOrEqual(Date.now())
      expect(store.historyBegins).toBe(time)
      expect(store.revisionAt(time)).toBe(a.modRevision)
      expect(store.revisionAt(time - 1)).toBeUndefined()
      // The next commit is of another millisecond.
      while (Date.now() === time);
      const b = await store.update('/a', bytes('2'), a.modRevision)
      expect(store.revisionAt(time)).toBe(a.modRevision)
      expect(store.revisionAt(Date.now())).toBe(b.modRevision)
      expect(store.timeOf(b.modRevision + 1)).toBeUndefined()
      await store.compact(b.modRevision)
      expect(store.timeOf(a.modRevision)).toBeUndefined()
      expect(store.revisionAt(time)).toBeUndefined()
      expect(store.historyBegins).toBe(store.timeOf(b.modRevision))
    })

    it('writes its newest state into a file that a store opens from, revisions included, and goes on itself', async () => {
      const a = await store.create('/a', bytes('1'))
      const gone = await store.create('/gone', bytes('1'))
      const b = await store.update('/a', bytes('2'), a.modRevision)
      await store.create('/b', bytes('3'))
      const last = await store.delete('/gone', gone.modRevision)
      const directory = mkdtempSync(join(tmpdir(), 'drydock-snapshot-'))
      try {
        await store.snapshot(join(directory, 'store.db'))
        await store.update('/a', bytes('later'), b.modRevision)
        const copy = await reopen(directory)
        const told = (await copy.range('')).items.map((item) => ({ ...item, value: text(item.value) }))
        const [first, third, fourth] = [a.modRevision, b.modRevision, b.modRevision + 1]
        expect(told).toEqual([
          { key: '/a', value: '2', createRevision: first, modRevision: third },
          { key: '/b', value: '3', createRevision: fourth, modRevision: fourth },
        ])
        expect([copy.revision, copy.compactedRevision]).toEqual([last.modRevision, last.modRevision])
        expect((await copy.create('/gone', bytes('4'))).modRevision).toBe(last.modRevision + 1)
        await copy.close()
      } finally {
        rmSync(directory, { recursive: true })
      }
    })

    it('ends watches when it is closed', async () => {
      const watching = take(store, '/', 1)
      const other = await open()
      await other.close()
      await store.close()
      expect(await watching).toEqual([])
    })

    it('agrees with a model under thousands of simultaneous random operations', async () => {
      const model = new Map<string, { value: string; revision: number }>()
      let seed = 42
      const random = (n: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % n
      for (let round = 0; round < 40; round++) {
        const keys = [...new Set(Array.from({ length: 50 }, () => `/k/${random(200)}`))]
        await Promise.all(
          keys.map(async (key) => {
            const known = model.get(key)
            const value = `${round}`
            if (!known) model.set(key, { value, revision: (await store.create(key, bytes(value))).modRevision })
            else if (random(3) === 0) {
              await store.delete(key, known.revision)
              model.delete(key)
            } else
              model.set(key, { value, revision: (await store.update(key, bytes(value), known.revision)).modRevision })
          }),
        )
        if (round % 10 === 9) await store.compact(store.revision - random(20))
      }
      const { items } = await store.range('/k/')
      expect(items.map((i) => [i.key, text(i.value), i.modRevision])).toEqual(
        [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, m]) => [key, m.value, m.revision]),
      )
    })
  })
}
