import { describe, expect, it } from 'vitest'
import { refs } from '../client/refs.ts'
import { advance, settle } from '../client/testing/advance.ts'
import { FakeTransport } from '../client/testing/fake-transport.ts'
import { createClient } from '../client/typed-client.ts'
import { FakeClock } from '../machinery/clock.ts'
import { createSeriesRecorder, type Happening } from './series-recorder.ts'

function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const abort = new AbortController()
  const who = { controller: 'default-scheduler', instance: 'default-scheduler-x' }
  const recorder = createSeriesRecorder({ client: createClient(server), clock, signal: abort.signal, ...who })
  const pod = (name = 'p') => server.put(refs.pods, { metadata: { name, namespace: 'a' }, spec: {} })
  const facts = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling' } as const
  const tell = (regarding: Happening['regarding'], note = 'no') => recorder.event({ regarding, ...facts, note })
  return { clock, server, recorder, pod, tell, abort, events: () => server.all(refs.eventsV1) }
}

const MINUTE = 60_000

describe('series recorder', () => {
  it('writes who did what regarding which object, without the fields of old', async () => {
    const { recorder, pod, events } = arrange()
    const facts = { type: 'Normal', reason: 'Preempted', action: 'Preempting', note: 'by q' } as const
    recorder.event({ regarding: pod(), related: pod('q'), ...facts })
    await settle()
    const [event] = events()
    expect(event).toMatchObject({
      metadata: { namespace: 'a', name: expect.stringMatching(/^p\.[0-9a-f]+$/) as string },
      regarding: { kind: 'Pod', namespace: 'a', name: 'p' },
      related: { kind: 'Pod', name: 'q' },
      reportingController: 'default-scheduler',
      reportingInstance: 'default-scheduler-x',
      eventTime: expect.stringMatching(/\.\d{6}Z$/) as string,
      ...facts,
    })
    expect(event).not.toHaveProperty('series')
    expect(event).not.toHaveProperty('deprecatedSource')
  })

  it('keeps events of what is in no namespace in the default one', async () => {
    const { tell, server, events } = arrange()
    tell(server.put(refs.nodes, { metadata: { name: 'n' }, spec: {} }))
    await settle()
    expect(events()[0]?.metadata.namespace).toBe('default')
  })

  it('makes a series of what happens again, and writes it on when half an hour has passed', async () => {
    const { tell, pod, events, clock } = arrange()
    const regarding = pod()
    tell(regarding, 'first')
    await advance(clock, 1000, 1)
    tell(regarding, 'other words')
    await settle()
    expect(events()).toHaveLength(1)
    expect(events()[0]).toMatchObject({ note: 'first', series: { count: 2 } })
    for (let i = 0; i < 8; i++) {
      await advance(clock, 5 * MINUTE, 1)
      tell(regarding)
    }
    await settle()
    expect(events()[0]?.series?.count).toBeGreaterThan(6)
    expect(events()[0]?.series?.count).toBeLessThan(10)
  })

  it('writes the last count of a series that has ended, and begins another after it', async () => {
    const { tell, pod, events, clock } = arrange()
    const regarding = pod()
    for (let i = 0; i < 5; i++) tell(regarding)
    await advance(clock, 13 * MINUTE, 1)
    expect(events()[0]?.series?.count).toBe(5)
    tell(regarding)
    await settle()
    expect(events()).toHaveLength(2)
  })

  it('takes an object that has changed meanwhile for another', async () => {
    const { tell, pod, server, events } = arrange()
    const regarding = pod()
    tell(regarding)
    tell(server.put(refs.pods, { ...regarding, spec: { nodeName: 'n' } } as typeof regarding))
    await settle()
    expect(events()).toHaveLength(2)
  })

  it('writes a series whose event has expired anew', async () => {
    const { tell, pod, server, events } = arrange()
    const regarding = pod()
    tell(regarding)
    await settle()
    server.remove(refs.eventsV1, events()[0]!.metadata.name, 'a')
    tell(regarding)
    await settle()
    expect(events()[0]?.series?.count).toBe(2)
  })

  it('cuts what is too long and says that there was more', async () => {
    const { tell, pod, events } = arrange()
    tell(pod(), 'x'.repeat(2000))
    await settle()
    expect(events()[0]?.note).toBe(`${'x'.repeat(1020)} ...`)
  })

  it('is quiet once it is stopped', async () => {
    const { tell, pod, events, abort, clock } = arrange()
    tell(pod())
    await settle()
    abort.abort()
    tell(pod('q'))
    await advance(clock, 20 * MINUTE, 1)
    expect(events()).toHaveLength(1)
  })
})
