import { ProtobufWriter } from './writer.ts'

/**
 * One event of a watch stream in protobuf: its length in four bytes, the highest first, then a `WatchEvent` of the type and the object's own
 * enveloped message (kubernetes.io, "Alternate representations of resources"). The event itself has no envelope.
 * @param object as `encodeProtobuf` gives it.
 */
export function encodeWatchEvent(type: string, object: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter()
  writer.raw([0, 0, 0, 0])
  writer.text(1, type)
  writer.message(2, (extension) => extension.bytes(1, object))
  const frame = writer.written
  new DataView(frame.buffer, frame.byteOffset).setUint32(0, frame.length - 4)
  return frame
}
