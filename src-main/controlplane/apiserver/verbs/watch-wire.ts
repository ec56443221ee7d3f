import { encodeWatchEvent } from '../../../../src-kube/machinery/protobuf/watch-event.ts'
import { protobufOf } from '../http/exchange.ts'
import { PROTOBUF, type Negotiated } from '../http/negotiation.ts'

/** How the events of a watch travel (kubernetes.io, "Efficient detection of changes"). */
export interface Wire {
  contentType: string
  /** One event; its object names its kind. */
  event(type: string, object: object): Buffer
}

export const jsonLines: Wire = {
  contentType: 'application/json',
  event: (type, object) => Buffer.from(`${JSON.stringify({ type, object })}\n`),
}

const frames: Wire = {
  contentType: `${PROTOBUF};stream=watch`,
  event(type, object) {
    const { buffer, byteOffset, byteLength } = encodeWatchEvent(type, protobufOf(object))
    return Buffer.from(buffer, byteOffset, byteLength)
  },
}

/** Lines of JSON, or frames of protocol buffers. */
export const wireOf = ({ encoding }: Negotiated): Wire => (encoding === 'protobuf' ? frames : jsonLines)
