import { expect, test } from 'vitest'
import { notFound } from '../../../../src-kube/machinery/errors.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { Exchange, type Incoming, type Outgoing } from '../http/exchange.ts'
import { parseRequest } from '../http/request-info.ts'
import { answerPageNotFound, PageNotFoundError } from './page-not-found.ts'

function arrange() {
  const sent: unknown[] = []
  const response = {
    headersSent: false,
    destroyed: false,
    writeHead(code: number, headers: Record<string, string>) {
      this.headersSent = true
      sent.push(code, headers['content-type'], headers['x-content-type-options'])
    },
    end: (body: Buffer) => void sent.push(body.toString()),
  }
  const request = { method: 'GET', headers: {} } as Incoming
  return { sent, exchange: new Exchange(request, partial<Outgoing>(response), parseRequest('GET', '/nope')) }
}

test('What is nowhere is answered in plain words, once', () => {
  const { exchange, sent } = arrange()
  expect(answerPageNotFound(exchange, new PageNotFoundError())).toBe(true)
  expect(sent).toEqual([404, 'text/plain; charset=utf-8', 'nosniff', '404 page not found\n'])
  expect(answerPageNotFound(exchange, new PageNotFoundError())).toBe(false)
})

test('Other errors are left to others', () => {
  const { exchange, sent } = arrange()
  expect(answerPageNotFound(exchange, notFound({ group: '', resource: 'pods' }, 'x'))).toBe(false)
  expect(sent).toEqual([])
})
