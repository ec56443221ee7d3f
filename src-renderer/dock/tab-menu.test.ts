import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { nameOfTab, useDock, type DockTab } from '../stores/dock.ts'
import { closedBy, tabChoices, type TabVerb } from './tab-menu.ts'

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})
const target = { namespace: 'shop', pod: 'a' }
const logs = (id: string): DockTab => ({ id, kind: 'logs', cluster: 'dev', title: id, target })
const offOf = (tab: DockTab, beside: DockTab[], movable = true): TabVerb[] =>
  tabChoices(tab, beside, movable).flatMap(({ verb, isOff }) => (isOff ? verb : []))

it('offers what changes something', () => {
  const [a, b] = [logs('a'), logs('b')]
  expect(offOf(a, [a, b])).toEqual([])
  expect(offOf(b, [a, b])).toEqual(['closeRight'])
  expect(offOf(a, [a], false)).toEqual(['move', 'closeOthers', 'closeRight', 'closeAll'])
  const shell: DockTab = {
    id: 's',
    kind: 'shell',
    cluster: 'dev',
    title: 's',
    namespace: 'x',
    pod: 'p',
    container: 'c',
  }
  expect(offOf(shell, [shell, a])).toEqual([])
  expect(offOf({ ...shell, temporary: true }, [shell, a])).toEqual(['duplicate'])
  const drain: DockTab = { id: 'd', kind: 'drain', cluster: 'dev', title: 'n1', node: 'n1' }
  expect(offOf(drain, [drain, a])).toEqual(['duplicate'])
})

it('closes one, the others, those behind it, or all of its side', () => {
  const tabs = ['a', 'b', 'c', 'd'].map(logs)
  const closed = (verb: TabVerb): string =>
    closedBy(verb, tabs[1]!, tabs)
      .map(({ id }) => id)
      .join('')
  expect((['close', 'closeOthers', 'closeRight', 'closeAll', 'rename', 'move'] as const).map(closed)).toEqual([
    'b',
    'acd',
    'cd',
    'abcd',
    '',
    '',
  ])
})

it('a tab has the name that it was given, and is still found for what it shows; its title gives that up', () => {
  const dock = useDock()
  dock.add({ kind: 'logs', cluster: 'dev', title: 'a', target })
  const [{ id }] = dock.tabs as [DockTab]
  dock.rename(id, 'the slow one')
  dock.add({ kind: 'logs', cluster: 'dev', title: 'a', target })
  expect(dock.tabs.map(nameOfTab)).toEqual(['the slow one'])
  dock.rename(id, 'a')
  expect(dock.tabs[0]).not.toHaveProperty('name')
})

it('a copy stands beside it and in front; of a console it is another one', () => {
  const dock = useDock()
  dock.add({ kind: 'kubectl', cluster: 'dev', title: 'kubectl', console: 'one', namespace: 'shop' })
  dock.add({ kind: 'logs', cluster: 'dev', title: 'a', target })
  const [first] = dock.tabs
  dock.change(first!.id, { line: 'get po -w' })
  dock.duplicate(first!.id)
  expect(dock.tabs.map(({ title }) => title)).toEqual(['kubectl', 'kubectl', 'a'])
  expect(dock.tabs[1]).toMatchObject({ namespace: 'shop', line: undefined })
  expect(dock.tabs[1]).not.toMatchObject({ console: 'one' })
  expect(dock.active.left).toBe(dock.tabs[1]!.id)
})
