import { afterEach, describe, expect, it } from 'vitest'
import type { ConfigMap } from '#types/core/v1'
import { informerFactory } from '../client/informer-factory.ts'
import { refs } from '../client/refs.ts'
import { advance } from '../client/testing/advance.ts'
import { FakeTransport } from '../client/testing/fake-transport.ts'
import { createClient } from '../client/typed-client.ts'
import { FakeClock } from '../machinery/clock.ts'
import { defineController, done } from './controller.ts'
import { runController } from './manager.ts'

const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

describe('a controller', () => {
  it('looks at what concerns it alone, and hears of every deletion', async () => {
    const clock = new FakeClock()
    const server = new FakeTransport({ clock })
    const stop = new AbortController()
    stops.push(stop)
    const client = createClient(server)
    const informers = informerFactory({ client, clock, signal: stop.signal })
    const seen: string[] = []
    const definition = defineController<ConfigMap>({
      name: 'test',
      for: refs.configMaps,
      concerns: ({ data }) => data?.['mine'] === 'yes',
      reconcile: (_ctx, _object, key) => {
        seen.push(key)
        return Promise.resolve(done)
      },
      gone: (_ctx, key) => {
        seen.push(`${key} gone`)
        return Promise.resolve()
      },
    })
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    runController(definition, { client, informers, clock, signal: stop.signal, log })
    const put = (name: string, mine: string) =>
      server.put(refs.configMaps, { metadata: { name, namespace: 'd' }, data: { mine } })
    put('a', 'yes')
    put('b', 'no')
    await advance(clock, 10)
    expect(seen).toEqual(['d/a'])
    put('b', 'yes')
    await advance(clock, 10)
    expect(seen).toEqual(['d/a', 'd/b'])
    put('b', 'no')
    await client.resource(refs.configMaps).delete('b', 'd')
    await advance(clock, 10)
    expect(seen).toEqual(['d/a', 'd/b', 'd/b gone'])
  })
})
