import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import type { Plugin } from './framework/plugin.ts'
import { podInfoOf } from './framework/pod-info.ts'
import { prioritySort } from './plugins/priority-sort.ts'
import { SchedulingQueue } from './queue.ts'
import { node, pod } from './testing/arrange.ts'

const stubborn: Plugin = { name: 'Stubborn', mayHelp: () => false }
const hopeful: Plugin = { name: 'Hopeful', mayHelp: (event) => event.resource === 'node' }
const nodeAdded = { resource: 'node', action: 'add', node: node('n') } as const

function arrange() {
  const clock = new FakeClock()
  let ready = 0
  const entries: string[] = []
  const queue = new SchedulingQueue({
    clock,
    compare: prioritySort.queueSort!,
    onReady: () => void ready++,
    entered: (part, after) => void entries.push(`${part} ${after}`),
  })
  const add = (name: string, priority = 0) => queue.add(podInfoOf(pod(name, { priority })))
  const pop = () => queue.pop()?.info.pod.metadata.name
  return { clock, queue, add, pop, ready: () => ready, entries }
}

describe('scheduling queue', () => {
  it('gives the highest priority first, then who came first', async () => {
    const { clock, add, pop } = arrange()
    for (const [name, priority] of [
      ['a', 0],
      ['b', 5],
      ['c', 5],
      ['d', 9],
    ] as const) {
      add(name, priority)
      await clock.advance(1)
    }
    expect([pop(), pop(), pop(), pop(), pop()]).toEqual(['d', 'b', 'c', 'a', undefined])
  })

  it('backs off for a second, then two, and never more than ten', async () => {
    const { clock, queue, add } = arrange()
    add('a')
    for (const delay of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
      queue.giveBack(queue.pop()!, [])
      await clock.advance(delay - 1)
      expect(queue.counts.active).toBe(0)
      await clock.advance(1)
      expect(queue.counts.active).toBe(1)
    }
  })

  it('tells into which part pods come, and after what', async () => {
    const { clock, queue, add, entries } = arrange()
    add('a')
    queue.giveBack(queue.pop()!, [])
    await clock.advance(1000)
    queue.giveBack(queue.pop()!, [hopeful])
    queue.notice(nodeAdded)
    await clock.advance(2000)
    queue.giveBack(queue.pop()!, [hopeful])
    await clock.advance(330_000)
    queue.park(podInfoOf(pod('gated')), stubborn)
    expect(entries).toEqual([
      'active UnscheduledPodAdd',
      'backoff ScheduleAttemptFailure',
      'active BackoffComplete',
      'unschedulable ScheduleAttemptFailure',
      'backoff NodeAdd',
      'active BackoffComplete',
      'unschedulable ScheduleAttemptFailure',
      'active UnschedulableTimeout',
      'unschedulable UnscheduledPodAdd',
    ])
  })

  it('wakes an unschedulable pod only for what may help, and not before its back-off is over', async () => {
    const { clock, queue, add } = arrange()
    for (const [name, plugin] of [
      ['a', stubborn],
      ['b', hopeful],
    ] as const) {
      add(name)
      queue.giveBack(queue.pop()!, [plugin])
    }
    queue.notice(nodeAdded)
    expect(queue.counts).toEqual({ active: 0, backoff: 1, unschedulable: 1 })
    await clock.advance(1000)
    expect(queue.counts).toEqual({ active: 1, backoff: 0, unschedulable: 1 })
  })

  it('gives a refused pod that an event may help before its back-off ends when there is nothing else', () => {
    const { queue, add, pop, ready } = arrange()
    add('a')
    queue.giveBack(queue.pop()!, [hopeful])
    add('b')
    const before = ready()
    queue.notice(nodeAdded)
    expect(ready()).toBe(before + 1)
    expect([pop(), pop(), pop()]).toEqual(['b', 'a', undefined])
  })

  it('keeps a pod back that failed by an error, though there is nothing else', () => {
    const { queue, add, pop } = arrange()
    add('a')
    queue.giveBack(queue.pop()!, [])
    expect(pop()).toBeUndefined()
  })

  it('tries an unschedulable pod again after five minutes whatever happened', async () => {
    const { clock, queue, add } = arrange()
    add('a')
    queue.giveBack(queue.pop()!, [stubborn])
    await clock.advance(299_000)
    expect(queue.counts.unschedulable).toBe(1)
    await clock.advance(31_000)
    expect(queue.counts.active).toBe(1)
  })

  it('keeps a gated pod parked however long it takes', async () => {
    const { clock, queue } = arrange()
    queue.park(podInfoOf(pod('a')), { name: 'Gate', preEnqueue: () => 'closed', mayHelp: () => false })
    await clock.advance(900_000)
    expect(queue.counts).toEqual({ active: 0, backoff: 0, unschedulable: 1 })
  })

  it('forgets a pod wherever it is', () => {
    const { queue, add, pop } = arrange()
    for (const name of ['a', 'b', 'c']) add(name)
    queue.giveBack(queue.pop()!, [stubborn])
    queue.giveBack(queue.pop()!, [])
    for (const name of ['a', 'b', 'c']) queue.delete(`default/${name}`)
    expect(queue.counts).toEqual({ active: 0, backoff: 0, unschedulable: 0 })
    expect(pop()).toBeUndefined()
  })

  it('keeps its order when pods are taken from its middle', () => {
    const { queue, add, pop } = arrange()
    for (const n of [5, 3, 9, 1, 7, 8, 2]) add(`p${n}`, n)
    queue.delete('default/p7')
    queue.delete('default/p3')
    expect([pop(), pop(), pop(), pop(), pop()]).toEqual(['p9', 'p8', 'p5', 'p2', 'p1'])
  })
})
