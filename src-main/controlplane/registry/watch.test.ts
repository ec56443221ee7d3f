import { describe, expect, test } from 'vitest'
import { parseFieldSelector } from '../../../src-kube/machinery/fields.ts'
import { parseLabelSelector } from '../../../src-kube/machinery/labels.ts'
import type { RegistryEvent, WatchOptions } from './registry.ts'
import { arrange, at, configMap, pod, type Arranged } from './testing/arrange.ts'

const maps = at('v1', 'ConfigMap', 'd')
const pods = at('v1', 'Pod', 'd')
const named = (name: string) => at('v1', 'ConfigMap', 'd', name)
const words = (event: RegistryEvent): string =>
  event.type === 'BOOKMARK'
    ? `BOOKMARK ${event.revision}${event.initialEventsEnd ? ' end' : ''}`
    : `${event.type} ${event.entry.object.metadata.name} ${event.entry.revision}`

/** Reads a watch: `next(n)` gives the words of the next n events. */
async function reader({ registry }: Arranged, target = maps, options: Partial<WatchOptions> = {}) {
  const abort = new AbortController()
  const watch = await registry.watch(target, { bookmarks: false, signal: abort.signal, ...options })
  const batches = watch[Symbol.asyncIterator]()
  let waiting: RegistryEvent[] = []
  return {
    abort,
    batches,
    async next(count: number): Promise<string[]> {
      while (waiting.length < count) {
        const { value, done } = await batches.next()
        if (done) throw new Error('the watch has ended')
        waiting = [...waiting, ...value]
      }
      const taken = waiting.slice(0, count)
      waiting = waiting.slice(count)
      return taken.map(words)
    },
  }
}

async function three(arranged: Arranged): Promise<void> {
  for (const name of ['a', 'b', 'c']) await arranged.registry.create(maps, configMap(name), arranged.write)
}

describe('watch', () => {
  test('sends what is there first, then each change once, in order', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await three(arranged)
    const { next } = await reader(arranged)
    expect(await next(3)).toEqual(['ADDED a 1', 'ADDED b 2', 'ADDED c 3'])
    await registry.update(named('b'), configMap('b', { x: '1' }), write)
    await registry.delete(named('a'), {}, write)
    await registry.create(at('v1', 'ConfigMap', 'other'), configMap('z'), write)
    await registry.create(maps, configMap('d'), write)
    expect(await next(3)).toEqual(['MODIFIED b 4', 'DELETED a 5', 'ADDED d 7'])
  })

  test('goes on after the revision it names, without what came before', async () => {
    const arranged = await arrange()
    await three(arranged)
    const { next } = await reader(arranged, maps, { resourceVersion: '1' })
    expect(await next(2)).toEqual(['ADDED b 2', 'ADDED c 3'])
  })

  test('goes on from further back than the cache remembers', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await registry.create(maps, configMap('a'), write)
    for (let i = 0; i < 1200; i++) await registry.update(named('a'), configMap('a', { i: String(i) }), write)
    const { next } = await reader(arranged, maps, { resourceVersion: '1' })
    const seen = await next(1200)
    expect([seen[0], seen.at(-1)]).toEqual(['MODIFIED a 2', 'MODIFIED a 1201'])
  })

  test('starts now when neither a revision nor initial events are asked for', async () => {
    const arranged = await arrange()
    await three(arranged)
    const { next } = await reader(arranged, maps, { sendInitialEvents: false })
    await arranged.registry.create(maps, configMap('d'), arranged.write)
    expect(await next(1)).toEqual(['ADDED d 4'])
  })

  test('begins at once at a revision that is not there yet, and tells what comes after it', async () => {
    const arranged = await arrange()
    const { registry, write, clock } = arranged
    await three(arranged)
    const { next } = await reader(arranged, maps, { resourceVersion: '5', bookmarks: true })
    await registry.delete(named('a'), {}, write)
    await clock.advance(60_000)
    await registry.update(named('b'), configMap('b', { x: '1' }), write)
    await registry.update(named('b'), configMap('b', { x: '2' }), write)
    expect(await next(1)).toEqual(['MODIFIED b 6'])
    await clock.advance(60_000)
    expect(await next(1)).toEqual(['BOOKMARK 6'])
  })

  test('ends its initial events when a revision that is not there yet has come', async () => {
    const arranged = await arrange()
    await three(arranged)
    const { next } = await reader(arranged, maps, { resourceVersion: '4', sendInitialEvents: true, bookmarks: true })
    expect(await next(3)).toEqual(['ADDED a 1', 'ADDED b 2', 'ADDED c 3'])
    await arranged.registry.delete(named('a'), {}, arranged.write)
    expect(await next(2)).toEqual(['DELETED a 4', 'BOOKMARK 4 end'])
  })

  test('gives up on a revision that never comes when its client goes', async () => {
    const arranged = await arrange()
    await three(arranged)
    const { next, abort } = await reader(arranged, maps, {
      resourceVersion: '5',
      sendInitialEvents: true,
      bookmarks: true,
    })
    expect(await next(3)).toHaveLength(3)
    abort.abort()
    for (const name of ['d', 'e']) await arranged.registry.create(maps, configMap(name), arranged.write)
    await expect(next(1)).rejects.toThrow('the watch has ended')
  })

  test('answers 410 for a revision that is compacted away', async () => {
    const arranged = await arrange()
    const { registry, write, store } = arranged
    await registry.create(maps, configMap('a'), write)
    for (let i = 0; i < 1200; i++) await registry.update(named('a'), configMap('a', { i: String(i) }), write)
    await store.compact(100)
    await expect(reader(arranged, maps, { resourceVersion: '1' })).rejects.toMatchObject({
      code: 410,
      reason: 'Expired',
      message: 'too old resource version: 1 (101)',
    })
  })

  test('shows objects that come to match as added, those that no longer do as deleted in their last matching state', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    const labels = parseLabelSelector('app=x')
    const watch = await registry.watch(maps, { bookmarks: false, labels, signal: new AbortController().signal })
    const batches = watch[Symbol.asyncIterator]()
    await registry.create(maps, configMap('a'), write)
    await registry.update(named('a'), configMap('a', { n: '1' }, { labels: { app: 'x' } }), write)
    await registry.update(named('a'), configMap('a', { n: '2' }, { labels: { app: 'x' } }), write)
    await registry.update(named('a'), configMap('a', { n: '3' }, { labels: { app: 'y' } }), write)
    await registry.delete(named('a'), {}, write)
    const { value } = await batches.next()
    expect((value as RegistryEvent[]).map(words)).toEqual(['ADDED a 2', 'MODIFIED a 3', 'DELETED a 4'])
    const last = (value as RegistryEvent[])[2]!
    if (last.type !== 'DELETED') throw new Error('expected a deletion')
    expect(last.entry.object).toMatchObject({
      data: { n: '2' },
      metadata: { labels: { app: 'x' }, resourceVersion: '4' },
    })
    expect(JSON.parse(last.entry.json(maps.served).toString())).toMatchObject({ metadata: { resourceVersion: '4' } })
  })

  test('selects by the fields that a kind offers, and refuses others', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    const { next } = await reader(arranged, pods, { fields: parseFieldSelector('spec.nodeName=n1') })
    await registry.create(pods, pod('p'), write)
    await registry.create(
      { ...pods, name: 'p', subresource: 'binding' },
      { metadata: { name: 'p' }, target: { name: 'n1' } },
      write,
    )
    expect(await next(1)).toEqual(['ADDED p 2'])
    await expect(reader(arranged, pods, { fields: parseFieldSelector('spec.foo=1') })).rejects.toMatchObject({
      code: 400,
      message: 'field label not supported: spec.foo',
    })
  })

  test('bookmarks a quiet watch every minute, and the end of initial events when asked', async () => {
    const arranged = await arrange()
    await three(arranged)
    const { next } = await reader(arranged, maps, { bookmarks: true, sendInitialEvents: true })
    expect((await next(4)).at(-1)).toBe('BOOKMARK 3 end')
    await arranged.clock.advance(60_000)
    expect(await next(1)).toEqual(['BOOKMARK 3'])
  })

  test('shares one encoding between watchers', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    const signal = new AbortController().signal
    const watches = await Promise.all([1, 2].map(() => registry.watch(maps, { bookmarks: false, signal })))
    await registry.create(maps, configMap('a'), write)
    const bytes = await Promise.all(
      watches.map(async (watch) => {
        const { value } = await watch[Symbol.asyncIterator]().next()
        const [event] = value as RegistryEvent[]
        return event!.type === 'BOOKMARK' ? undefined : (event!.entry.parts(maps.served).at(-1) as Uint8Array).buffer
      }),
    )
    expect(bytes[0]).toBeDefined()
    expect(bytes[0]).toBe(bytes[1])
  })

  test('ends when its signal aborts, also one that had aborted, and leaves nothing behind', async () => {
    const arranged = await arrange()
    const { abort, batches } = await reader(arranged, maps, { bookmarks: true })
    expect(arranged.clock.pending).toBe(1)
    const end = batches.next()
    abort.abort()
    expect((await end).done).toBe(true)
    expect(arranged.clock.pending).toBe(0)
    const late = await arranged.registry.watch(maps, { bookmarks: true, signal: AbortSignal.abort() })
    expect((await late[Symbol.asyncIterator]().next()).done).toBe(true)
  })

  test('sends a reader that falls too far behind away with 410', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    const { batches } = await reader(arranged)
    await registry.create(maps, configMap('a'), write)
    const patches = Array.from({ length: 20_100 }, (_, i) => configMap('a', { i: String(i) }))
    for (const patch of patches) await registry.update(named('a'), patch, write)
    await batches.next()
    await expect(batches.next()).rejects.toMatchObject({ code: 410 })
  })

  test.each(['-1', '1.5', 'x'])('refuses to begin at %s', async (resourceVersion) => {
    const { registry } = await arrange()
    const { signal } = new AbortController()
    const refused = registry.watch(maps, { bookmarks: false, resourceVersion, signal })
    await expect(refused).rejects.toMatchObject({ code: 400 })
  })
})
