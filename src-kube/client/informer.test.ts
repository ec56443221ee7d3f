import { describe, expect, it } from 'vitest'
import { FakeClock } from '../machinery/clock.ts'
import { byController, byNode, orphansOf } from './indexer.ts'
import { informerFactory } from './informer-factory.ts'
import { createInformer } from './informer.ts'
import { refs } from './refs.ts'
import { FakeTransport } from './testing/fake-transport.ts'
import { advance, settle } from './testing/advance.ts'
import { createClient } from './typed-client.ts'

function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const client = createClient(server)
  const abort = new AbortController()
  const seen: string[] = []
  const record = {
    add: (o: { metadata: { name: string } }) => void seen.push(`+${o.metadata.name}`),
    update: (o: { metadata: { name: string } }) => void seen.push(`~${o.metadata.name}`),
    delete: (o: { metadata: { name: string } }) => void seen.push(`-${o.metadata.name}`),
  }
  const informer = () =>
    createInformer({ client, ref: refs.pods, clock, signal: abort.signal, onError: () => undefined })
  const pod = (name: string, nodeName?: string) => ({ metadata: { name, namespace: 'a' }, spec: { nodeName } })
  return { clock, server, client, abort, seen, record, informer, pod }
}

describe('informer', () => {
  it('lists, then follows the watch', async () => {
    const { server, seen, record, informer, pod } = arrange()
    server.put(refs.pods, pod('one'))
    const pods = informer()
    pods.on(record)
    await pods.synced
    await settle()
    server.put(refs.pods, pod('two'))
    server.put(refs.pods, pod('one', 'n1'))
    server.remove(refs.pods, 'two', 'a')
    await settle()
    expect(seen).toEqual(['+one', '+two', '~one', '-two'])
    expect(pods.get('a/one')?.spec.nodeName).toBe('n1')
    expect(pods.size).toBe(1)
  })

  it('resumes an ended watch from the last revision without a new list', async () => {
    const { server, clock, seen, record, informer, pod } = arrange()
    const pods = informer()
    pods.on(record)
    await pods.synced
    await settle()
    server.breakWatches(refs.pods)
    server.put(refs.pods, pod('missed'))
    await advance(clock, 60_000)
    expect(seen).toEqual(['+missed'])
    expect(server.calls.filter((c) => c.verb === 'list')).toHaveLength(1)
  })

  it('lists anew after 410 and reports what was deleted in the gap', async () => {
    const { server, clock, seen, record, informer, pod } = arrange()
    server.put(refs.pods, pod('lost'))
    const pods = informer()
    pods.on(record)
    await pods.synced
    await settle()
    server.breakWatches(refs.pods, { compact: true })
    server.remove(refs.pods, 'lost', 'a')
    server.put(refs.pods, pod('new'))
    await advance(clock, 60_000)
    expect(seen).toEqual(['+lost', '-lost', '+new'])
    expect(server.calls.filter((c) => c.verb === 'list')).toHaveLength(2)
  })

  it('retries a failing list with growing delays', async () => {
    const { server, clock, informer } = arrange()
    let failures = 3
    server.intercept = () => {
      if (failures-- > 0) throw new Error('connection refused')
      return undefined
    }
    const pods = informer()
    await advance(clock, 5_000)
    expect(pods.hasSynced).toBe(true)
    expect(server.calls).toHaveLength(4)
  })

  it('shows an object made again under the same name as deleted and added', async () => {
    const { server, clock, seen, record, informer, pod } = arrange()
    server.put(refs.pods, pod('x'))
    const pods = informer()
    pods.on(record)
    await pods.synced
    await settle()
    server.breakWatches(refs.pods, { compact: true })
    server.remove(refs.pods, 'x', 'a')
    server.put(refs.pods, pod('x'))
    await advance(clock, 60_000)
    expect(seen).toEqual(['+x', '-x', '+x'])
  })

  it('keeps indexes through changes', async () => {
    const { server, informer, pod } = arrange()
    const pods = informer()
    pods.addIndex(byNode.name, byNode.of)
    pods.addIndex(byController.name, byController.of)
    await pods.synced
    await settle()
    server.put(refs.pods, pod('one', 'n1'))
    server.put(refs.pods, pod('two'))
    await settle()
    expect(pods.byIndex('node', 'n1')).toHaveLength(1)
    server.put(refs.pods, pod('one', 'n2'))
    await settle()
    expect(pods.byIndex('node', 'n1')).toHaveLength(0)
    expect(pods.byIndex('controller', orphansOf('a'))).toHaveLength(2)
  })

  it('is shared by a factory and stops with the signal', async () => {
    const { client, clock, server, abort, pod } = arrange()
    const factory = informerFactory({ client, clock, signal: abort.signal })
    const pods = factory.informer(refs.pods)
    expect(factory.informer(refs.pods)).toBe(pods)
    await factory.synced()
    abort.abort()
    server.put(refs.pods, pod('late'))
    await advance(clock, 1_000)
    expect(pods.size).toBe(0)
    expect(clock.pending).toBe(0)
  })
})
