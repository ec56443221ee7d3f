import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ref, shallowRef } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { ClusterSummary } from '../../src-wire/gateway/messages.ts'
import type { Connection } from '../api/connection.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { noteOpened } from '../clusters/opened.ts'
import { useElsewhere, type Elsewhere } from './use-elsewhere.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const pods = {
  resource: 'pods',
  responseKind: { kind: 'Pod' },
  scope: 'Namespaced',
  verbs: ['list', 'watch'],
}
const bodies: Record<string, object> = {
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [{ metadata: {}, versions: [{ version: 'v1', resources: [pods] }] }],
  },
  '/apis': { kind: 'APIGroupDiscoveryList', items: [] },
}
const summary = (id: string, own: boolean, state: ClusterSummary['state']): ClusterSummary => ({
  id,
  name: id,
  own,
  state,
})

/** A palette in cluster `here`; each of the other clusters has the pods `web-0` to `web-9`. */
function setup() {
  const asked: string[] = []
  const text = ref('')
  const isOpen = ref(true)
  const items = Array.from({ length: 10 }, (_, at) => ({ metadata: { name: `web-${at}`, namespace: 'shop' } }))
  const connection = partial<Connection>({
    clusters: shallowRef([
      summary('here', true, 'running'),
      summary('staging', true, 'running'),
      summary('still', true, 'stopped'),
      summary('lab', false, 'unknown'),
      summary('prod', false, 'unknown'),
    ]),
    call: ({ cluster, path }: { cluster: string; path: string }) => {
      asked.push(cluster)
      const body = bodies[path] ?? { items }
      return Promise.resolve({ status: 200, contentType: '', warnings: [], text: JSON.stringify(body) })
    },
  })
  let made: Elsewhere | undefined
  const host = mount(
    {
      setup() {
        made = useElsewhere(text, () => isOpen.value)
        return () => null
      },
    },
    {
      global: {
        provide: {
          [clusterKey as symbol]: partial<ClusterContext>({ id: 'here', kube: { cluster: 'here', connection } }),
        },
      },
    },
  )
  return { asked, text, isOpen, elsewhere: made!, end: () => host.unmount() }
}

it('asks own clusters that run and others that were opened, once somebody stops typing a name', async () => {
  noteOpened('lab')
  const { asked, text, elsewhere, end } = setup()
  text.value = 'we'
  await vi.advanceTimersByTimeAsync(1000)
  expect([asked, elsewhere.unopened.value]).toEqual([[], []])
  text.value = 'web'
  await vi.advanceTimersByTimeAsync(300)
  expect(asked).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect([...new Set(asked)]).toEqual(['staging', 'lab'])
  expect(elsewhere.groups.value.map(({ name, count, objects }) => [name, count, objects.length])).toEqual([
    ['staging', 10, 8],
    ['lab', 10, 8],
  ])
  expect(elsewhere.unopened.value).toEqual(['prod'])
  const { length } = asked
  text.value = 'web-3'
  await vi.advanceTimersByTimeAsync(1000)
  expect([asked.length, elsewhere.groups.value[0]!.objects.map(({ key }) => key)]).toEqual([length, ['shop/web-3']])
  end()
})

it('lets go of what was found a while after it was closed', async () => {
  const { asked, text, isOpen, elsewhere, end } = setup()
  text.value = 'web'
  await vi.advanceTimersByTimeAsync(500)
  isOpen.value = false
  await vi.advanceTimersByTimeAsync(10_000)
  isOpen.value = true
  await vi.advanceTimersByTimeAsync(100_000)
  const { length } = asked
  expect(elsewhere.groups.value[0]!.count).toBe(10)
  isOpen.value = false
  await vi.advanceTimersByTimeAsync(31_000)
  isOpen.value = true
  expect(elsewhere.groups.value).toEqual([])
  await vi.advanceTimersByTimeAsync(500)
  expect(asked.length).toBe(2 * length)
  end()
})
