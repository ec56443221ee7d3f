import { expect, test } from 'vitest'
import { fieldPath } from '../field-path.ts'
import { placeOfRule } from './rule-place.ts'
import type { JsonSchema } from './types.ts'

const text: JsonSchema = { type: 'string' }
const schema: JsonSchema = {
  type: 'object',
  properties: {
    a: { type: 'object', properties: { 'b.c': text, "it's": text } },
    map: { type: 'object', additionalProperties: { type: 'object', properties: { x: text } } },
    any: { type: 'object', additionalProperties: true },
    list: { type: 'array', items: text },
  },
}

test.each([
  ['.a', 'spec.a'],
  [".a['b.c']", 'spec.a.b.c'],
  [String.raw`['a']['it\'s']`, "spec.a.it's"],
  ['.map.key.x', 'spec.map[key].x'],
  [".map['key']", 'spec.map[key]'],
])('%s is %s', (path, place) => {
  expect(placeOfRule(path, schema, fieldPath('spec'))?.toString()).toBe(place)
})

test.each(['', 'a', '.', '..', '.b', '.a.d', '.list[0]', ".list['0']", '.any.x', '.a ', '.map.key.y', ".a['b.c'"])(
  'nothing is at %j',
  (path) => {
    expect(placeOfRule(path, schema, fieldPath('spec'))).toBeUndefined()
  },
)
