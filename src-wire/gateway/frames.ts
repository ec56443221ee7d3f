/** What a binary frame holds: the channels 0–2 are those of Kubernetes' own streaming protocols, 3 is the body of a reply, 4 a note of a console. */
export const channel = { stdin: 0, stdout: 1, stderr: 2, body: 3, note: 4 } as const
/** Which of the streams within a stream a frame is of. */
export type Channel = (typeof channel)[keyof typeof channel]

/** Bytes before the payload: the id (4, big-endian) and the channel (1). */
const HEADER_SIZE = 5

/** One binary message of the gateway's socket: bytes of the stream `id`, on one of the channels above. */
export interface Frame {
  id: number
  channel: number
  /** A view into the frame: copy it to keep it beyond the frame's life. */
  payload: Uint8Array
}

/** One binary message of the WebSocket: header, then payload, which is copied. */
export function encodeFrame(id: number, to: Channel, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_SIZE + payload.byteLength)
  new DataView(frame.buffer).setUint32(0, id)
  frame[4] = to
  frame.set(payload, HEADER_SIZE)
  return frame
}

/** Undefined when the bytes are too short to be a frame. */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  if (bytes.byteLength < HEADER_SIZE) return undefined
  const id = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
  return { id, channel: bytes[4]!, payload: bytes.subarray(HEADER_SIZE) }
}
