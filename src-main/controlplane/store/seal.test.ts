import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { memoryStore, openStore } from './index.ts'
import { sealedStore, sealingKeys } from './seal.ts'
import { StoreBrokenError, type Store } from './store.ts'
import { storeConformance } from './testing/conformance.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-seal-'))
let count = 0
const fresh = (): string => mkdtempSync(join(root, `${count++}-`))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const prefixes = ['/secrets/']
const [key, other] = [randomBytes(32), randomBytes(32)]
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value)
const sealed = (store: Store, ...keys: Buffer[]): Store => sealedStore(store, { prefixes, keys })

const whole = (store: Store): Store => sealedStore(store, { prefixes: ['/'], keys: [key] })
storeConformance(
  'a sealed store',
  () => Promise.resolve(whole(memoryStore())),
  async (directory) => whole(await openStore({ directory })),
)

describe('sealedStore', () => {
  it('gives the one beneath it only sealed bytes below its prefixes, also on disk, and plain ones elsewhere', async () => {
    const directory = fresh()
    const store = sealed(await openStore({ directory }), key)
    const made = await store.create('/secrets/a', bytes('the password is hunter2'))
    await store.update('/secrets/a', bytes('the password is hunter3'), made.modRevision)
    await store.create('/maps/a', bytes('nothing to hide'))
    expect(text((await store.get('/secrets/a'))?.value)).toBe('the password is hunter3')
    const files = ['store.db', 'store.db-wal', 'store.db-log']
      .map((name) => readFileSync(join(directory, name), 'latin1'))
      .join('')
    expect(files).toContain('nothing to hide')
    expect(files).not.toContain('hunter')
    await store.close()
  })

  it('shows readers, watchers, observers and history what was written', async () => {
    const store = sealed(memoryStore(), key)
    const observed: string[] = []
    store.observe((events) => observed.push(...events.map((event) => text(event.current.value))))
    const watch = store.watch('/secrets/')
    const made = await store.create('/secrets/a', bytes('1'))
    const changed = await store.update('/secrets/a', bytes('2'), made.modRevision)
    expect(text((await store.delete('/secrets/a', changed.modRevision)).value)).toBe('2')
    const seen: string[] = []
    for await (const batch of watch) {
      seen.push(...batch.map((event) => `${event.type} ${text(event.previous?.value)}>${text(event.current.value)}`))
      if (seen.length === 3) break
    }
    expect(seen).toEqual(['put >1', 'put 1>2', 'delete 2>2'])
    expect(observed).toEqual(['1', '2', '2'])
    expect(store.history('/secrets/', 0).map((event) => text(event.current.value))).toEqual(['1', '2', '2'])
    expect(text((await store.get('/secrets/a', { revision: made.modRevision }))?.value)).toBe('1')
  })

  it('opens the same stored value to the same object', async () => {
    const store = sealed(memoryStore(), key)
    await store.create('/secrets/a', bytes('1'))
    expect(await store.get('/secrets/a')).toBe((await store.range('/secrets/')).items[0])
  })

  it('seals the same bytes differently each time', async () => {
    const beneath = memoryStore()
    const store = sealed(beneath, key)
    await store.create('/secrets/a', bytes('same'))
    await store.create('/secrets/b', bytes('same'))
    const [a, b] = (await beneath.range('/secrets/')).items
    expect(text(a!.value.subarray(1))).not.toBe(text(b!.value.subarray(1)))
  })

  it.each([
    ['its kind byte and nonce', 1],
    ['its nonce', 5],
    ['its bytes', 15],
    ['its tag', -1],
  ])('refuses a value of which one bit was changed in %s', async (_, at) => {
    const beneath = memoryStore()
    await sealed(beneath, key).create('/secrets/a', bytes('the password'))
    const stored = (await beneath.get('/secrets/a'))!
    const changed = Uint8Array.from(stored.value)
    changed[at < 0 ? changed.length + at : at]! ^= 1
    await beneath.update('/secrets/a', changed, stored.modRevision)
    await expect(sealed(beneath, key).get('/secrets/a')).rejects.toThrow('/secrets/a cannot be opened')
    await expect(sealed(beneath, key).range('/secrets/')).rejects.toThrow(StoreBrokenError)
  })

  it('refuses a value that was cut off or that lies under the name of another', async () => {
    const beneath = memoryStore()
    await sealed(beneath, key).create('/secrets/a', bytes('the password'))
    const { value } = (await beneath.get('/secrets/a'))!
    await beneath.create('/secrets/b', value)
    await beneath.create('/secrets/c', value.subarray(0, 9))
    await expect(sealed(beneath, key).get('/secrets/b')).rejects.toThrow('/secrets/b cannot be opened')
    await expect(sealed(beneath, key).get('/secrets/c')).rejects.toThrow('/secrets/c cannot be opened')
  })

  it('refuses a value that was sealed with another key', async () => {
    const beneath = memoryStore()
    await sealed(beneath, key).create('/secrets/a', bytes('the password'))
    await expect(sealed(beneath, other).get('/secrets/a')).rejects.toThrow('sealed with a key that is not here')
  })

  it('opens with former keys and seals with the newest, so that keys can be changed', async () => {
    const beneath = memoryStore()
    await sealed(beneath, key).create('/secrets/a', bytes('1'))
    const both = sealed(beneath, other, key)
    const { modRevision } = (await both.get('/secrets/a'))!
    await both.update('/secrets/a', bytes('2'), modRevision)
    expect(text((await sealed(beneath, other).get('/secrets/a'))?.value)).toBe('2')
    await expect(sealed(beneath, key).get('/secrets/a')).rejects.toThrow(StoreBrokenError)
  })

  it('leaves alone what is not its own, whatever it begins with, and what was stored before there was a seal', async () => {
    const beneath = memoryStore()
    await beneath.create('/maps/a', new Uint8Array([1, 2, 3]))
    await beneath.create('/secrets/old', bytes('{}'))
    const store = sealed(beneath, key)
    expect((await store.get('/maps/a'))?.value).toEqual(new Uint8Array([1, 2, 3]))
    expect(text((await store.get('/secrets/old'))?.value)).toBe('{}')
  })

  it('needs a key', () => {
    expect(() => sealed(memoryStore())).toThrow('expected at least one key')
  })
})

describe('sealingKeys', () => {
  it('makes one key that only its owner reads, and finds it again', () => {
    const directory = fresh()
    const [made, ...rest] = sealingKeys(directory)
    expect(made).toHaveLength(32)
    expect(rest).toEqual([])
    expect(sealingKeys(directory)).toEqual([made])
    expect(statSync(join(directory, 'sealing.key')).mode & 0o777).toBe(0o600)
  })

  it('reads several, the newest first', () => {
    const directory = fresh()
    writeFileSync(join(directory, 'sealing.key'), Buffer.concat([other, key]))
    expect(sealingKeys(directory)).toEqual([other, key])
  })

  it.each([0, 31, 33])('never takes a file of %d bytes for keys, nor replaces it', (length) => {
    const directory = fresh()
    writeFileSync(join(directory, 'sealing.key'), Buffer.alloc(length))
    expect(() => sealingKeys(directory)).toThrow(`holds no keys (${length} bytes, expected 32 for each)`)
    expect(statSync(join(directory, 'sealing.key')).size).toBe(length)
  })
})
