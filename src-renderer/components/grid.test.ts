import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { nextTick, shallowRef, triggerRef } from 'vue'
import { stableOrder } from '../composables/stable-order.ts'
import { formatAge } from '../composables/use-now.ts'
import { age, column, name, status } from '../kinds/columns.ts'
import type { ViewColumn } from '../kinds/view.ts'
import { views } from '../kinds/index.ts'
import { createRowOrder } from '../pages/row-order.ts'
import { indexRow } from '../pages/row-words.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { fitColumns } from './grid-columns.ts'
import { moveCursor, moveHead } from './grid-keys.ts'
import { rank } from './palette-rank.ts'
import VirtualGrid from './VirtualGrid.vue'

const pods = views.find((view) => view.id === 'pods')!
const pod = (podName: string, namespace: string, seconds: number, labels = {}): [string, KubeObject] => [
  `${namespace}/${podName}`,
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName, namespace, labels, creationTimestamp: new Date(seconds * 1000).toISOString() },
  } as KubeObject,
]
const objects = new Map([pod('b', 'x', 30), pod('a', 'x', 20, { app: 'web' }), pod('c', 'y', 10)])
const query = { namespaces: [], filter: '', sort: { column: 'name', descending: false } }
const listRows: (view: typeof pods, ...asked: Parameters<ReturnType<typeof createRowOrder>>) => readonly string[] = (
  view,
  ...asked
) => createRowOrder(view)(...asked)

describe('rows', () => {
  it('are sorted by a column, ages from the youngest', () => {
    expect(listRows(pods, objects, query)).toEqual(['x/a', 'x/b', 'y/c'])
    expect(listRows(pods, objects, { ...query, sort: { column: 'name', descending: true } })).toEqual([
      'y/c',
      'x/b',
      'x/a',
    ])
    expect(listRows(pods, objects, { ...query, sort: { column: 'age', descending: false } })).toEqual([
      'x/b',
      'x/a',
      'y/c',
    ])
  })

  it('are filtered by namespace, words and labels', () => {
    expect(listRows(pods, objects, { ...query, namespaces: ['y'] })).toEqual(['y/c'])
    expect(listRows(pods, objects, { ...query, filter: 'app=web' })).toEqual(['x/a'])
    expect(listRows(pods, objects, { ...query, filter: 'y c' })).toEqual(['y/c'])
  })

  it('are filtered by how objects fare', () => {
    const failed = pod('d', 'x', 5)
    Object.assign(failed[1], { status: { phase: 'Failed' } })
    const all = new Map([...objects, failed])
    expect(listRows(pods, all, { ...query, filter: 'is:failed' })).toEqual(['x/d'])
    expect(listRows(pods, all, { ...query, filter: 'is:unhealthy x' })).toEqual(['x/d'])
    expect(listRows(pods, all, { ...query, filter: 'is:ok' })).toEqual([])
  })

  it('are put into words once, ahead of the first filter: a key that is typed works out only what it found', () => {
    let worked = 0
    const counted = {
      ...pods,
      columns: pods.columns.map((each) => ({
        ...each,
        value: (object: KubeObject) => (worked++, each.value(object)),
      })),
    }
    const many = new Map(Array.from({ length: 10_000 }, (_, i) => pod(`pod-${i}`, `ns-${i % 10}`, i)))
    for (const object of many.values()) indexRow(counted, object)
    expect(worked).toBeGreaterThanOrEqual(10_000)
    worked = 0
    expect(listRows(counted, many, { ...query, filter: 'pod-99' })).toHaveLength(111)
    expect(worked).toBe(111)
  })

  it('follow what comes, goes and changes', () => {
    const order = createRowOrder(pods)
    expect(order(objects, query)).toEqual(['x/a', 'x/b', 'y/c'])
    const other = new Map([...objects].filter(([key]) => key !== 'x/b').concat([pod('0', 'x', 5)]))
    expect(order(other, query)).toEqual(['x/0', 'x/a', 'y/c'])
    const byAge = { ...query, sort: { column: 'age', descending: true } }
    expect(order(objects, byAge)).toEqual(['y/c', 'x/a', 'x/b'])
    expect(order(new Map([...objects, pod('c', 'y', 90)]), byAge)).toEqual(['x/a', 'x/b', 'y/c'])
    expect(order(objects, { ...query, namespaces: ['x'] })).toEqual(['x/a', 'x/b'])
    const labelled = new Map([...objects, pod('b', 'x', 30, { app: 'web' })])
    expect(order(labelled, { ...query, filter: 'app=web' })).toEqual(['x/a', 'x/b'])
    expect(order(objects, { ...query, filter: 'app=web' })).toEqual(['x/a'])
    expect(order(new Map(), { ...query, filter: 'app=web' })).toEqual([])
  })

  it('are the very answer of before while that still holds, so that nothing is drawn anew', () => {
    for (const asked of [
      query,
      { ...query, filter: 'app' },
      { ...query, sort: { column: 'status', descending: true } },
    ]) {
      const order = createRowOrder(pods)
      const before = order(objects, asked)
      expect(order(new Map([...objects, pod('c', 'y', 10)]), asked)).toBe(before)
      expect(stableOrder(before, before)).toBe(before)
    }
  })

  it('look at an object once for a question, however often it is asked', () => {
    const looked: string[] = []
    const view = { ...pods, health: (object: KubeObject) => (looked.push(object.metadata.name), pods.health!(object)) }
    const byStatus = { ...query, sort: { column: 'status', descending: false } }
    const order = createRowOrder(view)
    order(objects, byStatus)
    expect(looked.splice(0)).toEqual(['b', 'a', 'c'])
    order(new Map([...objects, pod('a', 'x', 20)]), byStatus)
    expect(looked).toEqual(['a'])
  })

  it('stay where they are while held: gone ones leave, new ones follow', () => {
    expect(stableOrder(['c', 'a', 'b'], ['a', 'c', 'd'])).toEqual(['c', 'a', 'd'])
  })
})

const mountGrid = (
  props: {
    columns?: ViewColumn[]
    scrollKey?: string
    widths?: Record<string, number>
    object?: (key: string) => KubeObject | undefined
    health?: typeof pods.health | undefined
    marked?: Set<string>
  } = {},
) =>
  mount(VirtualGrid, {
    attachTo: document.body,
    global: {
      plugins: [
        createI18n({ legacy: false, locale: 'en', messages: { en: {} }, missingWarn: false, fallbackWarn: false }),
      ],
    },
    props: {
      label: 'Pods',
      keys: ['x/a', 'x/b', 'y/c'],
      columns: pods.columns,
      object: (key: string) => objects.get(key),
      health: pods.health,
      selected: '',
      marked: new Set<string>(),
      sort: query.sort,
      cameAt: new Map(),
      ...props,
    },
  })

describe('the grid', () => {
  it('draws anew the rows that are another, and no more', async () => {
    const drawn: string[] = []
    const health = (object: KubeObject) => (drawn.push(object.metadata.name), pods.health!(object))
    const grid = mountGrid({ health })
    await nextTick()
    drawn.splice(0)
    await grid.setProps({ selected: 'x/b' })
    expect(drawn).toEqual(['b'])
    grid.unmount()
  })

  it('moves its cursor by keys and never out of bounds', () => {
    expect([
      moveCursor('ArrowDown', -1, 3, 10),
      moveCursor('ArrowUp', 0, 3, 10),
      moveCursor('PageDown', 0, 3, 10),
      moveCursor('End', 0, 3, 10),
    ]).toEqual([0, 0, 2, 2])
    expect(moveCursor('x', 0, 3, 10)).toBeUndefined()
    expect(moveCursor('ArrowDown', 0, 0, 10)).toBeUndefined()
  })

  it('gives keys to what is marked where no row has the cursor, and lets the box of a row take it', async () => {
    const grid = mountGrid()
    const keysOf = () => (grid.emitted('key') ?? []).map(([, key]) => key)
    await grid.get('[role=grid]').trigger('keydown', { key: 'Delete' })
    expect(keysOf()).toEqual([])
    await grid.setProps({ marked: new Set(['x/b', 'x/c']) })
    await grid.get('[role=grid]').trigger('keydown', { key: 'Delete' })
    expect(keysOf()).toEqual(['x/b'])
    await nextTick()
    await grid.find('.body .check').trigger('click')
    await grid.get('[role=grid]').trigger('keydown', { key: 'Delete' })
    expect(keysOf()).toEqual(['x/b', 'x/a'])
    grid.unmount()
  })

  it('says beside the name of what tells no status that it is being deleted, and nothing otherwise', async () => {
    const [, young] = pod('a', 'x', 1)
    const going = { ...young, metadata: { ...young.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    const grid = mountGrid({ health: undefined, object: (key) => (key === 'x/a' ? going : objects.get(key)) })
    await nextTick()
    const names = grid.findAll('.body [aria-colindex="2"]').map((cell) => cell.text())
    expect(names[0]).toContain('Terminating')
    expect(names[1]).toBe('b')
    grid.unmount()
  })

  it('moves between headers, never out of bounds, and down into the rows', () => {
    const moves = ['ArrowLeft', 'ArrowRight', 'Home', 'End', 'ArrowUp', 'ArrowDown', 'Escape', 'x']
    expect(moves.map((key) => moveHead(key, 0, 3))).toEqual([0, 1, 0, 3, 0, -1, -1, undefined])
    expect(moveHead('ArrowRight', 3, 3)).toBe(3)
  })

  it('drops columns from the right when it is narrow, never name or status', () => {
    const columns = [name, column('ip', 100, () => ''), status, column('node', 100, () => ''), age]
    expect(fitColumns(columns, 2000)).toHaveLength(5)
    expect(fitColumns(columns, 480).map((c) => c.id)).toEqual(['name', 'ip', 'status', 'age'])
    expect(fitColumns(columns, 430).map((c) => c.id)).toEqual(['name', 'status', 'age'])
    expect(fitColumns(columns, 10).map((c) => c.id)).toEqual(['name', 'status'])
  })

  it('keeps the namespace, which tells objects of one name apart, before all but name and status', () => {
    const columns = [name, column('namespace', 120, () => ''), status, column('node', 100, () => ''), age]
    expect(fitColumns(columns, 500).map((c) => c.id)).toEqual(['name', 'namespace', 'status', 'age'])
    expect(fitColumns(columns, 416).map((c) => c.id)).toEqual(['name', 'namespace', 'status'])
    expect(fitColumns(columns, 300).map((c) => c.id)).toEqual(['name', 'status'])
  })

  it('keep what an event says as long as they can, also in a window of 1024 pixels', () => {
    const events = views.find((view) => view.id === 'events')!
    expect(fitColumns(events.columns, 690).map((c) => c.id)).toContain('message')
    expect(fitColumns(events.columns, 690).map((c) => c.id)).not.toContain('count')
  })

  it('is one tab stop with rows as active descendants, and says what was chosen', async () => {
    const grid = mountGrid()
    const root = grid.get('[role=grid]')
    expect([root.attributes('tabindex'), root.attributes('aria-rowcount')]).toEqual(['0', '4'])
    await root.trigger('keydown', { key: 'j' })
    await root.trigger('keydown', { key: 'j' })
    await nextTick()
    expect(root.attributes('aria-activedescendant')).toBe('row-1')
    await root.trigger('keydown', { key: 'Enter' })
    await root.trigger('keydown', { key: ' ' })
    await root.trigger('keydown', { key: 'l' })
    expect([grid.emitted('open'), grid.emitted('mark')]).toEqual([[['x/b']], [['x/b']]])
    expect(grid.emitted('key')?.[0]?.[1]).toBe('x/b')
    expect(grid.get('[role=columnheader][aria-sort=ascending]').text()).toContain('columns.name')
    grid.unmount()
  })

  it('marks a range with Shift, single rows with Ctrl, all with Ctrl A, and opens nothing by it', async () => {
    const grid = mountGrid()
    const root = grid.get('[role=grid]')
    await root.trigger('keydown', { key: 'j' })
    await root.trigger('keydown', { key: 'ArrowDown', shiftKey: true })
    const row = (at: number) => grid.findAll('[role=row]').at(at + 1)!
    await row(2).trigger('click', { shiftKey: true })
    await row(0).trigger('click', { ctrlKey: true })
    await row(2).get('.check').trigger('click', { shiftKey: true })
    await root.trigger('keydown', { key: 'a', ctrlKey: true })
    expect(grid.emitted('markTo')).toEqual([
      ['x/b', 'x/a'],
      ['y/c', 'x/b'],
      ['y/c', 'x/a'],
    ])
    expect([grid.emitted('mark'), grid.emitted('markEvery'), grid.emitted('open')]).toEqual([
      [['x/a']],
      [[]],
      undefined,
    ])
    grid.unmount()
  })

  it('has a menu at each header, by right click and by key, that sorts and hides', async () => {
    const grid = mountGrid()
    const items = () => [...document.querySelectorAll<HTMLElement>('[role=menuitem]')]
    await grid.get('#head-node').trigger('contextmenu')
    items()[1]!.click()
    await nextTick()
    await grid.get('#head-node').trigger('contextmenu')
    items()[3]!.click()
    await nextTick()
    const root = grid.get('[role=grid]')
    for (const key of ['j', 'ArrowUp', '.']) await root.trigger('keydown', { key })
    expect(items().map((item) => item.getAttribute('aria-disabled'))).toEqual([null, null, null, 'true'])
    items()[3]!.click()
    expect([grid.emitted('order'), grid.emitted('hide')]).toEqual([[['node', true]], [['node']]])
    grid.unmount()
  })

  it('shows the box of a row as the row is, also when a range is marked that it was part of', async () => {
    const grid = mountGrid({ marked: new Set(['x/a']) })
    const box = grid.findAll('[role=row]').at(1)!.get<HTMLInputElement>('input')
    await box.trigger('click', { shiftKey: true })
    await nextTick()
    expect(box.element.checked).toBe(true)
    expect(grid.get<HTMLInputElement>('.head input').element.indeterminate).toBe(true)
    grid.unmount()
  })

  it('is sorted by keys alone: up from the first row into the headers, Enter on one', async () => {
    const grid = mountGrid()
    const root = grid.get('[role=grid]')
    const press = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await root.trigger('keydown', { key })
    }
    await press('j', 'ArrowUp')
    expect(root.attributes('aria-activedescendant')).toBe('head-name')
    await press('ArrowLeft', 'ArrowRight', 'Enter')
    expect(root.attributes('aria-activedescendant')).toBe(`head-${pods.columns[1]!.id}`)
    expect(grid.emitted('sort')).toEqual([[pods.columns[1]!.id]])
    await press('End', ' ')
    expect(grid.emitted('sort')?.at(-1)).toEqual([pods.columns.at(-1)!.id])
    await press('ArrowDown')
    expect(root.attributes('aria-activedescendant')).toBe('row-0')
    expect(grid.emitted('open')).toBeUndefined()
    grid.unmount()
  })

  it('makes a column wider or narrower by Alt and an arrow on its header', async () => {
    const grid = mountGrid({ widths: { name: 200 } })
    const root = grid.get('[role=grid]')
    for (const key of ['j', 'ArrowUp']) await root.trigger('keydown', { key })
    await root.trigger('keydown', { key: 'ArrowRight', altKey: true })
    await root.trigger('keydown', { key: 'ArrowLeft', altKey: true })
    expect(grid.emitted('width')).toEqual([
      ['name', 216],
      ['name', 184],
    ])
    expect(root.attributes('aria-activedescendant')).toBe('head-name')
    await root.trigger('keydown', { key: 'ArrowDown' })
    await root.trigger('keydown', { key: 'ArrowRight', altKey: true })
    expect(grid.emitted('width')).toHaveLength(2)
    grid.unmount()
  })

  it('draws a column as wide as its edge is dragged, never too narrow, and tells when it is let go', async () => {
    const grid = mountGrid()
    const head = grid.findComponent({ name: 'GridHead' })
    head.vm.$emit('resize', 'name', 312.4)
    await nextTick()
    expect(grid.get('[role=grid]').attributes('style')).toContain('312px')
    head.vm.$emit('resize', 'name', -5)
    head.vm.$emit('resized')
    expect(grid.emitted('width')).toEqual([['name', 48]])
    grid.unmount()
  })

  it('draws the row anew whose object changed, and the grid not for one that is out of sight', async () => {
    const map = new Map([...objects, pod('z', 'out', 1)])
    const live = shallowRef(map)
    let looks = 0
    const grid = mountGrid({ object: (key) => (looks++, live.value.get(key)) })
    const texts = (): string[] => grid.findAll('[role=rowgroup] [role=row]').map((row) => row.text())
    const before = grid.findAllComponents({ name: 'GridRow' })[0]!.vm.$.vnode
    map.set('out/z', { ...map.get('out/z')! })
    triggerRef(live)
    await nextTick()
    expect(looks).toBe(6)
    expect(grid.findAllComponents({ name: 'GridRow' })[0]!.vm.$.vnode).toBe(before)
    map.set('x/b', { ...map.get('x/b')!, status: { phase: 'Failed' } })
    triggerRef(live)
    await nextTick()
    expect(texts()[1]).toContain('Failed')
    expect(grid.findAllComponents({ name: 'GridRow' })[0]!.vm.$.vnode).not.toBe(before)
    grid.unmount()
  })

  it('counts all columns, shown or not, and finds its place again', async () => {
    const grid = mountGrid({ scrollKey: 'dev pods' })
    const root = grid.get('[role=grid]')
    expect(root.attributes('aria-colcount')).toBe(String(pods.columns.length + 1))
    const headers = grid.findAll('[role=columnheader]').map((one) => one.attributes('aria-colindex'))
    expect(headers).toEqual(Array.from({ length: pods.columns.length + 1 }, (_, at) => String(at + 1)))
    root.element.scrollTop = 140
    grid.unmount()
    const again = mountGrid({ scrollKey: 'dev pods' })
    await nextTick()
    await nextTick()
    expect(again.get('[role=grid]').element.scrollTop).toBe(140)
    again.unmount()
    const other = mountGrid({ scrollKey: 'dev nodes' })
    await nextTick()
    expect(other.get('[role=grid]').element.scrollTop).toBe(0)
    other.unmount()
  })
})

it('ages read as kubectl prints them', () => {
  const ages = [5, 119, 190, 600, 7200 * 2, 3600 * 7 + 60, 3600 * 47, 86_400 * 3].map((s) => formatAge(s * 1000))
  expect(ages).toEqual(['5s', '119s', '3m10s', '10m', '4h', '7h1m', '47h', '3d'])
})

it('the palette ranks beginnings over words over letters', () => {
  const found = rank(['my-deploy', 'deployments', 'd-e-x-p', 'redeploy', 'nothing'], 'dep', (text) => text)
  expect(found).toEqual(['deployments', 'my-deploy', 'redeploy', 'd-e-x-p'])
})
