import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../src-kube/machinery/clock.ts'
import { SkippingClock } from '../../../../src-kube/machinery/testing/skipping-clock.ts'
import {
  CompactedError,
  FutureRevisionError,
  KeyExistsError,
  OvertakenError,
  RevisionMismatchError,
  type StoreEvent,
} from '../store.ts'
import { storeConformance } from '../testing/conformance.ts'
import { EtcdClient } from './client.ts'
import { EtcdError } from './errors.ts'
import { EtcdStore } from './etcd-store.ts'
import { behind } from './testing/plain-keys.ts'
import { FakeEtcd } from './testing/fake-etcd.ts'
import { watchAnswer } from './testing/fake-messages.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString()

let count = 0
let conforming: FakeEtcd
beforeAll(async () => {
  conforming = await new FakeEtcd().start()
})
afterAll(() => conforming.away())

storeConformance('etcd', () => {
  const client = new EtcdClient({ servers: [conforming.url], clock: systemClock })
  return new EtcdStore({ client, keys: behind(`/test-${count++}`), clock: systemClock, log: () => {} }).open()
})

const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** Milliseconds after which a store gives up. */
const PATIENCE = 7_000

/** An etcd, and stores of one prefix in it. */
async function arrange() {
  const clock = new SkippingClock()
  const etcd = await new FakeEtcd().start()
  ends.push(() => etcd.away())
  const logged: string[] = []
  const open = async (): Promise<EtcdStore> => {
    const client = new EtcdClient({ servers: [etcd.url], clock, timeout: PATIENCE, retryAfter: 10 })
    const log = (message: string): void => void logged.push(message)
    const store = new EtcdStore({ client, keys: behind('/p'), clock, log, patience: PATIENCE })
    ends.push(() => store.close())
    return store.open()
  }
  /** What a store asks for while nobody answers, once its patience is over. */
  const inVain = (asked: Promise<unknown>): Promise<unknown> => {
    clock.skip(PATIENCE)
    return asked
  }
  return { etcd, open, logged, inVain }
}

/** All that a store's observers hear of. */
function observed(store: EtcdStore): StoreEvent[] {
  const seen: StoreEvent[] = []
  store.observe((events) => seen.push(...events))
  return seen
}

const told = (events: readonly StoreEvent[]) =>
  events.map(({ type, current, previous }) => [type, current.key, text(current.value), text(previous?.value)])

describe('a store in etcd', () => {
  it('begins with what is there, and as much of the past as etcd keeps', async () => {
    const { etcd, open } = await arrange()
    for (const value of ['1', '2', '3']) etcd.write('/p/a', value)
    etcd.write('/p/gone', 'x')
    etcd.write('/other', 'x')
    etcd.history.compact(3)
    const store = await open()
    expect([store.revision, store.compactedRevision]).toEqual([6, 3])
    expect(text((await store.get('/a', { revision: 3 }))?.value)).toBe('2')
    expect(store.revisions('/a').map(({ stored }) => stored.modRevision)).toEqual([3, 4])
    expect(() => store.watch('', { from: 2 })).toThrow(CompactedError)
    expect(told(store.history('', 3))).toEqual([
      ['put', '/a', '3', '2'],
      ['put', '/gone', 'x', undefined],
    ])
    expect(store.historyBegins).toBeUndefined()
  })

  it('refuses what was written on knowledge that is old, and shows by then what is new', async () => {
    const { etcd, open } = await arrange()
    const store = await open()
    const a = await store.create('/set/a', bytes('1'))
    const unless = { prefix: '/set/', writtenAfter: a.modRevision }
    etcd.write('/p/other', 'x')
    const b = await store.create('/set/b', bytes('1'), unless)
    etcd.write('/p/set/c', '1')
    await expect(store.create('/set/d', bytes('1'), unless)).rejects.toThrow(OvertakenError)
    expect((await store.get('/set/c'))?.modRevision).toBe(store.revision)
    await expect(store.update('/set/b', bytes('2'), b.modRevision, unless)).rejects.toThrow(OvertakenError)
    const now = { ...unless, writtenAfter: store.revision }
    await expect(store.create('/set/a', bytes('2'), now)).rejects.toThrow(KeyExistsError)
    expect(text((await store.update('/set/b', bytes('2'), b.modRevision, now)).value)).toBe('2')
  })

  it('reads what is there in pages', async () => {
    const { etcd, open } = await arrange()
    for (let i = 0; i < 1_101; i++) etcd.write(`/p/${i}`, 'x')
    etcd.history.compact(etcd.history.revision)
    const store = await open()
    expect((await store.range('/')).items).toHaveLength(1_101)
    expect(etcd.calls.get('/etcdserverpb.KV/Range')).toBe(4)
  })

  it('hears of what others write, with what stood there before, and of nothing else', async () => {
    const { etcd, open } = await arrange()
    const store = await open()
    const seen = observed(store)
    const a = await store.create('/a', bytes('1'))
    etcd.write('/p/a', '2')
    etcd.write('/other', 'x')
    etcd.write('/p/none', undefined)
    etcd.write('/p/a', undefined)
    await store.caughtUp()
    expect(told(seen)).toEqual([
      ['put', '/a', '1', undefined],
      ['put', '/a', '2', '1'],
      ['delete', '/a', '2', '2'],
    ])
    await expect(store.update('/a', bytes('3'), a.modRevision)).rejects.toThrow(RevisionMismatchError)
  })

  it('keeps the very bytes that were written: others know them by these', async () => {
    const { open } = await arrange()
    const [one, other] = [await open(), await open()]
    const value = bytes('x'.repeat(20_000))
    const stored = await one.create('/a', value)
    expect(stored.value).toBe(value)
    expect((await one.get('/a'))?.value).toBe(value)
    await other.caughtUp()
    expect(Buffer.compare((await other.get('/a'))!.value, value)).toBe(0)
  })

  it('has come as far as etcd when it says so, also with what is of other keys, and asks once for all who ask at once', async () => {
    const { etcd, open } = await arrange()
    const store = await open()
    const asked = () => etcd.calls.get('/etcdserverpb.KV/Range')!
    const { modRevision } = etcd.write('/other', 'x')
    await store.caughtUp()
    expect(store.revision).toBe(modRevision)
    const before = asked()
    await Promise.all(Array.from({ length: 10 }, () => store.caughtUp()))
    // The first may be too early for the others, who share the next.
    expect(asked() - before).toBe(2)
  })

  it('goes on where it was after a connection that broke: every event once', async () => {
    const { etcd, open, logged } = await arrange()
    const store = await open()
    const seen = observed(store)
    await store.create('/a', bytes('1'))
    etcd.drop()
    etcd.write('/p/a', '2')
    etcd.write('/p/b', 'x')
    await vi.waitFor(() => expect(seen).toHaveLength(3))
    expect(told(seen).map(([, key]) => key)).toEqual(['/a', '/a', '/b'])
    expect(logged).toContain('the watch of etcd ended')
  })

  it('finds what changed when etcd has forgotten the way there, and refuses the past that it does not know', async () => {
    const { etcd, open } = await arrange()
    const store = await open()
    await store.create('/same', bytes('1'))
    await store.create('/changed', bytes('1'))
    const gone = await store.create('/gone', bytes('1'))
    const seen = observed(store)
    await etcd.away()
    etcd.write('/p/changed', '2')
    etcd.write('/p/new', 'x')
    etcd.write('/p/gone', undefined)
    const { modRevision } = etcd.write('/p/changed', '3')
    etcd.history.compact(modRevision)
    await etcd.start()
    await vi.waitFor(() => expect(seen).toHaveLength(3))
    expect(told(seen)).toEqual([
      ['put', '/new', 'x', undefined],
      ['put', '/changed', '3', '1'],
      ['delete', '/gone', '1', '1'],
    ])
    expect(seen.at(-1)?.current.modRevision).toBe(modRevision)
    expect(() => store.watch('', { from: gone.modRevision })).toThrow(CompactedError)
    expect(store.revision).toBe(modRevision)
  })

  it('tells a timeout in etcd’s words while etcd is away, and works again when it is back', async () => {
    const { etcd, open, inVain } = await arrange()
    const store = await open()
    const a = await store.create('/a', bytes('1'))
    await etcd.away()
    const late = { code: 500, reason: '', message: 'etcdserver: request timed out' }
    await expect(inVain(store.caughtUp())).rejects.toMatchObject(late)
    await expect(inVain(store.update('/a', bytes('2'), a.modRevision))).rejects.toMatchObject(late)
    await expect(inVain(store.check())).rejects.toThrow(EtcdError)
    // What may be old can be had.
    expect(text((await store.get('/a'))?.value)).toBe('1')
    await etcd.start()
    await vi.waitFor(() => store.check(), { timeout: 5_000 })
    expect((await store.update('/a', bytes('2'), a.modRevision)).modRevision).toBe(a.modRevision + 1)
  })

  it('gives up a write that is never heard of again', async () => {
    const { etcd, open, inVain } = await arrange()
    const store = await open()
    etcd.holdWatches = true
    const { revision } = etcd.history
    const write = store.create('/a', bytes('1'))
    await vi.waitFor(() => expect(etcd.history.revision).toBe(revision + 1))
    await expect(inVain(write)).rejects.toThrow('etcdserver: request timed out')
    etcd.tellAll()
    await store.caughtUp()
    expect(text((await store.get('/a'))?.value)).toBe('1')
  })

  it('passes on why etcd refuses', async () => {
    const { etcd, open } = await arrange()
    const store = await open()
    etcd.refusal = { code: 8, words: 'etcdserver: mvcc: database space exceeded' }
    await expect(store.create('/a', bytes('1'))).rejects.toMatchObject({
      code: 500,
      message: 'etcdserver: mvcc: database space exceeded',
    })
    etcd.refusal = { code: 13, words: 'broken' }
    await expect(store.compact(store.revision)).rejects.toThrow('broken')
    etcd.refusal = undefined
  })

  it('takes an answer in parts as one', async () => {
    const { etcd, open } = await arrange()
    const store = await open()
    const commits: number[] = []
    store.observe((events) => commits.push(events.length))
    const revision = etcd.history.revision + 1
    const write = (key: string) => ({ key, value: Buffer.from('x'), createRevision: revision, modRevision: revision })
    etcd.answerWatches(watchAnswer({ revision, fragment: true, events: [write('/p/a')] }))
    etcd.answerWatches(watchAnswer({ revision, events: [write('/p/b')] }))
    await vi.waitFor(() => expect(commits).toEqual([2]))
  })

  it('watches anew when etcd cancels its watch', async () => {
    const { etcd, open, logged } = await arrange()
    const store = await open()
    const seen = observed(store)
    etcd.answerWatches(watchAnswer({ revision: 1, canceled: true, reason: 'no leader' }))
    await vi.waitFor(() => expect(etcd.calls.get('/etcdserverpb.Watch/Watch')).toBe(2))
    etcd.write('/p/a', '1')
    await vi.waitFor(() => expect(seen).toHaveLength(1))
    expect(logged).toEqual(['etcd canceled the watch'])
  })

  it('lets go of the past that another instance had etcd forget, and refuses to forget the future', async () => {
    const { open } = await arrange()
    const [one, other] = [await open(), await open()]
    const a = await one.create('/a', bytes('1'))
    const b = await one.update('/a', bytes('2'), a.modRevision)
    await one.compact(b.modRevision)
    await other.caughtUp()
    expect(other.compactedRevision).toBe(0)
    await other.compact(b.modRevision)
    await other.compact(b.modRevision)
    expect(other.compactedRevision).toBe(b.modRevision)
    await expect(other.compact(b.modRevision + 1)).rejects.toThrow(FutureRevisionError)
    one.forget(b.modRevision + 100)
    expect(one.compactedRevision).toBe(b.modRevision)
  })

  it('serves nothing any more when etcd was restored from an older state', async () => {
    const { etcd, open } = await arrange()
    const store = await open()
    await store.create('/a', bytes('1'))
    await store.create('/b', bytes('1'))
    etcd.history.writes.pop()
    etcd.history.revision--
    await expect(store.caughtUp()).rejects.toThrow('etcd went back from revision 3 to 2, as after a restore')
  })

  it('cannot be opened where nobody answers, and takes no write when it is closed', async () => {
    const { etcd, open, inVain } = await arrange()
    const store = await open()
    await etcd.away()
    await expect(inVain(open())).rejects.toThrow('etcdserver: request timed out')
    await store.close()
    await store.close()
    await expect(store.create('/a', bytes('1'))).rejects.toThrow('the store is closed')
  })
})
