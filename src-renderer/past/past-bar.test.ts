import { flushPromises, mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h, provide } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import { carryMoment } from './carry-moment.ts'
import PastBar from './PastBar.vue'
import { createPast, pastKey } from './use-past.ts'

/** The controls above a page of a cluster that keeps no history. */
async function arranged(path: string) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/c/:cluster', component: { template: '' } }],
  })
  carryMoment(router)
  await router.push(path)
  const asked: string[] = []
  const kube = {
    cluster: path,
    connection: { onOpen: () => () => undefined },
    get(one: string) {
      asked.push(one)
      return Promise.reject(new StatusError(404, 'NotFound', 'not found'))
    },
  }
  const context = partial<ClusterContext>({ id: 'dev', kube, view: () => undefined })
  const component = defineComponent({
    setup() {
      provide(clusterKey, context)
      provide(pastKey, createPast(context.kube))
      return () => h(PastBar)
    },
  })
  const page = mount(component, { global: { plugins: [router, createTranslations({ language: 'en' })] } })
  await flushPromises()
  return { page, router, asked }
}

it('says that what the address asks for is no time, and leads back to now', async () => {
  const { page, router, asked } = await arranged('/c/dev?at=yesterday&q=web')
  expect(page.get('[role=alert]').text()).toBe(
    '✕ The address asks for the moment “yesterday”, which is no time such as 2026-01-02T12:00:00Z. What is shown is now.',
  )
  expect(asked.some((path) => path.includes('at='))).toBe(false)
  await page.get('button').trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ q: 'web' })
  expect(page.find('section').exists()).toBe(false)
  page.unmount()
})

it('is not there where the address asks for nothing', async () => {
  const { page } = await arranged('/c/lab')
  expect(page.find('section').exists()).toBe(false)
  page.unmount()
})
