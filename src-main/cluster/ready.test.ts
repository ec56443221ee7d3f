import { describe, expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { FakeApi, leaseOf, nodeOf } from './testing/fake-api.ts'
import { FakeProvider } from './testing/fake-provider.ts'
import { readyOrDead, waitReady } from './ready.ts'

const start = Date.UTC(2026, 0, 1, 12)
const before = new Date(start - 5_000).toISOString()
const after = new Date(start + 5_000).toISOString()

const transport = (api: FakeApi): HttpTransport => partial<HttpTransport>(api)

describe('waitReady', () => {
  it('takes the word of the store where no start is given', async () => {
    const api = new FakeApi({ nodes: [nodeOf('n1', 'True', before)] })
    await waitReady(transport(api), ['n1'], { timeout: 5_000 })
    expect(api.watches).not.toContain('leases')
  })

  it('does not take a Ready of an earlier start: it ends with the renewal of the lease', async () => {
    const api = new FakeApi({ nodes: [nodeOf('n1', 'True', before)], leases: [leaseOf('n1', before)] })
    const seen: string[] = []
    const waiting = waitReady(transport(api), ['n1'], { timeout: 5_000, since: start, seen: (n) => seen.push(n) })
    await api.watched('leases')
    expect(seen).toEqual([])
    api.send('leases', leaseOf('n1', after))
    await waiting
    expect(seen).toEqual(['n1'])
  })

  it('ends at once when the lease was renewed between the start and the first look', async () => {
    const api = new FakeApi({ nodes: [nodeOf('n1', 'True', before)], leases: [leaseOf('n1', after)] })
    await waitReady(transport(api), ['n1'], { timeout: 5_000, since: start })
  })

  it('counts a renewal that is seen, also of a node whose clock is behind', async () => {
    const api = new FakeApi({ nodes: [nodeOf('n1', 'True', before)], leases: [leaseOf('n1', before)] })
    const waiting = waitReady(transport(api), ['n1'], { timeout: 5_000, since: start })
    await api.watched('leases')
    api.send('leases', leaseOf('n1', new Date(start - 1_000).toISOString()))
    await waiting
  })

  it('counts a heartbeat of the Ready condition, and waits for nodes that are heard of but not Ready', async () => {
    const api = new FakeApi({ nodes: [nodeOf('n1', 'False', before)], leases: [leaseOf('n1', after)] })
    const waiting = waitReady(transport(api), ['n1', 'n2'], { timeout: 5_000, since: start })
    await api.watched('nodes')
    api.send('nodes', nodeOf('n2', 'True', after))
    api.send('nodes', nodeOf('n1', 'True', after))
    await waiting
  })

  it('does not take a lease of a node that starts anew for its word: its engine may not run yet', async () => {
    const api = new FakeApi({ nodes: [nodeOf('n1', 'True', before)], leases: [leaseOf('n1', after)] })
    const seen: string[] = []
    const anew = new Set(['n1'])
    const waiting = waitReady(transport(api), ['n1'], { timeout: 5_000, since: start, anew, seen: (n) => seen.push(n) })
    await api.watched('nodes')
    api.send('nodes', nodeOf('n1', 'False', after))
    expect(seen).toEqual([])
    api.send('nodes', nodeOf('n1', 'True', after))
    await waiting
    expect(seen).toEqual(['n1'])
  })

  it('names those that were not in time and what is known of each', async () => {
    const api = new FakeApi({
      nodes: [nodeOf('n1', 'True', before), nodeOf('n2', 'False', after)],
      leases: [leaseOf('n1', before)],
    })
    await expect(waitReady(transport(api), ['n1', 'n2', 'n3'], { timeout: 50, since: start })).rejects.toMatchObject({
      name: 'UserError',
      message:
        'Not Ready within 0 s: n1 (it was Ready before and has not been heard of since), n2 (KubeletNotReady: starting), n3 (it never registered).',
    })
  })

  it('ends with the reason of an abort', async () => {
    const abort = new AbortController()
    const api = new FakeApi({})
    const waiting = waitReady(transport(api), ['n1'], { timeout: 5_000, signal: abort.signal })
    await api.watched('nodes')
    abort.abort(new Error('interrupted'))
    await expect(waiting).rejects.toThrow('interrupted')
  })
})

describe('readyOrDead', () => {
  it('ends as soon as a machine does, and quotes the last it said', async () => {
    const api = new FakeApi({})
    const provider = new FakeProvider()
    await provider.create({ name: 'n1', config: partial({}) })
    const waiting = readyOrDead(transport(api), provider, ['n1'], { timeout: 5_000 })
    await api.watched('nodes')
    provider.die('n1', ['mounting /sys', 'supervisor: no cgroups'])
    await expect(waiting).rejects.toMatchObject({
      name: 'UserError',
      message: 'Node n1 died while it was starting; the last it said: mounting /sys | supervisor: no cgroups.',
    })
  })

  it('leaves no watch behind when the node is Ready', async () => {
    const api = new FakeApi({ nodes: [nodeOf('n1', 'True', after)] })
    const provider = new FakeProvider()
    await provider.create({ name: 'n1', config: partial({}) })
    await readyOrDead(transport(api), provider, ['n1'], { timeout: 5_000 })
    expect(provider.waiting).toBe(0)
  })
})
