import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { h } from 'vue'
import { createTranslations } from '../i18n/index.ts'
import type { LogLine } from './log-lines.ts'
import LogText from './LogText.vue'
import { plainStyle, type TextStyle } from './text-style.ts'

const look = ({ colour, bold }: TextStyle) => ({
  ...(colour !== undefined && { color: `rgb(${colour}, 0, 0)` }),
  ...(bold && { fontWeight: '700' }),
})

function draw(line: Partial<LogLine>, more: { json?: boolean; pattern?: RegExp; open?: boolean } = {}) {
  const props = {
    line: { id: 1, source: '', time: '', text: '', ...line },
    view: { colours: true, json: more.json ?? false },
    pattern: more.pattern,
    look,
    open: more.open ?? false,
  }
  return mount(() => h('div', h(LogText, props)), { global: { plugins: [createTranslations({ language: 'en' })] } })
}

it('draws a line without colours as text alone', () => {
  const { element } = draw({ text: 'plain <b>' }).get('div')
  expect([element.childElementCount, element.textContent]).toEqual([0, 'plain <b>'])
})

it('draws what is coloured, and marks a find instead of colouring it', () => {
  const line = { text: 'no disk', styled: { raw: '\u001b[1mno\u001b[0m \u001b[31mdisk', from: plainStyle } }
  const [bold, , red] = draw(line).findAll('span')
  expect([bold!.element.style.fontWeight, red!.element.style.color]).toEqual(['700', 'rgb(1, 0, 0)'])
  const marked = draw(line, { pattern: /disk/g })
  expect(marked.get('mark').text()).toBe('disk')
  expect(marked.text()).toBe('no disk')
})

it('draws an object in words, its level coloured, and the line below when it is unfolded', async () => {
  const text = '{"level":"error","msg":"no disk"}'
  const drawn = draw({ text }, { json: true })
  expect(drawn.get('.failed').text()).toBe('ERROR')
  expect(drawn.text()).not.toContain(text)
  const unfold = drawn.get('button')
  expect(unfold.element.tabIndex).toBe(0)
  await unfold.trigger('click')
  expect(drawn.getComponent(LogText).emitted('unfold')).toHaveLength(1)
  expect(draw({ text }, { json: true, open: true }).get('.raw').text()).toBe(text)
})

it('has nothing to unfold where a line is no object', () => {
  expect(draw({ text: 'plain' }, { json: true }).find('button').exists()).toBe(false)
})
