import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { computed, shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { describe, expect, it, vi } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { deleteAction, describeAction } from '../actions/objects.ts'
import { terminalActions } from '../actions/terminals.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import { views } from '../kinds/index.ts'
import { pastKey, type Past } from '../past/use-past.ts'
import { useUi } from '../stores/ui.ts'
import { useActions } from './use-actions.ts'

const pods = views.find((view) => view.id === 'pods')!
const pod = partial<KubeObject>({ metadata: { name: 'web', namespace: 'blog' } })

/** The actions of a person who may read pods, in a cluster of their own or of others. */
async function actions(own: boolean) {
  const send = vi.fn<() => Promise<object>>(() =>
    Promise.resolve({
      object: { status: { resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods', 'pods/exec'] }] } },
      warnings: [],
    }),
  )
  const context = partial<ClusterContext>({
    id: 'c',
    kube: partial<ClusterContext['kube']>({ cluster: 'c', send: send as never }),
    summary: computed(() => ({ id: 'c', name: 'c', own, state: 'unknown' as const })),
  })
  let made: ReturnType<typeof useActions> | undefined
  const host = mount(
    {
      setup() {
        made = useActions()
        return () => null
      },
    },
    {
      global: {
        plugins: [
          createPinia(),
          createTranslations({ language: 'en' }),
          createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] }),
        ],
        provide: {
          [clusterKey as symbol]: context,
          [pastKey as symbol]: partial<Past>({ moment: shallowRef(undefined) }),
        },
      },
    },
  )
  made!.whyNot(deleteAction, pods, [pod])
  await vi.waitFor(() => expect(own || send.mock.results.length > 0).toBe(true))
  await Promise.resolve()
  return { ...made!, send, ui: useUi(), end: () => host.unmount() }
}

describe('what a person may not do', () => {
  it('is told with the right that is missing, and is not begun', async () => {
    const { whyNot, run, ui, end } = await actions(false)
    const words = 'You may not do this here: it needs the right to delete pods in blog.'
    await vi.waitFor(() => expect(whyNot(deleteAction, pods, [pod])).toBe(words))
    expect(whyNot(describeAction, pods, [pod])).toBe('')
    // The rules let it get what older servers ask for, and nothing create.
    expect(terminalActions.map((action) => whyNot(action, pods, [pod]) === '')).toEqual([true, false, false])
    await run(deleteAction, pods, [pod])
    expect([ui.question, ui.toasts.map(({ text }) => text)]).toEqual([undefined, [words]])
    end()
  })

  it('is nothing in a cluster of their own, which is not asked either', async () => {
    const { whyNot, send, end } = await actions(true)
    expect([whyNot(deleteAction, pods, [pod]), send.mock.calls.length]).toEqual(['', 0])
    end()
  })
})
