import { describe, expect, it } from 'vitest'
import { ref, shallowRef } from 'vue'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { createScopedList } from './scoped-list.ts'
import type { WatchHandlers } from './watch-list.ts'

const pod = (namespace: string, name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, resourceVersion: '1' } as KubeObject['metadata'],
})
const settled = (): Promise<void> => new Promise((done) => setTimeout(done))

/** A cluster whose person may list the namespaces in `allowed`; the whole of it by the name `*`. */
function cluster(allowed: string[], inScope: string[], only = false) {
  const scope = { names: shallowRef<readonly string[]>(inScope), only: ref(only) }
  const asked: string[] = []
  const timers: Array<{ ms: number; run: () => void }> = []
  const watches = new Map<string, { handlers: WatchHandlers; closed: boolean }>()
  const pods = [pod('a', 'one'), pod('b', 'two'), pod('c', 'three')]
  const list = createScopedList(
    (namespace = '*') => ({
      list() {
        asked.push(namespace)
        if (!allowed.includes(namespace))
          return Promise.reject(new StatusError(403, 'Forbidden', `pods is forbidden in ${namespace}`))
        const items = pods.filter(({ metadata }) => namespace === '*' || metadata.namespace === namespace)
        return Promise.resolve({ revision: '7', items })
      },
      watch(_, handlers) {
        const one = { handlers, closed: false }
        watches.set(namespace, one)
        handlers.opened()
        return { close: () => (one.closed = true) }
      },
      onOpen(listener) {
        listener()
        return () => undefined
      },
    }),
    scope,
    { schedule: (apply) => apply(), delay: (ms, run) => timers.push({ ms, run }) },
  )
  list.start()
  return {
    list,
    scope,
    asked,
    allowed,
    timers,
    watches,
    keys: () => [...list.objects.value.keys()].sort(),
    refused: () => list.refusals.value.map(({ namespace, error }) => `${namespace}: ${error.message}`),
    open: () => [...watches].filter(([, { closed }]) => !closed).map(([name]) => name),
  }
}

describe('the list of a kind for whoever may read some namespaces', () => {
  it('is one list and one watch where the whole cluster may be read', async () => {
    const { list, asked, open, keys } = cluster(['*'], ['a', 'b'])
    await settled()
    expect([asked, open(), keys(), list.isWhole.value]).toEqual([['*'], ['*'], ['a/one', 'b/two', 'c/three'], true])
  })

  it('is of each namespace of the scope, in one map, where it may not', async () => {
    const { list, asked, open, keys, refused } = cluster(['a', 'b'], ['a', 'b'])
    await settled()
    expect([asked, open(), keys()]).toEqual([
      ['*', 'a', 'b'],
      ['a', 'b'],
      ['a/one', 'b/two'],
    ])
    expect([list.state.value, list.error.value, list.isWhole.value, refused()]).toEqual(['live', undefined, false, []])
    expect(list.cameAt.size).toBe(0)
  })

  it('shows what is allowed, and names what is refused', async () => {
    const { list, keys, refused } = cluster(['a'], ['a', 'b'])
    await settled()
    expect([keys(), list.state.value, refused()]).toEqual([['a/one'], 'live', ['b: pods is forbidden in b']])
  })

  it('has failed where nothing is allowed, in the words of the server', async () => {
    const none = cluster([], ['a', 'b'])
    await settled()
    expect([none.list.state.value, none.list.error.value?.message]).toEqual(['failed', 'pods is forbidden in a'])
    const nowhere = cluster([], [])
    await settled()
    expect([nowhere.list.state.value, nowhere.refused()]).toEqual(['failed', ['undefined: pods is forbidden in *']])
  })

  it('takes up a namespace that is named later, and lets go of one that is not meant any more', async () => {
    const { scope, list, open, keys } = cluster(['a', 'b', 'c'], ['a', 'b'])
    await settled()
    scope.names.value = ['b', 'c']
    await settled()
    expect([open(), keys()]).toEqual([
      ['b', 'c'],
      ['b/two', 'c/three'],
    ])
    expect([list.state.value, list.cameAt.size]).toEqual(['live', 0])
  })

  it('asks again after a while, and reads the whole cluster once it may', async () => {
    const { allowed, timers, list, open, keys } = cluster(['a'], ['a'])
    await settled()
    expect(timers.map(({ ms }) => ms)).toEqual([30_000])
    allowed.push('*')
    timers[0]!.run()
    await settled()
    expect([open(), keys(), list.isWhole.value]).toEqual([['*'], ['a/one', 'b/two', 'c/three'], true])
  })

  it('goes on with namespaces when the right to the whole is taken away', async () => {
    const { allowed, timers, watches, open, keys } = cluster(['*', 'b'], ['b'])
    await settled()
    allowed.splice(0, 1)
    watches.get('*')!.closed = true
    watches.get('*')!.handlers.closed({ status: { code: 403 } })
    timers.at(-1)!.run()
    await settled()
    expect([open(), keys()]).toEqual([['b'], ['b/two']])
  })

  it('never asks for the whole of a cluster of which only some namespaces are meant', async () => {
    const { scope, asked, keys } = cluster(['*', 'a', 'b'], ['a'], true)
    await settled()
    expect([asked, keys()]).toEqual([['a'], ['a/one']])
    scope.only.value = false
    await settled()
    expect([asked, keys()]).toEqual([
      ['a', '*'],
      ['a/one', 'b/two', 'c/three'],
    ])
    scope.only.value = true
    await settled()
    expect(keys()).toEqual(['a/one'])
    scope.only.value = false
    await settled()
    expect(keys()).toEqual(['a/one', 'b/two', 'c/three'])
  })

  it('ends all watches when nobody looks any more', async () => {
    const { list, open } = cluster(['a', 'b'], ['a', 'b'])
    await settled()
    list.stop()
    expect(open()).toEqual([])
  })
})
