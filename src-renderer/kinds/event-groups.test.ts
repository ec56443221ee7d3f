import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { eventCount, eventLink, eventObject, gatherEvents } from './event-groups.ts'

const event = (name: string, pod: string, message: string, minute: number, more: object = {}): [string, KubeObject] => [
  `shop/${name}`,
  partial<KubeObject>({
    metadata: { name, namespace: 'shop' },
    type: 'Warning',
    reason: 'BackOff',
    message,
    involvedObject: { kind: 'Pod', name: pod },
    lastTimestamp: new Date(minute * 60_000).toISOString(),
    ...more,
  }),
]

it('gathers what is said of several objects, whatever their names, and counts it', () => {
  const events = new Map([
    event('a', 'web-1-x', 'Back-off restarting web-1-x', 1, { count: 3 }),
    event('b', 'web-1-y', 'Back-off restarting web-1-y', 5, { series: { count: 2 } }),
    event('c', 'web-1-x', 'something else', 2),
    event('d', 'web-1-x', 'Back-off restarting web-1-x', 3, { type: 'Normal' }),
  ])
  const found = gatherEvents(events)
  expect([...found.keys()].sort()).toEqual(['shop/b', 'shop/c', 'shop/d'])
  const both = found.get('shop/b')!
  expect([eventObject(both), eventCount(both)]).toEqual(['web-1-*', 5])
  expect(eventObject(found.get('shop/c')!)).toBe('web-1-x')
  expect(found.get('shop/c')).toBe(events.get('shop/c'))
})

it('keeps the name when the same object says it again', () => {
  const found = gatherEvents(new Map([event('a', 'web', 'x', 1), event('b', 'web', 'x', 2)]))
  expect([...found.values()].map((one) => [eventObject(one), eventCount(one)])).toEqual([['web', 2]])
})

it('names one and tells how many more when names have nothing in common', () => {
  const found = gatherEvents(new Map([event('a', 'web', 'x', 1), event('b', 'db', 'x', 2)]))
  expect([...found.values()].map(eventObject)).toEqual(['web +1'])
})

it('an event leads to what it is about, where the kind is known', () => {
  const about = (involvedObject: object) => eventLink(partial<KubeObject>({ metadata: { name: 'e' }, involvedObject }))
  expect(about({ kind: 'Pod', namespace: 'shop', name: 'web' })).toEqual({
    view: 'pods',
    namespace: 'shop',
    name: 'web',
  })
  expect(about({ kind: 'Node', name: 'n1' })).toEqual({ view: 'nodes', name: 'n1' })
  expect(about({ kind: 'Widget', name: 'w' })).toBeUndefined()
})
