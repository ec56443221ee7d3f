import { mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { computed } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { useMachines } from './machine-states.ts'

/** What a page of a cluster shows of the machine of `n1`; each look finds it in the next of these states. */
function setup(own: boolean, ...states: string[]) {
  const action = vi.fn<() => Promise<object>>(() =>
    Promise.resolve({ nodes: [{ name: 'n1', container: states.shift() }] }),
  )
  const cluster = partial<ClusterContext>({
    id: 'c',
    kube: { cluster: 'c', connection: { action } },
    summary: computed(() => ({ id: 'c', name: 'c', own, state: 'running' as const })),
  })
  const page = mount(
    {
      setup() {
        const { stateOf, forget } = useMachines()
        return { stateOf, forget }
      },
      template: '<button @click="forget">{{ stateOf("n1") ?? "unknown" }}</button>',
    },
    { global: { provide: { [clusterKey as symbol]: cluster } } },
  )
  return { page, action }
}

it('machines are looked at once somebody needs to know, and again after something was done to one', async () => {
  const { page, action } = setup(true, 'running', 'exited')
  expect(page.text()).toBe('unknown')
  await vi.waitFor(() => expect(page.text()).toBe('running'))
  expect(action).toHaveBeenCalledTimes(1)
  await page.trigger('click')
  await vi.waitFor(() => expect(page.text()).toBe('exited'))
  page.unmount()
})

it('a cluster of others has no machines of ours', () => {
  const { page, action } = setup(false)
  expect([page.text(), action.mock.calls.length]).toEqual(['unknown', 0])
  page.unmount()
})
