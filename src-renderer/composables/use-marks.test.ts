import { expect, it } from 'vitest'
import { effectScope, nextTick, shallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { isMarked, useMarks } from './use-marks.ts'

const named = (names: readonly string[]): Map<string, KubeObject> =>
  new Map(names.map((name) => [name, { metadata: { name, uid: name } } as KubeObject]))

function marking(names: readonly string[]) {
  const objects = shallowRef<ReadonlyMap<string, KubeObject>>(named(names))
  const marks = effectScope().run(() => useMarks({ objects }))!
  const namesAt = (key: string): string[] => marks.objectsAt(key).map(({ metadata }) => metadata.name)
  return { objects, marks, namesAt }
}

it('acts on all that are marked at a marked row, else on the row alone', () => {
  const { marks, namesAt } = marking(['a', 'b', 'c'])
  marks.toggle('c')
  marks.toggle('a')
  expect([namesAt('a'), namesAt('b'), namesAt('gone')]).toEqual([['c', 'a'], ['b'], []])
  marks.toggle('a')
  expect(namesAt('c')).toEqual(['c'])
})

it('marks all, and none when all are', () => {
  const { marks } = marking(['a', 'b'])
  marks.toggle('a')
  marks.toggleAll(['a', 'b'])
  expect([...marks.marked.value]).toEqual(['a', 'b'])
  marks.toggleAll(['a', 'b'])
  expect(marks.marked.value.size).toBe(0)
})

it('does not take others, as many, for all that are shown', () => {
  const { marks } = marking(['a', 'b'])
  marks.toggle('b')
  expect([isMarked(['a'], marks.marked.value), isMarked(['b'], marks.marked.value), isMarked([], new Set())]).toEqual([
    false,
    true,
    false,
  ])
  marks.toggleAll(['a'])
  expect([...marks.marked.value]).toEqual(['a'])
  marks.unmark()
  expect(marks.marked.value.size).toBe(0)
})

it('forgets what is gone', async () => {
  const { objects, marks } = marking(['a', 'b'])
  marks.toggleAll(['a', 'b'])
  objects.value = named(['b'])
  await nextTick()
  expect([...marks.marked.value]).toEqual(['b'])
})

it('marks a range from the row that was marked last, else from the one that has the cursor, up or down', () => {
  const { marks } = marking(['a', 'b', 'c', 'd', 'e'])
  const shown = ['e', 'd', 'c', 'b', 'a']
  marks.markTo('c', shown, 'd')
  expect([...marks.marked.value].sort()).toEqual(['c', 'd'])
  marks.unmark()
  marks.toggle('b')
  marks.markTo('d', shown, 'a')
  expect([...marks.marked.value].sort()).toEqual(['b', 'c', 'd'])
  // What is filtered out is no beginning.
  marks.unmark()
  marks.markTo('a', ['c', 'a'], 'e')
  expect([...marks.marked.value]).toEqual(['a'])
  marks.markAll(shown)
  expect(marks.marked.value.size).toBe(5)
})

it('keeps those marked for which an action failed, when it was done for others', async () => {
  const objects = shallowRef<ReadonlyMap<string, KubeObject>>(named(['a', 'b', 'c']))
  const settled = shallowRef<readonly KubeObject[]>([])
  const { marked, markAll } = effectScope().run(() => useMarks({ objects }, () => settled.value))!
  markAll(['a', 'b', 'c'])
  settled.value = [objects.value.get('a')!, objects.value.get('c')!]
  await nextTick()
  expect([...marked.value]).toEqual(['b'])
})
