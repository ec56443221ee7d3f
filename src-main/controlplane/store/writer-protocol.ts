import type { Change } from './versioned-tree.ts'

/** What the store asks of its writer thread; each is answered once, in order. */
export type WriterRequest =
  | { id: number; type: 'commit'; batch: PackedBatch; time: number }
  | { id: number; type: 'compact'; revision: number }
  | { id: number; type: 'history'; before: number }
  | { id: number; type: 'snapshot'; path: string }
  | { id: number; type: 'close' }

export type WriterAnswer = { id: number; result?: unknown; error?: string }

/** A batch with all values in one buffer, which is handed over instead of copied. */
export interface PackedBatch {
  rows: Array<{ revision: number; key: string; created: number; length: number }>
  values: Uint8Array
}

/** `length` of a row without a value: a delete. */
const NONE = -1

export function pack(batch: readonly Change[]): PackedBatch {
  const values = new Uint8Array(batch.reduce((sum, change) => sum + (change.value?.length ?? 0), 0))
  let at = 0
  const rows = batch.map(({ revision, key, value, createRevision }) => {
    if (value) {
      values.set(value, at)
      at += value.length
    }
    return { revision, key, created: createRevision, length: value ? value.length : NONE }
  })
  return { rows, values }
}

export function unpack({ rows, values }: PackedBatch): Change[] {
  let at = 0
  return rows.map(({ revision, key, created, length }) => {
    const value = length === NONE ? undefined : values.subarray(at, at + length)
    if (value) at += length
    return { revision, key, value, createRevision: created }
  })
}
