/** The part of etcd's API v3 (etcd.io, "etcd API": `etcdserverpb`, `mvccpb`) that a store needs, as bytes. */
import { ProtobufReader } from '../../../../src-kube/machinery/protobuf/reader.ts'
import { ProtobufWriter } from '../../../../src-kube/machinery/protobuf/writer.ts'
import type { Unless } from '../store.ts'
import { endOf } from './keys.ts'

/** A key's value; of a delete the key and its revision alone. */
export interface EtcdValue {
  key: string
  value: Uint8Array
  createRevision: number
  modRevision: number
}

/** What is read: one key, or all from `key` to before `end`; at a revision, or now (`etcdserverpb.RangeRequest`). */
export interface RangeRequest {
  key: string
  /** First key that is not asked for; only `key` itself when absent. */
  end?: string | undefined
  limit?: number | undefined
  revision?: number | undefined
  countOnly?: boolean
}

/** What was read, in the order of the keys. */
export interface RangeResponse {
  /** Of the whole store, whatever was asked for. */
  revision: number
  values: EtcdValue[]
  more: boolean
}

/** A write of a key that still stands at `expected` (0: that is not there); without a value its removal. */
export interface WriteRequest {
  key: string
  expected: number
  value: Uint8Array | undefined
  /** Refused as well when anything below a prefix, in etcd's own words, was written after a revision. */
  unless?: Unless | undefined
}

/** Whether a write that depends on a key's revision was done. */
export interface WriteResponse {
  succeeded: boolean
  /** Of the write, or of the look at what stood in its way. */
  revision: number
  /** What stands there when the write failed. */
  present: EtcdValue | undefined
}

/** Which keys are watched, from when on. */
export interface WatchRequest {
  key: string
  end: string
  /** The first revision of interest. */
  startRevision: number
}

/** A key that was written, or one that is gone: then `value` has its key and revision only. */
export interface WatchEvent {
  deleted: boolean
  value: EtcdValue
}

/** What a watch tells at once; one without events tells how far it has come. */
export interface WatchResponse {
  revision: number
  created: boolean
  canceled: boolean
  /** When it was canceled since its start is forgotten: the oldest revision that is not. */
  compactRevision: number
  reason: string
  /** More of the same revision is to come. */
  fragment: boolean
  events: WatchEvent[]
}

const EQUAL = 0
const LESS = 2
const MOD_REVISION = 2

const written = (write: (into: ProtobufWriter) => void): Uint8Array => {
  const writer = new ProtobufWriter()
  write(writer)
  return writer.written
}

const putRange = (into: ProtobufWriter, { key, end, limit, revision, countOnly }: RangeRequest): void => {
  into.text(1, key)
  if (end !== undefined) into.text(2, end)
  if (limit !== undefined) into.int(3, limit)
  if (revision !== undefined) into.int(4, revision)
  if (countOnly) into.int(9, 1)
}

export const encodeRange = (request: RangeRequest): Uint8Array => written((into) => putRange(into, request))

/** As a transaction: compare, then put or delete; else look at what is there. A range compares well when all in it does, and when it is empty. */
export const encodeWrite = ({ key, expected, value, unless }: WriteRequest): Uint8Array =>
  written((into) => {
    into.message(1, (compare) => {
      compare.int(1, EQUAL)
      compare.int(2, MOD_REVISION)
      compare.text(3, key)
      compare.int(6, expected)
    })
    if (unless)
      into.message(1, (compare) => {
        compare.int(1, LESS)
        compare.int(2, MOD_REVISION)
        compare.text(3, unless.prefix)
        compare.int(6, unless.writtenAfter + 1)
        compare.text(64, endOf(unless.prefix))
      })
    into.message(2, (success) =>
      success.message(value === undefined ? 3 : 2, (operation) => {
        operation.text(1, key)
        if (value !== undefined) operation.bytes(2, value)
      }),
    )
    into.message(3, (failure) => failure.message(1, (range) => putRange(range, { key })))
  })

export const encodeCompaction = (revision: number): Uint8Array => written((into) => into.int(1, revision))

export const encodeWatch = ({ key, end, startRevision }: WatchRequest): Uint8Array =>
  written((into) =>
    into.message(1, (create) => {
      create.text(1, key)
      create.text(2, end)
      create.int(3, startRevision)
      create.int(4, 1)
      create.int(8, 1)
    }),
  )

/** Asks a watch how far it has come. */
export const encodeProgress = (): Uint8Array => written((into) => into.message(3, () => {}))

type Fields = Record<number, (reader: ProtobufReader) => void>

/** Reads the fields that are named; others are skipped. */
function read(bytes: Uint8Array, fields: Fields): void {
  const reader = new ProtobufReader(bytes)
  while (!reader.done) {
    const { number, wire } = reader.tag()
    const field = fields[number]
    if (field) field(reader)
    else reader.skip(wire)
  }
}

function revisionOf(header: Uint8Array): number {
  let revision = 0
  read(header, { 3: (reader) => (revision = reader.int()) })
  return revision
}

function valueOf(bytes: Uint8Array): EtcdValue {
  const found: EtcdValue = { key: '', value: new Uint8Array(), createRevision: 0, modRevision: 0 }
  read(bytes, {
    1: (reader) => (found.key = reader.text()),
    2: (reader) => (found.createRevision = reader.int()),
    3: (reader) => (found.modRevision = reader.int()),
    5: (reader) => (found.value = reader.bytes()),
  })
  return found
}

/** Reads etcd's `RangeResponse`. Fields unknown here are passed over. */
export function decodeRange(bytes: Uint8Array): RangeResponse {
  const response: RangeResponse = { revision: 0, values: [], more: false }
  read(bytes, {
    1: (reader) => (response.revision = revisionOf(reader.bytes())),
    2: (reader) => response.values.push(valueOf(reader.bytes())),
    3: (reader) => (response.more = reader.int() !== 0),
  })
  return response
}

/** Reads the `TxnResponse` of {@link encodeWrite}: whether it was written, else what stood there. */
export function decodeWrite(bytes: Uint8Array): WriteResponse {
  const response: WriteResponse = { succeeded: false, revision: 0, present: undefined }
  read(bytes, {
    1: (reader) => (response.revision = revisionOf(reader.bytes())),
    2: (reader) => (response.succeeded = reader.int() !== 0),
    3: (reader) => read(reader.bytes(), { 1: (range) => (response.present = decodeRange(range.bytes()).values[0]) }),
  })
  return response
}

/** Reads etcd's `WatchResponse`. */
export function decodeWatch(bytes: Uint8Array): WatchResponse {
  const response: WatchResponse = {
    revision: 0,
    created: false,
    canceled: false,
    compactRevision: 0,
    reason: '',
    fragment: false,
    events: [],
  }
  read(bytes, {
    1: (reader) => (response.revision = revisionOf(reader.bytes())),
    3: (reader) => (response.created = reader.int() !== 0),
    4: (reader) => (response.canceled = reader.int() !== 0),
    5: (reader) => (response.compactRevision = reader.int()),
    6: (reader) => (response.reason = reader.text()),
    7: (reader) => (response.fragment = reader.int() !== 0),
    11: (reader) => response.events.push(eventOf(reader.bytes())),
  })
  return response
}

function eventOf(bytes: Uint8Array): WatchEvent {
  const event: WatchEvent = { deleted: false, value: valueOf(new Uint8Array()) }
  read(bytes, {
    1: (reader) => (event.deleted = reader.int() !== 0),
    2: (reader) => (event.value = valueOf(reader.bytes())),
  })
  return event
}
