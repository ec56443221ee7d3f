import { describe, expect, it } from 'vitest'
import { watchEffect, nextTick } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { createWatchList, type WatchHandlers } from './watch-list.ts'

const pod = (name: string, resourceVersion: string): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', resourceVersion } }) as KubeObject

function setup() {
  const frames: Array<() => void> = []
  const timers: Array<() => void> = []
  const watches: Array<{ revision: string; handlers: WatchHandlers; closed: boolean }> = []
  let open: (() => void) | undefined
  const world = {
    lists: 0,
    listing: [pod('a', '1'), pod('b', '2')],
    parts: [] as KubeObject[][],
    refuse: undefined as Error | undefined,
    frame: () => frames.splice(0).forEach((run) => run()),
    tick: () => timers.splice(0).forEach((run) => run()),
    reconnect: () => open?.(),
    watches,
    get watch() {
      return watches.at(-1)!
    },
    frames,
    names: (): string[] =>
      [...list.objects.value.values()].map((o) => `${o.metadata.name}@${o.metadata.resourceVersion}`),
  }
  const list = createWatchList(
    {
      list: (part) => {
        world.lists++
        for (const items of world.parts) part(items)
        return world.refuse ? Promise.reject(world.refuse) : Promise.resolve({ revision: '10', items: world.listing })
      },
      watch(revision, handlers) {
        const watch = { revision, handlers, closed: false }
        watches.push(watch)
        return { close: () => void (watch.closed = true) }
      },
      onOpen(listener) {
        open = listener
        listener()
        return () => void (open = undefined)
      },
    },
    { schedule: (run) => frames.push(run), delay: (_ms, run) => timers.push(run), now: () => 5000 },
  )
  return { list, world }
}

async function live() {
  const { list, world } = setup()
  list.start()
  await nextTick()
  await nextTick()
  world.watch.handlers.opened()
  return { list, world }
}

describe('a watch list', () => {
  it('keeps no managed fields', async () => {
    const { list, world } = await live()
    const owned = pod('a', '3')
    owned.metadata.managedFields = [{ manager: 'm' }]
    world.watch.handlers.events([{ type: 'MODIFIED', object: owned }])
    world.frame()
    expect(list.objects.value.get('default/a')).toEqual(pod('a', '3'))
  })

  it('lists once, then watches from that revision', async () => {
    const { list, world } = await live()
    expect(world.names()).toEqual(['a@1', 'b@2'])
    expect(world.watches.map((w) => w.revision)).toEqual(['10'])
    expect(list.state.value).toBe('live')
  })

  it('applies all events of a frame at once: one render, the last state wins', async () => {
    const { list, world } = await live()
    let renders = 0
    const stop = watchEffect(() => void (list.objects.value.size, renders++), { flush: 'sync' })
    for (let i = 11; i < 111; i++) world.watch.handlers.events([{ type: 'MODIFIED', object: pod('a', String(i)) }])
    world.watch.handlers.events([
      { type: 'DELETED', object: pod('b', '111') },
      { type: 'ADDED', object: pod('c', '112') },
    ])
    expect(renders).toBe(1)
    expect(world.frames).toHaveLength(1)
    world.frame()
    expect(renders).toBe(2)
    expect(world.names()).toEqual(['a@110', 'c@112'])
    stop()
  })

  it('says what came and when, but neither of what was merely listed nor of what only changed', async () => {
    const { list, world } = await live()
    world.watch.handlers.events([
      { type: 'MODIFIED', object: pod('a', '11') },
      { type: 'ADDED', object: pod('e', '12') },
    ])
    world.frame()
    expect([...list.cameAt]).toEqual([['default/e', 5000]])
    world.watch.handlers.events([{ type: 'DELETED', object: pod('e', '13') }])
    world.frame()
    expect(list.cameAt.size).toBe(0)
  })

  it('keeps its data when the connection goes, says since when, and resumes from the last revision, bookmarks included', async () => {
    const { list, world } = await live()
    world.watch.handlers.events([{ type: 'BOOKMARK', object: pod('', '40') }])
    world.watch.handlers.closed({ lost: true })
    expect([list.state.value, list.since.value, world.names().length]).toEqual(['stale', 5000, 2])
    world.reconnect()
    expect(world.watch.revision).toBe('40')
    world.watch.handlers.opened()
    expect([list.state.value, world.lists]).toEqual(['live', 1])
  })

  it('lists anew on 410 and patches in only the difference', async () => {
    const { list, world } = await live()
    world.listing = [pod('b', '2'), pod('d', '50')]
    world.watch.handlers.closed({ status: { code: 410 } })
    await nextTick()
    await nextTick()
    expect(world.names()).toEqual(['b@2', 'd@50'])
    expect([...list.cameAt.keys()]).toEqual(['default/d'])
    expect(world.lists).toBe(2)
  })

  it('shows the first part of a long list at once, and what was listed so does not count as having come', async () => {
    const { list, world } = setup()
    world.parts = [[pod('a', '1')]]
    list.start()
    expect([world.names(), list.state.value]).toEqual([['a@1'], 'loading'])
    await nextTick()
    await nextTick()
    expect([world.names(), list.state.value, list.cameAt.size]).toEqual([['a@1', 'b@2'], 'live', 0])
  })

  it('patches a list that is known only when all of the new one is there', async () => {
    const { world } = await live()
    world.parts = [[pod('a', '70')]]
    world.listing = [pod('a', '70')]
    world.watch.handlers.closed({ status: { code: 410 } })
    expect(world.names()).toEqual(['a@1', 'b@2'])
    await nextTick()
    await nextTick()
    expect(world.names()).toEqual(['a@70'])
  })

  it('lists anew on an ERROR event', async () => {
    const { world } = await live()
    world.watch.handlers.events([{ type: 'ERROR', object: { code: 410 } }])
    await nextTick()
    expect(world.lists).toBe(2)
  })

  it('watches again, after a pause, when the server ends the watch', async () => {
    const { world } = await live()
    world.watch.handlers.closed({})
    expect(world.watches).toHaveLength(1)
    world.tick()
    expect(world.watches).toHaveLength(2)
    expect(world.lists).toBe(1)
  })

  it('says why it failed and tries again', async () => {
    const { list, world } = setup()
    world.refuse = new Error('pods is forbidden')
    list.start()
    await nextTick()
    await nextTick()
    expect([list.state.value, list.error.value?.message]).toEqual(['failed', 'pods is forbidden'])
    world.refuse = undefined
    world.tick()
    await nextTick()
    await nextTick()
    expect([list.state.value, list.error.value]).toEqual(['live', undefined])
  })

  it('says why its data is old while the server cannot be reached, until it can', async () => {
    const { list, world } = await live()
    world.watch.handlers.closed({ message: 'The cluster does not answer in time.' })
    expect([list.state.value, list.error.value?.message]).toEqual(['stale', 'The cluster does not answer in time.'])
    world.tick()
    world.watch.handlers.opened()
    expect([list.state.value, list.error.value]).toEqual(['live', undefined])
  })

  it('says what to do when the credentials end', async () => {
    const { list, world } = await live()
    world.watch.handlers.closed({ status: { code: 401, message: 'Unauthorized' } })
    expect([list.state.value, list.error.value?.message]).toEqual([
      'stale',
      expect.stringContaining('Sign in again as for kubectl'),
    ])
  })

  it('is listed every now and then where it may be listed and not watched', async () => {
    const { list, world } = await live()
    world.watch.handlers.closed({ status: { code: 403, message: 'cannot watch' } })
    expect([list.state.value, list.error.value, world.lists]).toEqual(['live', undefined, 1])
    world.tick()
    await nextTick()
    expect([list.state.value, world.lists]).toEqual(['live', 2])
  })

  it('is deaf after stop', async () => {
    const { list, world } = await live()
    const { handlers } = world.watch
    list.stop()
    expect(world.watch.closed).toBe(true)
    handlers.events([{ type: 'ADDED', object: pod('x', '99') }])
    world.frame()
    expect(world.names()).toHaveLength(2)
  })
})
