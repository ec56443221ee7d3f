import { describe, expect, it } from 'vitest'
import { shallowRef } from 'vue'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { createWatchList, type WatchHandlers } from '../api/watch-list.ts'
import { inTime, type TimedSource } from './in-time.ts'
import type { Moment } from './moment.ts'

const object = (name: string, revision: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, resourceVersion: revision } as KubeObject['metadata'],
})
const settled = (): Promise<void> => new Promise((done) => setTimeout(done))

/** A list of a source of which now is `live`, and each revision is one object named after it. */
function arranged(first?: Moment) {
  const moment = shallowRef<Moment | undefined>(first)
  const watches: Array<{ handlers: WatchHandlers; closed: boolean }> = []
  const lists: Array<string | undefined> = []
  const gates: Array<() => void> = []
  let isHeld = false
  const source: TimedSource = {
    async list(asked) {
      lists.push(asked?.revision)
      if (isHeld) await new Promise<void>((open) => gates.push(open))
      return { revision: asked?.revision ?? '99', items: [object(asked ? `at-${asked.revision}` : 'live', '1')] }
    },
    watch(_, handlers) {
      const one = { handlers, closed: false }
      watches.push(one)
      return { close: () => (one.closed = true) }
    },
    onOpen(listener) {
      listener()
      return () => undefined
    },
  }
  const list = createWatchList(inTime(moment, source), { schedule: (apply) => apply(), delay: (_, run) => run() })
  list.start()
  return {
    moment,
    watches,
    lists,
    list,
    names: () => [...list.objects.value.keys()],
    hold: () => (isHeld = true),
    release() {
      isHeld = false
      for (const open of gates.splice(0)) open()
    },
  }
}

describe('a list that follows a moment', () => {
  it('is live without one, and watches', async () => {
    const { names, watches } = arranged()
    await settled()
    expect(names()).toEqual(['live'])
    watches[0]!.handlers.events([{ type: 'ADDED', object: object('more', '100') }])
    expect(names()).toEqual(['live', 'more'])
  })

  it('shows a moment without watching, then another, then now', async () => {
    const { moment, names, watches, lists, list } = arranged()
    await settled()
    moment.value = { at: 5, revision: '5' }
    await settled()
    expect(names()).toEqual(['at-5'])
    expect(watches.map(({ closed }) => closed)).toEqual([true])
    expect(list.state.value).toBe('live')
    moment.value = { at: 7, revision: '7' }
    await settled()
    expect(names()).toEqual(['at-7'])
    moment.value = undefined
    await settled()
    expect(names()).toEqual(['live'])
    expect(watches).toHaveLength(2)
    expect(lists).toEqual([undefined, '5', '7', undefined])
  })

  it('does not read anew for a moment of the same revision', async () => {
    const { moment, lists } = arranged({ at: 5, revision: '5' })
    await settled()
    moment.value = { at: 6, revision: '5' }
    await settled()
    expect(lists).toEqual(['5'])
  })

  it('shows the moment that was asked for last, also when it is asked for during a read', async () => {
    const { moment, names, hold, release } = arranged()
    await settled()
    hold()
    moment.value = { at: 5, revision: '5' }
    await settled()
    moment.value = { at: 7, revision: '7' }
    release()
    await settled()
    await settled()
    expect(names()).toEqual(['at-7'])
  })

  it('follows no more once it is stopped', async () => {
    const { moment, lists, list } = arranged()
    await settled()
    list.stop()
    moment.value = { at: 5, revision: '5' }
    await settled()
    expect(lists).toEqual([undefined])
  })
})
