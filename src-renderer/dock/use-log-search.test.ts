import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { computed, effectScope, nextTick, shallowRef, triggerRef, type EffectScope } from 'vue'
import type { LogLine } from './log-lines.ts'
import { useLogSearch, type LogSearch } from './use-log-search.ts'

let last = 0
const line = (text: string): LogLine => ({ id: ++last, source: '', time: '', text })
const lines = shallowRef<LogLine[]>([])
let scope: EffectScope
let seeking: LogSearch

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
  scope?.stop()
  scope = effectScope()
  lines.value = ['a 1', 'error one', 'b 2', 'error two', 'c 3', 'Error three'].map(line)
  seeking = scope.run(() => useLogSearch(computed(() => lines.value.slice())))!
})
const textOf = (found: LogLine | undefined): string | undefined => found?.text

it('counts the lines that match and shows all of them among the others', () => {
  seeking.text.value = 'error'
  expect(seeking.hits.value.map(textOf)).toEqual(['error one', 'error two', 'Error three'])
  expect(seeking.shown.value).toHaveLength(6)
  seeking.matchCase.value = true
  expect(seeking.hits.value).toHaveLength(2)
})

it('leaves out the other lines when asked to', () => {
  seeking.text.value = 'error t'
  seeking.onlyHits.value = true
  expect(seeking.shown.value.map(textOf)).toEqual(['error two', 'Error three'])
  seeking.text.value = ''
  expect(seeking.shown.value).toHaveLength(6)
})

it('goes from what is on screen to the next find, then from find to find, and round', () => {
  seeking.text.value = 'error'
  expect(textOf(seeking.step(1, 2))).toBe('error two')
  expect(seeking.position.value).toBe(2)
  expect(textOf(seeking.step(1, 0))).toBe('Error three')
  expect(textOf(seeking.step(1, 0))).toBe('error one')
  expect(textOf(seeking.step(-1, 0))).toBe('Error three')
})

it('goes up first when asked to, and begins at the end when nothing is above', async () => {
  seeking.text.value = 'error'
  expect(textOf(seeking.step(-1, 2))).toBe('error one')
  seeking.text.value = 'three'
  await nextTick()
  expect(textOf(seeking.step(-1, 2))).toBe('Error three')
})

it('has nowhere to go without a find, and forgets its place with another search', async () => {
  seeking.text.value = 'nowhere'
  expect(seeking.step(1, 0)).toBeUndefined()
  expect(seeking.position.value).toBe(0)
  seeking.text.value = 'error'
  seeking.step(1, 0)
  seeking.text.value = 'err'
  await nextTick()
  expect(seeking.position.value).toBe(0)
})

it('keeps its place while lines come and go', () => {
  seeking.text.value = 'error'
  seeking.step(1, 3)
  lines.value.push(line('error four'))
  lines.value.splice(0, 2)
  triggerRef(lines)
  expect([seeking.position.value, seeking.hits.value.length]).toEqual([1, 3])
})

it('looks at each line once for a pattern', () => {
  let looked = 0
  const watched = Object.defineProperty(line(''), 'text', { get: () => `error ${++looked}` })
  lines.value = [watched]
  seeking.text.value = 'error'
  expect(seeking.hits.value).toHaveLength(1)
  lines.value.push(line('an error more'))
  triggerRef(lines)
  expect(seeking.hits.value).toHaveLength(2)
  expect(looked).toBe(1)
  seeking.text.value = 'err'
  expect(seeking.hits.value).toHaveLength(2)
  expect(looked).toBe(2)
})
