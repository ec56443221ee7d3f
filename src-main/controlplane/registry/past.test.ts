import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { memoryStore } from '../store/index.ts'
import { arrange, at, configMap } from './testing/arrange.ts'

const start = Date.UTC(2026, 0, 1)

/** A config map that is written at 0 s, 10 s and 20 s, deleted at 30 s and made again at 40 s. */
async function changed() {
  const clock = new FakeClock(start)
  const arranged = await arrange({ store: memoryStore({ clock }) })
  const { registry, write } = arranged
  const target = at('v1', 'ConfigMap', 'd', 'a')
  const collection = { ...target, name: '' }
  await registry.create(collection, configMap('a', { n: '1' }), write)
  for (const n of ['2', '3']) {
    await clock.advance(10_000)
    await registry.update(target, configMap('a', { n }), write)
  }
  await clock.advance(10_000)
  await registry.delete(target, {}, write)
  await clock.advance(10_000)
  await registry.create(collection, configMap('a', { n: '4' }), write)
  return { ...arranged, target, past: registry.past, clock }
}

const seconds = (time: number | undefined): number | undefined => time && (time - start) / 1000

describe('the past of an object', () => {
  it('is its writes, newest first, with the time of each and what a delete took away', async () => {
    const { past, target } = await changed()
    const { revisions, more } = await past.revisionsOf(target, { limit: 10 })
    expect(more).toBe(false)
    expect(revisions.map(({ type, time, entry }) => [type, seconds(time), entry.object['data']])).toEqual([
      ['put', 40, { n: '4' }],
      ['delete', 30, { n: '3' }],
      ['put', 20, { n: '3' }],
      ['put', 10, { n: '2' }],
      ['put', 0, { n: '1' }],
    ])
  })

  it('comes in pages', async () => {
    const { past, target } = await changed()
    const first = await past.revisionsOf(target, { limit: 2 })
    expect([first.revisions.length, first.more]).toEqual([2, true])
    const rest = await past.revisionsOf(target, { limit: 5, before: first.revisions.at(-1)!.entry.revision })
    expect([rest.revisions.map(({ time }) => seconds(time)), rest.more]).toEqual([[20, 10, 0], false])
  })

  it('has no time for what stood there before the history that is kept', async () => {
    const { past, target, store, registry, write } = await changed()
    await registry.create({ ...target, name: '' }, configMap('b'), write)
    await store.compact(store.revision)
    const { revisions } = await past.revisionsOf(target, { limit: 10 })
    expect(revisions.map(({ type, time }) => [type, time])).toEqual([['put', undefined]])
  })

  it('is not found when nothing of it is kept', async () => {
    const { past, target } = await changed()
    await expect(past.revisionsOf({ ...target, name: 'none' }, { limit: 1 })).rejects.toMatchObject({
      code: 404,
      message: 'configmaps "none" not found',
    })
  })
})

describe('the moments of the past', () => {
  it('lead to the revision that was newest then, as which a list can be read', async () => {
    const { past, target, registry } = await changed()
    const { revision, time } = past.at(start + 15_000)
    expect(seconds(time)).toBe(10)
    const list = await registry.listEntries(
      { ...target, name: '' },
      { resourceVersion: String(revision), resourceVersionMatch: 'Exact' },
    )
    expect(list.entries.map(({ object }) => object['data'])).toEqual([{ n: '2' }])
    expect(past.bounds()).toEqual({
      begins: { revision: 1, time: start },
      now: { revision: registry.revision, time: start + 40_000 },
    })
  })

  it('are told how much was written between them', async () => {
    const { past, store } = await changed()
    expect(past.writes(start - 10_000, start + 50_000, 6)).toEqual([1, 1, 1, 1, 1, 0])
    await store.compact(past.at(start + 20_000).revision)
    expect(past.writes(start - 10_000, start + 50_000, 3)).toEqual([0, 1, 1])
  })

  it('are gone once they are compacted, and before anything was written', async () => {
    const { past, store } = await changed()
    await store.compact(past.at(start + 20_000).revision)
    expect(() => past.at(start + 19_999)).toThrow(
      'The cluster cannot be shown as it was at 2026-01-01T00:00:19.999Z: history is kept since 2026-01-01T00:00:20.000Z.',
    )
    expect(past.at(start + 20_000).revision).toBe(store.compactedRevision)
    const { registry } = await arrange()
    expect(registry.past.bounds()).toBeUndefined()
    expect(() => registry.past.at(start)).toThrow(/nothing is kept yet/)
  })
})

describe('what was deleted', () => {
  it('is told last first, without what was made again, of a namespace or of all', async () => {
    const { past, registry, write, clock, target } = await changed()
    const gone = async (namespace: string, name: string): Promise<void> => {
      const one = { ...target, namespace, name }
      await registry.create({ ...one, name: '' }, configMap(name), write)
      await clock.advance(1000)
      await registry.delete(one, {}, write)
    }
    await gone('d', 'b')
    await gone('e', 'c')
    await gone('d', 'b')
    const told = (namespace: string) =>
      past.deletionsOf({ ...target, namespace }).map((one) => [one.namespace, one.name, seconds(one.time)])
    expect(told('')).toEqual([
      ['d', 'b', 43],
      ['e', 'c', 42],
    ])
    expect(told('e')).toEqual([['e', 'c', 42]])
    const nodes = at('v1', 'Node')
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }
    await registry.create(nodes, node, write)
    await registry.delete({ ...nodes, name: 'n1' }, {}, write)
    expect(past.deletionsOf(nodes)).toMatchObject([{ namespace: '', name: 'n1' }])
  })
})
