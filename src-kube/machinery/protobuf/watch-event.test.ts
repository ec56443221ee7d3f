import { describe, expect, it } from 'vitest'
import { decodeProtobuf } from './decode.ts'
import { encodeProtobuf } from './encode.ts'
import { ProtobufReader } from './reader.ts'
import { encodeWatchEvent } from './watch-event.ts'

const text = new TextDecoder()

describe('an event of a watch in protobuf', () => {
  it('is framed by its length and carries the type and the enveloped object', () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { long: 'x'.repeat(70_000) } }
    const frame = encodeWatchEvent('ADDED', encodeProtobuf(object))
    expect(new DataView(frame.buffer).getUint32(0)).toBe(frame.length - 4)
    const event = new ProtobufReader(frame, 4)
    expect(event.tag()).toEqual({ number: 1, wire: 2 })
    expect(text.decode(event.bytes())).toBe('ADDED')
    expect(event.tag()).toEqual({ number: 2, wire: 2 })
    const extension = new ProtobufReader(event.bytes())
    expect(extension.tag()).toEqual({ number: 1, wire: 2 })
    expect(decodeProtobuf(extension.bytes())).toEqual(object)
    expect(event.done && extension.done).toBe(true)
  })

  it('begins as the API server writes it', () => {
    const frame = encodeWatchEvent('DELETED', encodeProtobuf({ apiVersion: 'v1', kind: 'Pod' }))
    const [length, type, object] = ['00000022', '0a0744454c45544544', '12170a15']
    expect(Buffer.from(frame).toString('hex')).toMatch(new RegExp(`^${length}${type}${object}6b387300`))
  })
})
