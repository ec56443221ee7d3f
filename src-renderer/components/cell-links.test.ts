import { mount } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { nextTick } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { column, name, named } from '../kinds/columns.ts'
import { hrefOfObject } from './object-of-href.ts'
import VirtualGrid from './VirtualGrid.vue'

const pod = partial<KubeObject>({ metadata: { name: 'web', namespace: 'shop' } })
const columns = [
  name,
  named(
    column('node', 100, () => 'n1'),
    'nodes',
  ),
  column('ip', 100, () => '10.0.0.7'),
]
const mountGrid = () =>
  mount(VirtualGrid, {
    attachTo: document.body,
    global: {
      plugins: [
        createI18n({ legacy: false, locale: 'en', messages: { en: {} }, missingWarn: false, fallbackWarn: false }),
      ],
    },
    props: {
      label: 'Pods',
      keys: ['shop/web'],
      columns,
      object: () => pod,
      href: ({ view, name: key }) => hrefOfObject({ cluster: 'dev', view, key }),
      selected: '',
      marked: new Set<string>(),
      sort: { column: 'name', descending: false },
      cameAt: new Map(),
    },
  })
let grid: ReturnType<typeof mountGrid>
async function linkOf(): Promise<HTMLAnchorElement> {
  grid = mountGrid()
  await nextTick()
  return grid.get<HTMLAnchorElement>('a').element
}
function press(link: HTMLElement, kind: string, keys: MouseEventInit = {}): boolean {
  const event = new MouseEvent(kind, { bubbles: true, cancelable: true, ...keys })
  link.dispatchEvent(event)
  return event.defaultPrevented
}
afterEach(() => grid.unmount())

it('a cell that names an object is a link to it, and no stop of the keyboard', async () => {
  const link = await linkOf()
  expect(grid.findAll('a').map((one) => one.text())).toEqual(['n1'])
  expect([link.getAttribute('href'), link.tabIndex]).toEqual(['#/c/dev/k/nodes?sel=n1', -1])
})

it('a click on it goes there, and its row is neither opened nor marked', async () => {
  const link = await linkOf()
  expect([press(link, 'mousedown'), press(link, 'click'), press(link, 'dblclick')]).toEqual([true, true, false])
  expect(grid.emitted('follow')).toEqual([['#/c/dev/k/nodes?sel=n1']])
  for (const event of ['open', 'mark', 'wide']) expect(grid.emitted(event)).toBeUndefined()
})

it('with Ctrl or Cmd it is left to the browser, with Shift it marks as the row does', async () => {
  const link = await linkOf()
  expect([press(link, 'click', { ctrlKey: true }), press(link, 'click', { metaKey: true })]).toEqual([false, false])
  expect([grid.emitted('follow'), grid.emitted('mark')]).toEqual([undefined, undefined])
  expect(press(link, 'click', { shiftKey: true })).toBe(true)
  expect(grid.emitted('markTo')).toEqual([['shop/web', '']])
  expect(grid.emitted('follow')).toBeUndefined()
})
