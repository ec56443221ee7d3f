import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { computed, shallowRef } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { ClusterState, ClusterSummary } from '../../src-wire/gateway/messages.ts'
import type { Connection } from '../api/connection.ts'
import { clusterKey, connectionKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import { useMessages } from '../stores/messages.ts'
import ConnectionNotice from './ConnectionNotice.vue'

vi.mock('vue-router', () => ({ useRoute: () => ({ name: 'kind' }) }))

it.each<[string, boolean, ClusterState, number]>([
  ['keeps no failure of an own cluster that is only starting', true, 'starting', 0],
  ['keeps that a running cluster could not be asked', true, 'running', 1],
  ['keeps that a cluster of others could not be asked', false, 'unknown', 1],
])('%s, and tells it', (_, own, state, kept) => {
  const pinia = createPinia()
  setActivePinia(pinia)
  const summary = computed(() => partial<ClusterSummary>({ id: 'dev', own, state }))
  const page = mount(ConnectionNotice, {
    props: { error: 'It does not answer.' },
    global: {
      plugins: [pinia, createTranslations({ language: 'en' })],
      provide: {
        [clusterKey as symbol]: partial<ClusterContext>({ id: 'dev', summary }),
        [connectionKey as symbol]: partial<Connection>({
          state: shallowRef('open'),
          lostAt: shallowRef(undefined),
          isSignedOut: shallowRef(false),
        }),
      },
    },
  })
  expect(page.text()).toContain('It does not answer.')
  expect(useMessages().unseen).toBe(kept)
})

it('tells how to come back where the gateway has another link by now, not that it tries again', () => {
  setActivePinia(createPinia())
  const lost = { state: shallowRef('lost' as const), lostAt: shallowRef(1), isSignedOut: shallowRef(true) }
  const page = mount(ConnectionNotice, {
    props: { error: undefined },
    global: {
      plugins: [createTranslations({ language: 'en' })],
      provide: {
        [clusterKey as symbol]: partial<ClusterContext>({ id: 'dev', summary: computed(() => undefined) }),
        [connectionKey as symbol]: partial<Connection>(lost),
      },
    },
  })
  expect(page.text()).toContain('open it by the one that drydock status prints')
  expect(page.text()).not.toContain('Reconnecting')
})
