import { expect, test } from 'vitest'
import { merged, partOf } from './merge.ts'

const ref = (name: string) => ({ $ref: `#/definitions/${name}` })
const answers = (name: string) => ({ get: { responses: { 200: { schema: ref(name) } } } })
const kind = (group: string, name: string) => ({
  'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind: name }],
})

const other = {
  paths: {
    '/apis/wardle.io/v1': answers('List'),
    '/apis/wardle.io/v1/flunders': { ...answers('Flunder'), parameters: [{ $ref: '#/parameters/pretty-1' }] },
    '/apis/wardle.io/v10/flunders': answers('Later'),
    '/version': answers('Info'),
  },
  definitions: {
    List: { type: 'object' },
    Flunder: { properties: { metadata: ref('Meta') }, ...kind('wardle.io', 'Flunder') },
    Meta: { properties: { at: ref('Time') } },
    Time: { type: 'string' },
    Options: kind('wardle.io', 'Options'),
    Later: {},
    Info: {},
  },
  parameters: { 'pretty-1': { name: 'pretty' }, 'other-2': {} },
}

test('Of a document what one group version has and refers to is taken', () => {
  const part = partOf(other, 'wardle.io/v1')
  expect(Object.keys(part.paths!)).toEqual(['/apis/wardle.io/v1', '/apis/wardle.io/v1/flunders'])
  expect(Object.keys(part.definitions!).toSorted()).toEqual(['Flunder', 'List', 'Meta', 'Options', 'Time'])
  expect(Object.keys(part.parameters!)).toEqual(['pretty-1'])
})

test('What others say is added; a definition that says something else under the same name gets another one', () => {
  const own = {
    swagger: '2.0',
    paths: { '/apis/wardle.io/v1': { own: true } },
    definitions: { Meta: { description: 'ours' }, Time: { type: 'string' } },
    parameters: { 'pretty-1': { name: 'pretty' } },
  }
  const all = merged(own, [partOf(other, 'wardle.io/v1')])
  expect(all).toMatchObject({ swagger: '2.0', paths: { '/apis/wardle.io/v1': { own: true } } })
  expect(all.definitions).toMatchObject({
    Meta: { description: 'ours' },
    Meta_v2: { properties: { at: ref('Time') } },
    Flunder: { properties: { metadata: ref('Meta_v2') } },
    Time: { type: 'string' },
  })
  expect(Object.keys(all.definitions!)).not.toContain('Time_v2')
  expect(all.paths!['/apis/wardle.io/v1/flunders']).toMatchObject(answers('Flunder'))
  expect(own.definitions).not.toHaveProperty('Flunder')
})
