import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import type { PreferencesMessage } from '../../src-wire/gateway/preferences.ts'
import type { Connection } from '../api/connection.ts'
import { kept } from './kept.ts'
import { giveOwnIds } from './own-ids.ts'
import { sharePreferences } from './share-preferences.ts'
import { userStorage } from './user-storage.ts'

let scope: EffectScope
let stop: () => void
let sent: Array<Record<string, string | null>>
let refusal: string | undefined
let failures: string[]
const preferences = shallowRef<PreferencesMessage>()

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  sessionStorage.clear()
  preferences.value = undefined
  sent = []
  failures = []
  refusal = undefined
  scope = effectScope()
})
afterEach(() => {
  stop()
  scope.stop()
  vi.useRealTimers()
})

function begin(): void {
  const action = ((_cluster: string, _action: string, { values }: { values: Record<string, string | null> }) => {
    if (refusal) return Promise.reject(new Error(refusal))
    sent.push(values)
    return Promise.resolve(null)
  }) as Connection['action']
  stop = sharePreferences({ connection: { preferences, action }, failed: (why) => failures.push(why) })
}
const tell = (values: Record<string, string | null>, file?: string): void =>
  void (preferences.value = { type: 'preferences', file: file ?? 'f1', whole: file !== undefined, values })
const keep = <T>(key: string, initial: T) => scope.run(() => kept(key, initial))!
const soon = () => vi.advanceTimersByTimeAsync(250)

describe('what a person set', () => {
  it('goes to the gateway, gathered, once there is one that keeps it', async () => {
    const width = keep('drydock.drawerWidth', 520)
    begin()
    width.value = 530
    await nextTick()
    await soon()
    expect(sent).toEqual([])
    tell({}, '')
    width.value = 540
    await nextTick()
    await soon()
    expect(sent).toEqual([{ 'drydock.drawerWidth': '540' }])
    await soon()
    expect(sent).toHaveLength(1)
  })

  it('is taken over from other windows by all who keep it, without being sent back', async () => {
    const [theme, also] = [keep('drydock.theme', 'system'), keep('drydock.theme', 'system')]
    begin()
    tell({}, 'f1')
    tell({ 'drydock.theme': 'dark', 'drydock.unknown': 'x' })
    expect([theme.value, also.value, localStorage.getItem('drydock.unknown')]).toEqual(['dark', 'dark', null])
    tell({ 'drydock.theme': null })
    expect(theme.value).toBe('system')
    await soon()
    expect(sent).toEqual([])
  })

  it('is not taken back by what was set elsewhere before', async () => {
    const theme = keep('drydock.theme', 'system')
    begin()
    tell({ 'drydock.theme': 'light' }, 'f1')
    theme.value = 'dark'
    await nextTick()
    tell({ 'drydock.theme': 'contrast' })
    expect(theme.value).toBe('dark')
    await soon()
    expect(sent).toEqual([{ 'drydock.theme': 'dark' }])
    tell({ 'drydock.theme': 'contrast' })
    expect(theme.value).toBe('contrast')
  })

  it('that could not be sent is sent after a reload, and who set it is told once', async () => {
    const theme = keep('drydock.theme', 'system')
    begin()
    tell({ 'drydock.theme': 'light' }, 'f1')
    refusal = 'The disk is full.'
    for (const value of ['dark', 'contrast']) {
      theme.value = value
      await nextTick()
      await soon()
    }
    expect(failures).toEqual(['The disk is full.'])
    stop()
    refusal = undefined
    preferences.value = undefined
    begin()
    tell({ 'drydock.theme': 'light' }, 'f1')
    await soon()
    expect([theme.value, sent]).toEqual(['contrast', [{ 'drydock.theme': 'contrast' }]])
  })

  it('that is too long stays here and holds nothing up', async () => {
    begin()
    tell({}, 'f1')
    userStorage.setItem('drydock.draft.a', 'a'.repeat((1 << 20) + 1))
    userStorage.setItem('drydock.theme', 'dark')
    await soon()
    await soon()
    expect(sent).toEqual([{ 'drydock.theme': 'dark' }])
    expect(localStorage.getItem('drydock.draft.a')).toHaveLength((1 << 20) + 1)
  })
})

describe('a browser that meets what others kept', () => {
  it('brings along what it has: tables and lists of both, and of one text the one that is kept', async () => {
    localStorage.setItem('drydock.theme', 'light')
    localStorage.setItem('drydock.shell', 'zsh')
    localStorage.setItem('drydock.hiddenColumns', '{"pods":["ip"],"nodes":["a"]}')
    localStorage.setItem('drydock.lists', '[{"id":"m","name":"mine"},{"id":"b","name":"old"}]')
    localStorage.setItem('drydock.recent.x', '[1]')
    const lists = keep<Array<{ name: string }>>('drydock.lists', [])
    begin()
    const theirs = {
      'drydock.theme': 'dark',
      'drydock.hiddenColumns': '{"pods":["node"]}',
      'drydock.lists': '[{"id":"b","name":"both"}]',
    }
    tell(theirs, 'f1')
    expect(lists.value.map(({ name }) => name)).toEqual(['both', 'mine'])
    await soon()
    expect(localStorage.getItem('drydock.theme')).toBe('dark')
    expect(sent).toEqual([
      {
        'drydock.shell': 'zsh',
        'drydock.hiddenColumns': '{"pods":["node"],"nodes":["a"]}',
        'drydock.lists': '[{"id":"b","name":"both"},{"id":"m","name":"mine"}]',
      },
    ])
  })

  it('lets go of what was taken away elsewhere since it was here last, and keeps all where the file began anew', async () => {
    localStorage.setItem('drydock.preferences', 'f1')
    localStorage.setItem('drydock.draft.a', 'text')
    localStorage.setItem('drydock.theme', 'dark')
    begin()
    tell({ 'drydock.theme': 'dark' }, 'f1')
    expect(localStorage.getItem('drydock.draft.a')).toBeNull()
    tell({}, 'f2')
    expect(localStorage.getItem('drydock.theme')).toBe('dark')
    await soon()
    expect(sent).toEqual([{ 'drydock.theme': 'dark' }])
  })
})

it('tabs and lists that this browser numbered get ids that no other has, with their drafts, and once', () => {
  localStorage.setItem('drydock.lists', '[{"id":"1","name":"a"},{"id":"x","name":"b"}]')
  localStorage.setItem('drydock.dock', '[{"id":"1","kind":"edit"},{"id":"2","kind":"drain"}]')
  localStorage.setItem('drydock.dock.front', '{"left":"2","right":""}')
  localStorage.setItem('drydock.draft.1', 'text')
  localStorage.setItem('drydock.drains', '{"2":{"pods":[]}}')
  sessionStorage.setItem('drydock.drains.running', '["2"]')
  stop = () => undefined
  const ids = ['l', 'e', 'd']
  giveOwnIds(() => ids.shift()!)
  giveOwnIds(() => 'again')
  const all = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at)!)
  expect(Object.fromEntries(all.map((key) => [key, localStorage.getItem(key)]))).toEqual({
    'drydock.lists': '[{"id":"l","name":"a"},{"id":"x","name":"b"}]',
    'drydock.dock': '[{"id":"e","kind":"edit"},{"id":"d","kind":"drain"}]',
    'drydock.dock.front': '{"left":"d","right":""}',
    'drydock.draft.e': 'text',
    'drydock.drains': '{"d":{"pods":[]}}',
  })
  expect(sessionStorage.getItem('drydock.drains.running')).toBe('["d"]')
})
