import { expect, it } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { Exchange, type Incoming, type Outgoing } from '../http/exchange.ts'
import { parseRequest } from '../http/request-info.ts'
import { admitToWork, answerTooMany } from './admit.ts'
import { FlowControl, type TakenSeats } from './flow-control.ts'

const user = { name: 'jane', groups: ['system:authenticated'] }
const count = (): number => 950

function exchangeOf(url: string, method = 'GET') {
  const sent: { code?: number; headers: Record<string, unknown>; body: string } = { headers: {}, body: '' }
  const closed: Array<() => void> = []
  const response = {
    writeHead: (code: number, headers: unknown) => void Object.assign(sent, { code, headers }),
    end: (body: unknown) => void (sent.body = String(body)),
    once: (_: string, listener: () => void) => void closed.push(listener),
  }
  const request = { method, headers: {} } as Incoming
  const exchange = new Exchange(request, partial<Outgoing>(response), parseRequest(method, url))
  exchange.user = user
  return { exchange, sent, close: () => closed.forEach((listener) => listener()) }
}

it('reckons a list by the objects it may answer', () => {
  const control = new FlowControl(new FakeClock())
  const seats = (url: string, method?: string): number =>
    (admitToWork(control, exchangeOf(url, method).exchange, count) as TakenSeats).value.seats
  expect(seats('/api/v1/pods')).toBe(10)
  expect(seats('/api/v1/pods?limit=250')).toBe(3)
  expect(seats('/api/v1/pods?limit=5')).toBe(1)
  expect(seats('/api/v1/namespaces/d/pods', 'POST')).toBe(1)
})

it('lets those by whose answers last', () => {
  const control = new FlowControl(new FakeClock())
  for (const url of ['/api/v1/namespaces/d/pods/x/log', '/api/v1/namespaces/d/pods/x/exec'])
    expect(admitToWork(control, exchangeOf(url).exchange, count)).toBeUndefined()
})

it('says in headers what a request was taken for, and refuses in upstream’s words', async () => {
  const control = new FlowControl(new FakeClock())
  const { exchange, sent } = exchangeOf('/version')
  for (;;) {
    try {
      await admitToWork(control, exchange, count)
    } catch (error) {
      expect(answerTooMany(exchange, new Error('other'))).toBe(false)
      expect(answerTooMany(exchange, error)).toBe(true)
      break
    }
  }
  expect(sent).toMatchObject({
    code: 429,
    body: 'Too many requests, please try again later.\n',
    headers: {
      'retry-after': '1',
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-kubernetes-pf-flowschema-uid': '',
      'x-kubernetes-pf-prioritylevel-uid': '',
    },
  })
})
