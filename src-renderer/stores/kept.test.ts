import { beforeEach, expect, it } from 'vitest'
import { effectScope, nextTick, queuePostFlushCb, watch } from 'vue'
import { kept } from './kept.ts'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

const inStorage = (key: string): unknown => JSON.parse(localStorage.getItem(key) ?? 'null')

it('keeps what is changed right after another change: a tab that is opened and begins in the same breath', async () => {
  const scope = effectScope()
  const tabs = scope.run(() => kept<Array<{ id: string; hasBegun?: true }>>('tabs', []))!
  scope.run(() =>
    watch(tabs, () => queuePostFlushCb(() => void (tabs.value[0]!.hasBegun = true)), { deep: true, once: true }),
  )
  tabs.value.push({ id: '1' })
  await nextTick()
  await nextTick()
  expect(inStorage('tabs')).toEqual([{ id: '1', hasBegun: true }])
  scope.stop()
})

it('begins with what was kept, texts as they are, and anew where that cannot be read', () => {
  localStorage.setItem('theme', 'dark')
  localStorage.setItem('width', '300')
  localStorage.setItem('broken', '{')
  const scope = effectScope()
  scope.run(() => {
    expect([kept('theme', 'light').value, kept('width', 100).value, kept('none', false).value]).toEqual([
      'dark',
      300,
      false,
    ])
    expect(kept('broken', { a: 1 }).value).toEqual({ a: 1 })
  })
  scope.stop()
})

it('follows other windows, and only for its own key', async () => {
  const scope = effectScope()
  const lists = scope.run(() => kept<string[]>('lists', []))!
  const tell = (key: string, newValue: string | null): void =>
    void window.dispatchEvent(new StorageEvent('storage', { key, newValue, storageArea: localStorage }))
  tell('others', '["x"]')
  expect(lists.value).toEqual([])
  tell('lists', '["a"]')
  expect(lists.value).toEqual(['a'])
  tell('lists', null)
  expect(lists.value).toEqual([])
  scope.stop()
  tell('lists', '["b"]')
  expect(lists.value).toEqual([])
})

it('may last only as long as the window', async () => {
  const scope = effectScope()
  const running = scope.run(() => kept<string[]>('running', [], sessionStorage))!
  running.value = ['1']
  await nextTick()
  expect([sessionStorage.getItem('running'), localStorage.getItem('running')]).toEqual(['["1"]', null])
  scope.stop()
})
