import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { useDock, type NewDockTab } from '../stores/dock.ts'
import { sidesOf } from './sides.ts'

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})
const logs = (pod: string, cluster = 'dev'): NewDockTab => ({
  kind: 'logs',
  cluster,
  title: pod,
  target: { namespace: 'shop', pod },
})
/** `a *b | c`: the tabs of each side, the one in front with a star. */
function drawn(): string {
  const dock = useDock()
  const sides = sidesOf(
    dock.tabs.filter((tab) => tab.cluster === 'dev'),
    dock.active,
  )
  return sides
    .map(({ tabs, active }) => tabs.map((tab) => (tab === active ? `*${tab.title}` : tab.title)).join(' '))
    .join(' | ')
}
const idOf = (title: string): string => useDock().tabs.find((tab) => tab.title === title)!.id

it('stands in one row until a tab goes to the right; each side has its own in front', () => {
  const dock = useDock()
  for (const pod of ['a', 'b', 'c']) dock.add(logs(pod))
  expect(drawn()).toBe('a b *c')
  dock.moveTo(idOf('c'), 'right')
  expect(drawn()).toBe('a *b | *c')
  dock.activate(idOf('a'))
  expect(drawn()).toBe('*a b | *c')
})

it('opens a tab on the side that was used last, and what is open already where it stands', () => {
  const dock = useDock()
  for (const pod of ['a', 'b']) dock.add(logs(pod))
  dock.moveTo(idOf('b'), 'right')
  dock.add(logs('c'))
  expect(drawn()).toBe('*a | b *c')
  dock.add(logs('a'))
  dock.add(logs('d'))
  expect(drawn()).toBe('a *d | b *c')
  dock.add(logs('b'))
  expect(drawn()).toBe('a *d | *b c')
  expect(dock.tabs).toHaveLength(4)
})

it('is one row again when a side has lost its last tab, whichever it was', () => {
  const dock = useDock()
  for (const pod of ['a', 'b']) dock.add(logs(pod))
  dock.moveTo(idOf('b'), 'right')
  dock.remove(idOf('a'))
  expect(drawn()).toBe('*b')
  dock.add(logs('c'))
  expect(drawn()).toBe('b *c')
})

it('opens on the left when the side used last has no tab of this cluster', () => {
  const dock = useDock()
  dock.add(logs('x', 'lab'))
  dock.add(logs('y', 'lab'))
  dock.moveTo(dock.tabs[1]!.id, 'right')
  dock.add(logs('a'))
  expect(sidesOf(dock.tabs, dock.active).map(({ side, tabs }) => `${side} ${tabs.length}`)).toEqual([
    'left 2',
    'right 1',
  ])
})

it('brings the tab beside the one that is closed to the front, on its side only', () => {
  const dock = useDock()
  for (const pod of ['a', 'b', 'c', 'd']) dock.add(logs(pod))
  dock.moveTo(idOf('d'), 'right')
  dock.activate(idOf('b'))
  dock.remove(idOf('b'))
  expect(drawn()).toBe('*a c | *d')
  dock.remove(idOf('c'))
  expect(drawn()).toBe('*a | *d')
})
