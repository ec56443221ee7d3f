import { describe, expect, it } from 'vitest'
import { negotiate, negotiateStream, PROTOBUF } from './negotiation.ts'

const anything = (): boolean => true
const nothing = (): boolean => false
const TYPES = `only the following media types are accepted: application/json, application/yaml, ${PROTOBUF}`

describe('What a client accepts', () => {
  it('is JSON when it does not care', () => {
    for (const header of [undefined, '', '*/*', 'application/*', 'application/json, */*'])
      expect(negotiate(header, nothing).encoding).toBe('json')
  })

  it('is taken best first: by quality, then what is named before what is meant by a star, then as written', () => {
    expect(negotiate(`*/*, ${PROTOBUF}`, nothing).encoding).toBe('protobuf')
    expect(negotiate(`application/*, */*, application/yaml`, nothing).encoding).toBe('yaml')
    expect(negotiate(`${PROTOBUF};q=0.5, application/yaml`, nothing).encoding).toBe('yaml')
    expect(negotiate(`${PROTOBUF}, application/json`, nothing).encoding).toBe('protobuf')
  })

  it('skips types that are not written', () => {
    expect(negotiate('application/cbor, application/json;q=0.5', nothing).encoding).toBe('json')
    for (const type of ['text/html', 'constructor', '__proto__']) expect(() => negotiate(type, nothing)).toThrow(TYPES)
  })

  it('falls back where there are no protocol buffers, and is refused without a fallback', () => {
    expect(negotiate(`${PROTOBUF}, application/json`, nothing, { protobuf: false }).encoding).toBe('json')
    expect(() => negotiate(PROTOBUF, nothing, { protobuf: false })).toThrow(TYPES)
  })

  it('may be another form of the object, in any encoding that the form has', () => {
    const header = `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json`
    const form = { encoding: 'protobuf', as: 'PartialObjectMetadata', group: 'meta.k8s.io', version: 'v1' }
    expect(negotiate(header, anything, { protobuf: false })).toEqual(form)
    expect(negotiate(header, nothing, { protobuf: false })).toMatchObject({ encoding: 'json', as: undefined })
  })

  it('of a watch is not YAML', () => {
    expect(negotiateStream(`${PROTOBUF};stream=watch`, nothing).encoding).toBe('protobuf')
    expect(negotiateStream('application/json;stream=watch', nothing).encoding).toBe('json')
    expect(() => negotiateStream('application/yaml, application/json', nothing)).toThrow(
      `only the following media types are accepted: application/json;stream=watch, ${PROTOBUF};stream=watch`,
    )
  })
})
