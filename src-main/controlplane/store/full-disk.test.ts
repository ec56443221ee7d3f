import { expect, it } from 'vitest'
import { SequencedStore, type Journal } from './sequenced-store.ts'
import { StoreFullError } from './store.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value)

/** A store on a disk that may be full. */
function confined() {
  const disk = { isFull: false, kept: [] as number[] }
  const nothing = () => Promise.resolve()
  const journal: Journal = {
    async commit(batch) {
      await Promise.resolve()
      if (disk.isFull) throw new StoreFullError('database or disk is full')
      disk.kept.push(...batch.map(({ revision }) => revision))
    },
    compact: nothing,
    snapshot: nothing,
    close: nothing,
  }
  return { disk, store: new SequencedStore({ journal }) }
}

it('refuses all that waits on a full disk, and leaves what was there', async () => {
  const { disk, store } = confined()
  await store.create('/a', bytes('1'))
  disk.isFull = true
  const first = store.create('/b', bytes('1'))
  const later = [store.update('/a', bytes('2'), 1), first.catch(() => store.create('/c', bytes('1')))]
  for (const write of [first, ...later])
    await expect(write).rejects.toEqual(new StoreFullError('the store cannot write: database or disk is full'))
  expect(store.revision).toBe(1)
  expect(text((await store.get('/a'))?.value)).toBe('1')
  expect(await store.get('/b')).toBeUndefined()
})

it('writes again once there is room: revisions go on where they were, and watchers miss nothing', async () => {
  const { disk, store } = confined()
  const watch = store.watch('')
  await store.create('/a', bytes('1'))
  disk.isFull = true
  await Promise.allSettled([store.create('/b', bytes('1')), store.update('/a', bytes('2'), 1), store.delete('/a', 1)])
  disk.isFull = false
  const created = await store.create('/b', bytes('2'))
  const updated = await store.update('/a', bytes('3'), 1)
  expect([created.modRevision, updated.modRevision, disk.kept]).toEqual([2, 3, [1, 2, 3]])
  const seen: string[] = []
  for await (const events of watch) {
    seen.push(...events.map(({ current }) => `${current.key} ${current.modRevision} ${text(current.value)}`))
    if (seen.length === 3) break
  }
  expect(seen).toEqual(['/a 1 1', '/b 2 2', '/a 3 3'])
  await store.close()
})
