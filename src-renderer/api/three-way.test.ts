import { describe, expect, it } from 'vitest'
import { isSame, pathText, threeWay, type FieldPath } from './three-way.ts'

const before = {
  spec: {
    replicas: 1,
    containers: [
      { name: 'a', image: 'a:1' },
      { name: 'b', image: 'b:1' },
    ],
    args: ['x', 'y'],
  },
}
const mine = () => structuredClone(before)
const theirs = () => structuredClone(before)
const told = (changes: Array<{ path: FieldPath; mine?: unknown }>): string[] =>
  changes.map(({ path, mine: own }) => `${pathText(path)}${own ? ' both' : ''}`)

describe('a three-way merge', () => {
  it('keeps what each changed where the other did not', () => {
    const [m, t] = [mine(), theirs()]
    m.spec.containers[0]!.image = 'a:2'
    t.spec.containers[1]!.image = 'b:2'
    t.spec.replicas = 5
    const { value, changes } = threeWay(before, m, t, () => 'theirs')
    expect(value).toEqual({
      spec: {
        replicas: 5,
        containers: [
          { name: 'a', image: 'a:2' },
          { name: 'b', image: 'b:2' },
        ],
        args: ['x', 'y'],
      },
    })
    expect(told(changes)).toEqual(['.spec.replicas', '.spec.containers[name="b"].image'])
  })

  it('leaves the choice where both changed a field', () => {
    const [m, t] = [mine(), theirs()]
    m.spec.replicas = 3
    t.spec.replicas = 5
    for (const side of ['mine', 'theirs'] as const) {
      const { value, changes } = threeWay(before, m, t, () => side)
      expect(value).toMatchObject({ spec: { replicas: side === 'mine' ? 3 : 5 } })
      expect(changes).toEqual([{ path: ['spec', 'replicas'], before: 1, theirs: 5, mine: { value: 3 } }])
    }
  })

  it('has nothing to choose where both did the same', () => {
    const [m, t] = [mine(), theirs()]
    m.spec.replicas = t.spec.replicas = 4
    expect(threeWay(before, m, t, () => 'mine')).toEqual({ value: t, changes: [] })
  })

  it('treats lists without names as one value, and fields and items that come or go as changes', () => {
    const [m, t] = [mine(), theirs()]
    m.spec.args = ['mine']
    t.spec.args = ['theirs']
    t.spec.containers.pop()
    const label = { ...t, labels: { a: 'b' } }
    const { value, changes } = threeWay(before, m, label, () => 'mine')
    expect(value).toEqual({
      labels: { a: 'b' },
      spec: { replicas: 1, containers: [{ name: 'a', image: 'a:1' }], args: ['mine'] },
    })
    expect(told(changes)).toEqual(['.spec.containers[name="b"]', '.spec.args both', '.labels'])
  })

  it('merges what both added', () => {
    const { value } = threeWay({}, { data: { a: '1' } }, { data: { b: '2' } }, () => 'theirs')
    expect(value).toEqual({ data: { a: '1', b: '2' } })
  })

  it('compares without regard to the order of fields', () => {
    expect(isSame({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true)
    expect(isSame({ a: undefined }, { b: undefined })).toBe(false)
    expect(isSame([1], [1, 2])).toBe(false)
    expect(isSame(null, {})).toBe(false)
  })
})
