import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from './durable-file.ts'
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
 * The keys of a cluster's secrets, from a file that only its owner reads, made with one (and forced to disk) when it is missing: 32
 * bytes each. The first seals; the others are former ones that still open, so that a key is changed by putting a new one in front,
 * as in a list of Kubernetes' EncryptionConfiguration. Throws when the file is there but holds no keys.
 */
export function sealingKeys(directory: string): Buffer[] {
  const file = join(directory, 'sealing.key')
  if (!existsSync(file)) writeDurably(file, randomBytes(KEY))
  const bytes = readFileSync(file)
  if (bytes.length === 0 || bytes.length % KEY !== 0)
    throw new StoreBrokenError(`${file} holds no keys (${bytes.length} bytes, expected ${KEY} for each)`)
  return Array.from({ length: bytes.length / KEY }, (_, i) => bytes.subarray(i * KEY, (i + 1) * KEY))
}

/** Which values are encrypted, and with what; keys are of 32 bytes. */
export interface SealOptions {
  /** Of the keys whose values are sealed. */
  prefixes: readonly string[]
  /** The first seals, every one opens. */
  keys: readonly Buffer[]
}

/**
 * A store whose values below the prefixes are encrypted (AES-256-GCM, bound to their key) before they reach the one beneath it.
 * The same stored value always opens to the same object, so caches keyed by identity hold. A value that none of the keys opens
 * is a `StoreBrokenError`.
 */
export function sealedStore(store: Store, options: SealOptions): Store {
  const { isSealed, seal, open, openEvent } = sealing(options)
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
    create: (key, value, unless) =>
      isSealed(key) ? store.create(key, seal(key, value), unless).then(open) : store.create(key, value, unless),
    update: (key, value, expected, unless) =>
      isSealed(key)
        ? store.update(key, seal(key, value), expected, unless).then(open)
        : store.update(key, value, expected, unless),
    delete: async (key, expected) => open(await store.delete(key, expected)),
    watch: (prefix, from) => openWatch(store.watch(prefix, from), openEvent),
    history: (prefix, from) => store.history(prefix, from).map(openEvent),
    revisions: (key) => store.revisions(key).map(({ stored, deleted }) => ({ stored: open(stored), deleted })),
    timeOf: (revision) => store.timeOf(revision),
    revisionAt: (time) => store.revisionAt(time),
    get historyBegins() {
      return store.historyBegins
    },
    observe: (listener) => store.observe((events) => listener(events.map(openEvent))),
    compact: (revision) => store.compact(revision),
    snapshot: (path) => store.snapshot(path),
    ...(store.caughtUp ? { caughtUp: () => store.caughtUp!() } : {}),
    ...(store.check ? { check: () => store.check!() } : {}),
    close: () => store.close(),
  }
}

function sealing({ prefixes, keys }: SealOptions) {
  const current = keys[0]
  if (!current) throw new RangeError('expected at least one key to seal with')
  const opened = new WeakMap<StoredValue, StoredValue>()
  const isSealed = (key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix))
  const seal = (key: string, value: Uint8Array): Uint8Array => encrypt(current, key, value)
  const open = (stored: StoredValue): StoredValue => {
    if (!isSealed(stored.key)) return stored
    let known = opened.get(stored)
    if (known) return known
    const { key, value, createRevision, modRevision } = stored
    if (value[0] !== SEALED) return stored
    known = { key, value: decrypt(keys, key, value), createRevision, modRevision }
    opened.set(stored, known)
    return known
  }
  const openEvent = (event: StoreEvent): StoreEvent =>
    isSealed(event.current.key)
      ? { ...event, current: open(event.current), previous: event.previous && open(event.previous) }
      : event
  return { isSealed, seal, open, openEvent }
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

function decrypt(keys: readonly Buffer[], name: string, value: Uint8Array): Uint8Array {
  let failure: unknown
  for (const key of keys) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, value.subarray(1, 1 + NONCE))
      decipher.setAAD(Buffer.from(name))
      decipher.setAuthTag(value.subarray(value.length - TAG))
      return Buffer.concat([decipher.update(value.subarray(1 + NONCE, value.length - TAG)), decipher.final()])
    } catch (error) {
      failure = error
    }
  }
  throw new StoreBrokenError(`${name} cannot be opened: it was changed, or sealed with a key that is not here`, {
    cause: failure,
  })
}
