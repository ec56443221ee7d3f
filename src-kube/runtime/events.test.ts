import { describe, expect, it } from 'vitest'
import { refs } from '../client/refs.ts'
import { advance, settle } from '../client/testing/advance.ts'
import { FakeTransport } from '../client/testing/fake-transport.ts'
import { createClient } from '../client/typed-client.ts'
import { FakeClock } from '../machinery/clock.ts'
import { createEventRecorder } from './events.ts'

function arrange(bound: { perSecond?: number; burst?: number } = {}) {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const signal = new AbortController().signal
  const recorder = createEventRecorder({ client: createClient(server), clock, signal, component: 'test', ...bound })
  const pod = server.put(refs.pods, { metadata: { name: 'p', namespace: 'a' }, spec: {} })
  return { clock, server, recorder, pod, events: () => server.all(refs.events) }
}

describe('event recorder', () => {
  it('writes who saw what about which object', async () => {
    const { recorder, pod, events } = arrange()
    recorder.event(pod, 'Normal', 'Started', 'Started container c')
    await settle()
    expect(events()).toHaveLength(1)
    expect(events()[0]).toMatchObject({
      involvedObject: { kind: 'Pod', namespace: 'a', name: 'p', uid: pod.metadata.uid },
      source: { component: 'test' },
      reason: 'Started',
      type: 'Normal',
      count: 1,
    })
  })

  it('gives another name than a recorder of another component at the same time', async () => {
    const { recorder, pod, events, server, clock } = arrange()
    const { signal } = new AbortController()
    const other = createEventRecorder({ client: createClient(server), clock, signal, component: 'other' })
    recorder.event(pod, 'Normal', 'One', 'x')
    other.event(pod, 'Normal', 'Two', 'x')
    await settle()
    expect(events().map(({ reason }) => reason)).toEqual(['One', 'Two'])
  })

  it('counts the same event instead of repeating it', async () => {
    const { recorder, pod, events, clock } = arrange()
    for (let i = 0; i < 3; i++) {
      recorder.event(pod, 'Warning', 'BackOff', 'again')
      await advance(clock, 1000, 1)
    }
    expect(events()).toHaveLength(1)
    expect(events()[0]?.count).toBe(3)
    expect(events()[0]?.firstTimestamp).not.toBe(events()[0]?.lastTimestamp)
  })

  it('writes no more in a second than its bound, later the rest, in order', async () => {
    const { clock, server, recorder, events } = arrange({ perSecond: 10, burst: 5 })
    for (let i = 0; i < 20; i++) {
      const pod = server.put(refs.pods, { metadata: { name: `p${i}`, namespace: 'a' }, spec: {} })
      recorder.event(pod, 'Normal', 'Scheduled', 'there')
    }
    await settle()
    expect(events()).toHaveLength(5)
    await advance(clock, 1000, 10)
    const first = Array.from({ length: 15 }, (_, i) => `p${i}`)
    expect(new Set(events().map(({ involvedObject }) => involvedObject.name))).toEqual(new Set(first))
    await advance(clock, 1000, 10)
    expect(events()).toHaveLength(20)
  })

  it('combines more than ten different messages of one reason', async () => {
    const { recorder, pod, events } = arrange()
    for (let i = 0; i < 15; i++) recorder.event(pod, 'Warning', 'Failed', `try ${i}`)
    await settle()
    expect(events()).toHaveLength(11)
    const combined = events().find((e) => e.message?.startsWith('(combined from similar events): '))
    expect(combined?.count).toBe(5)
  })

  it('stops a flood about one object after 25 and lets one through in five minutes', async () => {
    const { recorder, pod, events, clock } = arrange()
    for (let i = 0; i < 40; i++) recorder.event(pod, 'Normal', `Reason${i}`, 'x')
    await settle()
    expect(events()).toHaveLength(25)
    await advance(clock, 300_000, 1)
    recorder.event(pod, 'Normal', 'Later', 'x')
    recorder.event(pod, 'Normal', 'TooMuch', 'x')
    await settle()
    expect(events()).toHaveLength(26)
  })
})
