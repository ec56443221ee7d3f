import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { createI18n } from 'vue-i18n'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { column } from '../kinds/columns.ts'
import GridRow from './GridRow.vue'

const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } }) as KubeObject
const plugins = [
  createI18n({ legacy: false, locale: 'en', messages: { en: {} }, missingWarn: false, fallbackWarn: false }),
]

/** A row in something that is drawn anew whenever its props are set; what the row listens with is another function each time. */
function mountRow(text?: () => string) {
  const drawn: string[] = []
  const value = ({ metadata }: KubeObject): string => {
    drawn.push(metadata.name)
    return metadata.name
  }
  const columns = [{ column: { ...column('shown', 100, value), ...(text ? { text } : {}) }, index: 2, room: 100 }]
  const host = mount(
    defineComponent({
      props: ['object', 'marked'],
      setup: (props) => () =>
        h(GridRow, {
          index: 4,
          start: 112,
          columns,
          object: props.object as KubeObject,
          marked: props.marked as boolean,
          selected: false,
          cursor: false,
          came: undefined,
          onOpen: () => undefined,
          onMark: () => undefined,
        }),
    }),
    { props: { object: pod('a'), marked: false }, global: { plugins } },
  )
  return { host, drawn }
}

it('a row says which one it is and where it stands', () => {
  const row = mountRow().host.get('[role=row]')
  expect([row.attributes('id'), row.attributes('aria-rowindex')]).toEqual(['row-4', '6'])
  expect(row.attributes('style')).toContain('translateY(112px)')
})

it('a row is drawn anew when its object is another, not when what listens to it is', async () => {
  const { host, drawn } = mountRow()
  const same = host.props('object') as KubeObject
  expect(drawn.splice(0)).toEqual(['a'])
  await host.setProps({ object: same })
  host.vm.$forceUpdate()
  await host.vm.$nextTick()
  expect(drawn.splice(0)).toEqual([])
  await host.setProps({ object: pod('b') })
  expect(drawn.splice(0)).toEqual(['b'])
})

it('a row whose cells tell more than its object follows that', async () => {
  const use = ref(1)
  const { host } = mountRow(() => `${use.value}m`)
  use.value = 2
  await nextTick()
  expect(host.get('[role=gridcell]:last-child').text()).toBe('2m')
})
