import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import {
  StoreBrokenError,
  type RangeOptions,
  type RangeResult,
  type Store,
  type StoredValue,
  type StoreEvent,
  type Watch,
} from './store.ts'

/** First byte of a sealed value; plain JSON never starts with it. */
const SEALED = 1
const NONCE = 12
const TAG = 16

const KEY = 32

/**
 * The key of a cluster's secrets: 32 bytes in a file that only its owner reads, made (and forced to disk) when it is missing.
 * Throws when the file is there but no key.
 */
export function sealingKey(directory: string): Buffer {
  const file = join(directory, 'sealing.key')
  if (!existsSync(file)) {
    const handle = openSync(`${file}.new`, 'w', 0o600)
    writeSync(handle, randomBytes(KEY))
    fsyncSync(handle)
    closeSync(handle)
    renameSync(`${file}.new`, file)
  }
  const key = readFileSync(file)
  if (key.length !== KEY) throw new StoreBrokenError(`${file} holds no key (${key.length} bytes, ${KEY} expected)`)
  return key
}

/**
 * A store whose values below the prefixes are encrypted (AES-256-GCM, bound to their key) before they reach the one beneath it.
 * The same stored value always opens to the same object, so caches keyed by identity hold.
 */
export function sealedStore(store: Store, options: { prefixes: readonly string[]; key: Buffer }): Store {
  const opened = new WeakMap<StoredValue, StoredValue>()
  const isSealed = (key: string): boolean => options.prefixes.some((prefix) => key.startsWith(prefix))
  const seal = (key: string, value: Uint8Array): Uint8Array =>
    isSealed(key) ? encrypt(options.key, key, value) : value
  const open = (stored: StoredValue): StoredValue => {
    if (stored.value[0] !== SEALED) return stored
    let known = opened.get(stored)
    if (!known) opened.set(stored, (known = { ...stored, value: decrypt(options.key, stored.key, stored.value) }))
    return known
  }
  const openEvent = (event: StoreEvent): StoreEvent =>
    isSealed(event.current.key)
      ? { ...event, current: open(event.current), previous: event.previous && open(event.previous) }
      : event
  const openResult = (result: RangeResult): RangeResult => ({ ...result, items: result.items.map(open) })

  return {
    get revision() {
      return store.revision
    },
    get compactedRevision() {
      return store.compactedRevision
    },
    async get(key, at) {
      const found = await store.get(key, at)
      return found && open(found)
    },
    range: async (prefix: string, range?: RangeOptions) => openResult(await store.range(prefix, range)),
    create: async (key, value) => open(await store.create(key, seal(key, value))),
    update: async (key, value, expected) => open(await store.update(key, seal(key, value), expected)),
    delete: async (key, expected) => open(await store.delete(key, expected)),
    watch: (prefix, from) => openWatch(store.watch(prefix, from), openEvent),
    history: (prefix, from) => store.history(prefix, from).map(openEvent),
    observe: (listener) => store.observe((events) => listener(events.map(openEvent))),
    compact: (revision) => store.compact(revision),
    snapshot: (path) => store.snapshot(path),
    close: () => store.close(),
  }
}

function openWatch(watch: Watch, openEvent: (event: StoreEvent) => StoreEvent): Watch {
  return {
    close: () => watch.close(),
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
    async *[Symbol.asyncIterator]() {
      for await (const batch of watch) yield batch.map(openEvent)
    },
  }
}

function encrypt(key: Buffer, name: string, value: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(name))
  const sealed = Buffer.concat([cipher.update(value), cipher.final()])
  return Buffer.concat([Buffer.from([SEALED]), nonce, sealed, cipher.getAuthTag()])
}

function decrypt(key: Buffer, name: string, value: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, value.subarray(1, 1 + NONCE))
  decipher.setAAD(Buffer.from(name))
  decipher.setAuthTag(value.subarray(value.length - TAG))
  return Buffer.concat([decipher.update(value.subarray(1 + NONCE, value.length - TAG)), decipher.final()])
}
