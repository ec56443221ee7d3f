import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { shallowRef } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { createTranslations } from '../i18n/index.ts'
import type { Moment } from '../past/moment.ts'
import { pastKey, type Past } from '../past/use-past.ts'
import UsageFrame from './UsageFrame.vue'

it('shows nothing before there is something, and in the past says that there is nothing of it', async () => {
  const moment = shallowRef<Moment>()
  const frame = mount(UsageFrame, {
    props: { shown: false },
    slots: { default: 'charts' },
    global: {
      plugins: [createTranslations({ language: 'en' })],
      provide: { [pastKey as symbol]: partial<Past>({ moment }) },
    },
  })
  expect(frame.text()).toBe('')
  await frame.setProps({ shown: true })
  expect(frame.text()).toBe('Usagecharts')
  moment.value = partial<Moment>({})
  await frame.vm.$nextTick()
  expect(frame.get('h3').text()).toBe('Usage')
  expect(frame.get('p').text()).not.toBe('')
  expect(frame.text()).not.toContain('charts')
  await frame.setProps({ shown: false })
  expect(frame.find('p').exists()).toBe(true)
})
