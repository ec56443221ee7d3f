import { expect, test } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { collectedHeap, lastingHeap } from '../../testing/lasting-heap.ts'
import { Exchange, type Incoming, type Outgoing } from '../http/exchange.ts'
import { parseRequest } from '../http/request-info.ts'
import { Deadlines } from './deadlines.ts'

const MINUTE = 60_000

/** A request, and what its client is told. */
function asked(method: string, url: string) {
  const told: Array<{ code: number; body: unknown }> = []
  let headersSent = false
  const response = {
    get headersSent() {
      return headersSent
    },
    writeHead(code: number) {
      headersSent = true
      told.push({ code, body: undefined })
    },
    end: (body: Buffer) => void (told.at(-1)!.body = JSON.parse(body.toString())),
  }
  const exchange = new Exchange(
    { method, headers: {} } as Incoming,
    partial<Outgoing>(response),
    parseRequest(method, url),
  )
  return { exchange, told }
}

/** Work that ends when it is told to. */
function begin(deadlines: Deadlines, exchange: Exchange) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ended = deadlines.within(exchange, () => promise)
  return { ended, finish: resolve }
}

const status = (words: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `Timeout: request did not complete within ${words}`,
  reason: 'Timeout',
  details: {},
  code: 504,
})

test('A request has a minute, from when it came', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const quick = begin(deadlines, asked('GET', '/api/v1/pods').exchange)
  await clock.advance(10_000)
  const slow = asked('GET', '/api/v1/pods')
  const work = begin(deadlines, slow.exchange)
  quick.finish()
  await quick.ended
  await clock.advance(MINUTE - 1)
  expect(slow.told).toEqual([])
  await clock.advance(1)
  expect(slow.told).toEqual([{ code: 504, body: status('the allotted timeout') }])
  // What its work comes to is told to nobody.
  expect(() => slow.exchange.sendJson(200, {})).toThrow('its time was up')
  work.finish()
  await work.ended
  expect(slow.told).toHaveLength(1)
  expect(clock.pending).toBe(0)
})

test('A client may want less time, and no more', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const short = asked('PUT', '/api/v1/namespaces/d/pods/a?timeout=1.5s')
  const long = asked('POST', '/api/v1/namespaces/d/pods?timeout=10m')
  const none = asked('DELETE', '/api/v1/namespaces/d/pods/a?timeout=0s')
  const works = [short, long, none].map(({ exchange }) => begin(deadlines, exchange))
  await clock.advance(1500)
  const words = 'requested timeout - context deadline exceeded'
  expect(short.told).toEqual([{ code: 504, body: status(words) }])
  expect([...long.told, ...none.told]).toEqual([])
  await clock.advance(MINUTE - 1500)
  expect([...long.told, ...none.told].map(({ code }) => code)).toEqual([504, 504])
  for (const { finish, ended } of works) {
    finish()
    await ended
  }
  const done = asked('GET', '/version?timeout=5s')
  await deadlines.within(done.exchange, () => Promise.resolve())
  expect(clock.pending).toBe(0)
})

test('A time that is none is refused before anything is done', async () => {
  const deadlines = new Deadlines(new FakeClock())
  const { exchange } = asked('GET', '/api/v1/pods?timeout=soon')
  let worked = false
  await expect(deadlines.within(exchange, () => Promise.resolve(void (worked = true)))).rejects.toMatchObject({
    code: 400,
    message: 'invalid timeout specified in the request URL - time: invalid duration "soon"',
  })
  expect(worked).toBe(false)
})

test('An answer that has begun goes on, and what lasts by its nature has no end', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const begun = asked('GET', '/api/v1/pods')
  begin(deadlines, begun.exchange)
  begun.exchange.begin(200, {})
  const lasting = ['/api/v1/pods?watch=1&timeout=1s', '/api/v1/namespaces/d/pods/a/log', '/drydock/v1/images/a'].map(
    (url) => asked('GET', url),
  )
  lasting.forEach(({ exchange }) => void begin(deadlines, exchange))
  await clock.advance(2 * MINUTE)
  expect(begun.told).toEqual([{ code: 200, body: undefined }])
  expect(lasting.flatMap(({ told }) => told)).toEqual([])
})

test('What is over is garbage at once, not only when all of the heap is collected', async () => {
  const deadlines = new Deadlines(new FakeClock())
  const size = 1024
  const requests = 8_000
  const underWay = [begin(deadlines, asked('GET', '/api/v1/pods').exchange)]
  const before = collectedHeap()
  for (let i = 0; i < requests; i++) {
    const { exchange } = asked('GET', '/api/v1/pods')
    Object.assign(exchange.request, { ballast: Array.from({ length: size / 8 }, () => i) })
    underWay.push(begin(deadlines, exchange))
    if (underWay.length < 16) continue
    const oldest = underWay.shift()!
    oldest.finish()
    await oldest.ended
  }
  expect(lastingHeap() - before).toBeLessThan((requests * size) / 4)
})
