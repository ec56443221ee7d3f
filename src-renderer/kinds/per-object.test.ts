import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { perObject } from './per-object.ts'

it('asks once for each object, even when the answer is nothing', () => {
  const asked: string[] = []
  const lengthOf = perObject(({ metadata }) => {
    asked.push(metadata.name)
    return metadata.name === 'none' ? undefined : metadata.name.length
  })
  const one = { metadata: { name: 'one' } } as KubeObject
  const none = { metadata: { name: 'none' } } as KubeObject
  expect([lengthOf(one), lengthOf(one), lengthOf(none), lengthOf(none)]).toEqual([3, 3, undefined, undefined])
  expect(lengthOf({ ...one })).toBe(3)
  expect(asked).toEqual(['one', 'none', 'one'])
})
