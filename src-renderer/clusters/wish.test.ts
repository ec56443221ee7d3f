import { expect, it } from 'vitest'
import { byField, emptyDraft, freeName, usualNodes, wishOf } from './wish.ts'

it('what was typed becomes a wish, without what was left empty', () => {
  expect(wishOf({ ...emptyDraft(), name: ' lab ', nodes: 0 })).toEqual({ name: 'lab', nodes: 0 })
  expect(wishOf({ name: 'lab', nodes: '2', port: '7443', snapshot: ' /tmp/a ' })).toEqual({
    name: 'lab',
    nodes: 2,
    port: 7443,
    snapshot: '/tmp/a',
  })
})

it('what is no number is refused by its field, never taken for another', () => {
  expect(wishOf({ ...emptyDraft(), name: 'lab', nodes: 'three', port: '1e3' })).toMatchObject({ nodes: -1, port: -1 })
})

it('suggests a name that is free and as many nodes as the memory holds', () => {
  expect([freeName([]), freeName(['drydock']), freeName(['drydock', 'lab', 'lab-2'])]).toEqual([
    'drydock',
    'lab',
    'lab-3',
  ])
  expect([usualNodes(undefined), usualNodes(2), usualNodes(30)]).toEqual([3, 2, 3])
})

it('one sentence a field is enough: the first', () => {
  const [first, second] = [
    { field: 'name', code: 'nameForm', facts: {} },
    { field: 'name', code: 'nameTaken', facts: {} },
  ] as const
  expect(byField([first, second])).toEqual({ name: first })
})
