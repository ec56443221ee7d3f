import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { createTranslations } from '../i18n/index.ts'
import type { Meter } from '../kinds/view.ts'
import UsageMeter from './UsageMeter.vue'

const meter = (used: number, requests?: number, limits?: number): Meter => ({
  label: 'cpu',
  used,
  requests,
  limits,
  words: (value) => `${value}m`,
})
const show = (one: Meter) =>
  mount(UsageMeter, { props: { meter: one }, global: { plugins: [createTranslations({ language: 'en' })] } })

it('is as long as the limit, with a mark at what was asked for, and says all of it to who listens', () => {
  const shown = show(meter(50, 100, 200))
  const bar = shown.get('[role=meter]')
  expect(bar.attributes()).toMatchObject({
    'aria-valuenow': '50',
    'aria-valuemax': '200',
    'aria-valuetext': '50m, requested 100m, limit 200m',
  })
  expect(shown.get<HTMLElement>('.used').element.style.width).toBe('25%')
  expect(shown.get<HTMLElement>('.mark').element.style.left).toBe('50%')
})

it('warns by shape and word near a limit, and never for using more than was asked for', () => {
  expect(show(meter(190, 100, 200)).text()).toContain('▲ 190m')
  const above = show(meter(190, 100))
  expect(above.get<HTMLElement>('.used').element.style.width).toBe('100%')
  expect(above.text()).not.toContain('▲')
})

it('is a figure alone where nothing was asked for and everything is allowed', () => {
  const shown = show(meter(5))
  expect(shown.find('[role=meter]').exists()).toBe(false)
  expect(shown.text()).toContain('5m')
})
