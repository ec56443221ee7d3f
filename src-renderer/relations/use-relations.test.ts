import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, shallowRef } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import type { KindView } from '../kinds/view.ts'
import type { Known } from './join.ts'
import { useRelations } from './use-relations.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const view = (id: string) => ({ id, group: '', version: 'v1', resource: id }) as KindView

it('a map is made once every kind has answered, not of a part before', async () => {
  const answers = new Map<string, () => void>()
  const kube = {
    cluster: 'dev',
    get: (path: string) =>
      new Promise((done) => {
        answers.set(path.includes('pods') ? 'pods' : 'services', () =>
          done({ metadata: { resourceVersion: '1' }, items: [] }),
        )
      }),
    connection: {
      open: () => ({ close: () => undefined }),
      onOpen: (listener: () => void) => {
        listener()
        return () => undefined
      },
    },
  }
  const made: string[][] = []
  const make = (known: Known): number => made.push([...known.keys()].sort())
  let isReady = false
  const host = mount(
    defineComponent({
      setup() {
        const { ready } = useRelations(make)
        return () => String((isReady = ready.value))
      },
    }),
    {
      global: {
        provide: {
          [clusterKey as symbol]: partial<ClusterContext>({
            id: 'dev',
            kube,
            views: shallowRef([view('pods'), view('services')]),
          }),
        },
      },
    },
  )
  await vi.advanceTimersByTimeAsync(100)
  answers.get('pods')!()
  await vi.advanceTimersByTimeAsync(3000)
  expect([made, isReady]).toEqual([[[]], false])
  answers.get('services')!()
  await vi.advanceTimersByTimeAsync(600)
  expect([made.at(-1), isReady]).toEqual([['pods', 'services'], true])
  host.unmount()
})
