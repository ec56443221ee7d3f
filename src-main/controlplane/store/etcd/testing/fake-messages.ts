/** The other side of `messages.ts`: requests are read, answers written. */
import { ProtobufReader } from '../../../../../src-kube/machinery/protobuf/reader.ts'
import { ProtobufWriter } from '../../../../../src-kube/machinery/protobuf/writer.ts'
import type { FakeWrite } from './fake-history.ts'

/** Fields of a message by number: numbers as they are, all else as bytes; the last of each counts, or all of a list. */
export function fieldsOf(bytes: Uint8Array): {
  number(field: number): number
  bytes(field: number): Buffer | undefined
  list(field: number): Buffer[]
} {
  const found = new Map<number, number | Buffer>()
  const lists = new Map<number, Buffer[]>()
  const reader = new ProtobufReader(bytes)
  while (!reader.done) {
    const { number, wire } = reader.tag()
    if (wire === 0) {
      found.set(number, reader.int())
      continue
    }
    const value = Buffer.from(reader.bytes())
    found.set(number, value)
    lists.set(number, [...(lists.get(number) ?? []), value])
  }
  return {
    number: (field) => (found.get(field) as number | undefined) ?? 0,
    bytes: (field) => found.get(field) as Buffer | undefined,
    list: (field) => lists.get(field) ?? [],
  }
}

export function message(write: (into: ProtobufWriter) => void): Buffer {
  const writer = new ProtobufWriter()
  write(writer)
  return Buffer.from(writer.written)
}

export const header = (into: ProtobufWriter, revision: number): void => into.message(1, (head) => head.int(3, revision))

export function value(
  into: ProtobufWriter,
  field: number,
  { key, createRevision, modRevision, value: bytes }: FakeWrite,
): void {
  into.message(field, (kv) => {
    kv.text(1, key)
    kv.int(3, modRevision)
    if (!bytes) return
    kv.int(2, createRevision)
    kv.bytes(5, bytes)
  })
}

export interface FakeWatchAnswer {
  revision: number
  created?: boolean
  canceled?: boolean
  compactRevision?: number
  reason?: string
  fragment?: boolean
  events?: readonly FakeWrite[]
}

export const watchAnswer = (answer: FakeWatchAnswer): Buffer =>
  message((into) => {
    header(into, answer.revision)
    if (answer.created) into.int(3, 1)
    if (answer.canceled) into.int(4, 1)
    if (answer.compactRevision) into.int(5, answer.compactRevision)
    if (answer.reason) into.text(6, answer.reason)
    if (answer.fragment) into.int(7, 1)
    for (const write of answer.events ?? [])
      into.message(11, (event) => {
        if (!write.value) event.int(1, 1)
        value(event, 2, write)
      })
  })
