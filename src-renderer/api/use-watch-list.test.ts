import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, shallowRef, type EffectScope } from 'vue'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { KindView } from '../kinds/view.ts'
import type { Kube } from './kube.ts'
import { useWatchList } from './use-watch-list.ts'

const view = { id: 'pods', group: '', version: 'v1', resource: 'pods' } as KindView

/** A cluster that counts what it is asked. */
function cluster(name: string) {
  const asked = { lists: 0, watches: 0, closed: 0 }
  const kube = partial<Kube>({
    cluster: name,
    get: () => {
      asked.lists++
      return Promise.resolve({ metadata: { resourceVersion: '1' }, items: [] })
    },
    connection: {
      open: () => {
        asked.watches++
        return { close: () => asked.closed++ }
      },
      onOpen: (listener: () => void) => {
        listener()
        return () => undefined
      },
    },
  })
  const visit = (): EffectScope => {
    const scope = effectScope()
    scope.run(() => useWatchList(kube, view))
    return scope
  }
  return { asked, visit, kube }
}

describe('the lists that views share', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('are asked for once, however often a view comes and goes', async () => {
    const { asked, visit } = cluster('a')
    for (let i = 0; i < 20; i++) {
      const scope = visit()
      await vi.advanceTimersByTimeAsync(3_000)
      scope.stop()
      // In between nobody uses the list, also when an earlier leave is a minute ago.
      await vi.advanceTimersByTimeAsync(27_000)
    }
    expect(asked).toEqual({ lists: 1, watches: 1, closed: 0 })
  })

  it('tell their columns to a view that stands for the kind after discovery was asked anew', async () => {
    const columnDefinitions = [{ name: 'Ready', type: 'string' }]
    const kube = partial<Kube>({
      ...cluster('c').kube,
      get: () => Promise.resolve({ metadata: { resourceVersion: '1' }, rows: [], columnDefinitions }),
    })
    const made = (): KindView =>
      ({ ...view, id: 'certs', resource: 'certs', table: { columns: shallowRef([]) } }) as KindView
    const [first, second] = [made(), made()]
    const scope = effectScope()
    scope.run(() => useWatchList(kube, first))
    await vi.advanceTimersByTimeAsync(0)
    scope.run(() => useWatchList(kube, second))
    expect([first, second].map(({ table }) => table!.columns.value)).toEqual([columnDefinitions, columnDefinitions])
    scope.stop()
  })

  it('end a minute after their last view, and begin anew for the next', async () => {
    const { asked, visit } = cluster('b')
    visit().stop()
    await vi.advanceTimersByTimeAsync(59_000)
    expect(asked.closed).toBe(0)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(asked.closed).toBe(1)
    visit()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked.lists).toBe(2)
  })
})
