import { ProtobufReader } from '../../../../../src-kube/machinery/protobuf/reader.ts'

/** Every field of a message in order: its number, and its bytes or its number. */
export function fieldsOf(bytes: Uint8Array): Array<[number, Uint8Array | number]> {
  const reader = new ProtobufReader(bytes)
  const fields: Array<[number, Uint8Array | number]> = []
  while (!reader.done) {
    const { number, wire } = reader.tag()
    fields.push([number, wire === 0 ? reader.int() : wire === 1 ? reader.double() : reader.bytes()])
  }
  return fields
}

/** What lies below a path of field numbers; bytes at its end are text. */
export function at(bytes: Uint8Array, ...path: number[]): Array<string | number> {
  const [first, ...rest] = path
  const found = fieldsOf(bytes).filter(([number]) => number === first)
  return found.flatMap(([, value]) => {
    if (typeof value === 'number') return [value]
    return rest.length === 0 ? [Buffer.from(value).toString()] : at(value, ...rest)
  })
}
