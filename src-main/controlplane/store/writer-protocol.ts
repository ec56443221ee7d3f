import type { Change } from './versioned-tree.ts'

/** What the store asks of its writer thread by message; each is answered once, before the next is asked. */
export type WriterRequest =
  | { type: 'commit'; record: Uint8Array; time: number }
  | { type: 'compact'; revision: number }
  | { type: 'history'; before: number }
  | { type: 'snapshot'; path: string }
  | { type: 'close' }

/** `error`: what went wrong, in words. */
export type WriterAnswer = { result?: unknown; error?: string; isFull?: boolean }

/**
 * Memory that both threads share. Each sleeps on the other's count (`Atomics.wait`, `waitAsync`), which wakes it in a tenth of the time that a
 * message takes; a commit is two wakings. A record of the commit log that fits the area lies there; everything else is a message.
 */
export interface Link {
  words: Int32Array
  /** The record: its head, which the log fills in, then the batch. */
  area: Uint8Array
  /** When the record's batch was committed, ms since the epoch. */
  time: Float64Array
  /** The newest revision that the database has, durably: up to here the past can be read from it. */
  settled: BigInt64Array
}

/** Words: how many requests and answers there were, bytes of the record in the area (0: see the port), whether the answer is at the port. */
export const ASKED = 0
export const ANSWERED = 1
export const RECORD_BYTES = 2
export const ANSWER_AT_PORT = 3
const WORDS = 4
const AREA = 1 << 20

/** Memory for one pair of threads. */
export const createLink = (): Link => ({
  words: new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)),
  area: new Uint8Array(new SharedArrayBuffer(AREA)),
  time: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
  settled: new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)),
})

/** Revision, creating revision, length of the key, length of the value. */
const HEAD = 8 + 8 + 4 + 4
/** Length of the value of a row that has none: a delete. */
const NONE = -1
const LONGEST_CHARACTER = 3

/** Most bytes that the batch can take. */
export const packedSize = (batch: readonly Change[]): number =>
  batch.reduce((sum, { key, value }) => sum + HEAD + key.length * LONGEST_CHARACTER + (value?.length ?? 0), 0)

/** Writes the batch into the area; answers the bytes it took. */
export function pack(batch: readonly Change[], area: Uint8Array): number {
  const bytes = Buffer.from(area.buffer, area.byteOffset, area.byteLength)
  let at = 0
  for (const { revision, key, value, createRevision } of batch) {
    const length = bytes.write(key, at + HEAD)
    bytes.writeDoubleLE(revision, at)
    bytes.writeDoubleLE(createRevision, at + 8)
    bytes.writeInt32LE(length, at + 16)
    bytes.writeInt32LE(value ? value.length : NONE, at + 20)
    at += HEAD + length
    if (!value) continue
    bytes.set(value, at)
    at += value.length
  }
  return at
}

/** The rows of a packed batch. Values are views of the area: valid until it is written again. */
export function* unpack(area: Uint8Array): Generator<Change> {
  const bytes = Buffer.from(area.buffer, area.byteOffset, area.byteLength)
  for (let at = 0; at < bytes.length;) {
    const keyEnd = at + HEAD + bytes.readInt32LE(at + 16)
    const length = bytes.readInt32LE(at + 20)
    const end = keyEnd + Math.max(length, 0)
    yield {
      revision: bytes.readDoubleLE(at),
      createRevision: bytes.readDoubleLE(at + 8),
      key: bytes.toString('utf8', at + HEAD, keyEnd),
      value: length === NONE ? undefined : bytes.subarray(keyEnd, end),
    }
    at = end
  }
}
