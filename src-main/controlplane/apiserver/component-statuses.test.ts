import { expect, test } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { serveComponentStatuses } from './component-statuses.ts'
import type { Exchange } from './http/exchange.ts'

function ask(name: string, accept?: string) {
  const answer: { body?: unknown; warnings: string[] } = { warnings: [] }
  serveComponentStatuses(
    partial<Exchange>({
      info: { name },
      header: () => accept,
      warn: (words: string) => answer.warnings.push(words),
      sendJson: (_code: number, body: unknown) => void (answer.body = body),
      sendObject: (_code: number, _form: unknown, body: unknown) => void (answer.body = body),
    }),
  )
  return answer
}

test('The parts of the control plane are well, one by one, all together and as a table', () => {
  expect(ask('').body).toMatchObject({ kind: 'ComponentStatusList', items: [{}, {}, {}] })
  expect(ask('scheduler')).toMatchObject({
    body: { metadata: { name: 'scheduler' }, conditions: [{ type: 'Healthy', status: 'True' }] },
    warnings: ['v1 ComponentStatus is deprecated in v1.19+'],
  })
  expect(ask('', 'application/json;as=Table;v=v1;g=meta.k8s.io').body).toMatchObject({
    kind: 'Table',
    rows: [{ cells: ['controller-manager', 'Healthy', 'ok', ''] }, {}, {}],
  })
  expect(() => ask('nope')).toThrow('componentstatuses "nope" not found')
})
