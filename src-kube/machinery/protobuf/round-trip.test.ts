import { describe, expect, it } from 'vitest'
import { findSchema, knownGroupVersions, knownTypes } from '../schema/index.ts'
import { randomObject } from '../testing/random-object.ts'
import { forSeeds } from '../testing/random.ts'
import { decodeProtobuf } from './decode.ts'
import { encodeProtobuf } from './encode.ts'

/** Every type that stands for itself in a request: it names its kind and has metadata. */
const kinds = knownGroupVersions()
  .flatMap((groupVersion) => knownTypes(groupVersion).map((type) => findSchema(groupVersion, type)!))
  .filter(({ fields }) => fields.has('apiVersion') && fields.has('kind') && fields.has('metadata'))
  .filter(({ type }) => type !== 'Table')

describe('protobuf', () => {
  it('knows the kinds of the API', () => {
    const names = kinds.map(({ groupVersion, type }) => `${groupVersion} ${type}`)
    expect(names.length).toBeGreaterThan(150)
    expect(names).toEqual(expect.arrayContaining(['v1 Pod', 'v1 PodList', 'apps/v1 Deployment', 'batch/v1 CronJob']))
  })

  it('has no form of a table, which is JSON only', () => {
    expect(() => encodeProtobuf({ apiVersion: 'meta/v1', kind: 'Table' })).toThrow(
      'does not implement the protobuf marshalling interface',
    )
  })

  it.each(kinds)('gives back any $type of $groupVersion as it was', (schema) => {
    forSeeds(4, (random) => {
      const object = { ...randomObject(random, schema), apiVersion: schema.groupVersion, kind: schema.type }
      expect(decodeProtobuf(encodeProtobuf(object))).toEqual(object)
    })
  })
})
