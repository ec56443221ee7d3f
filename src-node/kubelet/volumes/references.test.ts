import { afterEach, describe, expect, it, vi } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { createReferences } from './references.ts'

const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

function make() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const stop = new AbortController()
  stops.push(stop)
  const logged: string[] = []
  const references = createReferences({
    client: createClient(server),
    clock,
    signal: stop.signal,
    log: (message) => logged.push(message),
  })
  const gets = () => server.calls.filter(({ verb }) => verb === 'get').length
  const lists = () => server.calls.filter(({ verb }) => verb === 'list').length
  return { server, references, gets, lists, logged }
}
const settings = (level: string) => ({ metadata: { name: 's', namespace: 'a' }, data: { level } })
const key = { kind: 'configMap', namespace: 'a', name: 's' } as const

describe('what pods refer to', () => {
  it('is asked for while nobody holds it', async () => {
    const { server, references, gets } = make()
    expect(await references.configMap('a', 's')).toBeUndefined()
    expect(await references.secret('a', 's')).toBeUndefined()
    server.put(refs.configMaps, settings('low'))
    expect((await references.configMap('a', 's'))?.data).toEqual({ level: 'low' })
    expect(gets()).toBe(3)
  })

  it('is watched once for all its holders, and answered from the watch', async () => {
    const { server, references, gets, lists } = make()
    server.put(refs.configMaps, settings('low'))
    const changes: string[] = []
    const releases = ['x', 'y'].map((who) => references.hold(key, () => changes.push(who)))
    await vi.waitFor(() => expect(changes.sort()).toEqual(['x', 'y']))
    expect(lists()).toBe(1)
    server.put(refs.configMaps, settings('high'))
    await vi.waitFor(() => expect(changes).toHaveLength(4))
    expect((await references.configMap('a', 's'))?.data).toEqual({ level: 'high' })
    expect(gets()).toBe(0)
    releases[0]!()
    releases[0]!()
    server.put(refs.configMaps, settings('higher'))
    await vi.waitFor(() => expect(changes).toHaveLength(5))
    releases[1]!()
    await references.configMap('a', 's')
    expect(gets()).toBe(1)
  })

  it('is asked for where the watch does not have it yet', async () => {
    const { server, references, gets } = make()
    references.hold({ ...key, kind: 'secret' }, () => undefined)
    server.put(refs.secrets, { metadata: { name: 's', namespace: 'a' }, data: {} })
    expect(await references.secret('a', 's')).toBeDefined()
    expect(gets()).toBe(1)
  })

  it('fails with the server', async () => {
    const { server, references, logged } = make()
    server.intercept = () => {
      throw new Error('the server is away')
    }
    await expect(references.configMap('a', 's')).rejects.toThrow('the server is away')
    references.hold(key, () => undefined)
    await vi.waitFor(() => expect(logged).toContain('watch of configMap a/s: Error: the server is away'))
  })
})
