import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { arrange, at, configMap } from '../../registry/testing/arrange.ts'
import { Exchange, type Incoming, type Outgoing } from '../http/exchange.ts'
import type { RequestInfo } from '../http/request-info.ts'
import type { VerbContext } from './context.ts'
import { watch } from './watch.ts'

class FakeResponse extends EventEmitter {
  headersSent = false
  destroyed = false
  readonly written: Buffer[] = []
  readonly #full: boolean
  constructor(full: boolean) {
    super()
    this.#full = full
  }
  writeHead(): void {
    this.headersSent = true
  }
  write(bytes: Buffer): boolean {
    this.written.push(bytes)
    this.emit('written')
    return !this.#full
  }
  end(): void {}
}

const large = 'x'.repeat(400_000)

/** A watch of ten maps that are there, by a client that reads or does not. */
async function begin(full: boolean, query = '') {
  const made = await arrange()
  const target = at('v1', 'ConfigMap', 'd')
  for (let i = 0; i < 10; i++)
    await made.registry.create(target, { ...configMap(`m${i}`), data: { large } }, made.write)
  const response = new FakeResponse(full)
  const info = { query: new URLSearchParams(query) } as RequestInfo
  const exchange = new Exchange({ headers: {} } as Incoming, partial<Outgoing>(response), info)
  const resource = { descriptor: target.descriptor, apiVersion: 'v1' }
  const { registry, clock } = made
  const stop = new AbortController()
  const done = watch(partial<VerbContext>({ exchange, registry, clock, target, resource }), stop.signal)
  return { response, stop, done, clock }
}

test('What a watch begins with is written in pieces', async () => {
  const { response, stop, done } = await begin(false)
  const events = (): number => Buffer.concat(response.written).toString().split('\n').length - 1
  while (events() < 10) await new Promise((resolve) => response.once('written', resolve))
  expect(Math.max(...response.written.map(({ length }) => length))).toBeLessThan(1_500_000)
  expect(
    Buffer.concat(response.written)
      .toString()
      .match(/"type":"ADDED"/g),
  ).toHaveLength(10)
  stop.abort()
  await done
})

test('A client that goes while there is no room for it ends its watch', async () => {
  const { response, done } = await begin(true)
  if (response.written.length === 0) await new Promise((resolve) => response.once('written', resolve))
  response.destroyed = true
  response.emit('close')
  await done
  expect(response.written).toHaveLength(1)
})

test('A watch whose time is over before it begins ends at once', async () => {
  const { clock, done, response } = await begin(false, 'timeoutSeconds=-1')
  while (!response.headersSent) await new Promise(setImmediate)
  await clock.advance(0)
  await done
})
