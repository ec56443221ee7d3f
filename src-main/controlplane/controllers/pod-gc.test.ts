import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { podGarbageCollector } from './pod-gc.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([podGarbageCollector(2)])
  h.server.put(refs.nodes, { metadata: { name: 'n1' } })
  await h.start()
})
afterEach(() => h.finish())
const pod = (name: string, more: { node?: string; meta?: object; status?: object } = {}) =>
  h.server.put(refs.pods, {
    metadata: { name, namespace: 'a', ...more.meta },
    spec: { containers: [], ...(more.node ? { nodeName: more.node } : {}) },
    status: { phase: 'Running', ...more.status },
  })
const names = () => h.server.all(refs.pods).map(({ metadata }) => metadata.name)
const deletes = () => h.server.calls.filter(({ verb }) => verb === 'delete')

// kubernetes.io, "Pod Lifecycle: Garbage collection of Pods".
describe('pods on a node that is gone', () => {
  it('are removed at once and without grace after forty seconds, with the reason on them', async () => {
    pod('orphan', { node: 'gone', meta: { finalizers: ['test/hold'] } })
    await h.pass(39_000)
    expect(deletes()).toEqual([])
    await h.pass(2000)
    expect(h.server.peek(refs.pods, 'orphan', 'a')?.status).toMatchObject({
      phase: 'Failed',
      conditions: [
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByPodGC',
          message: 'PodGC: node no longer exists',
        },
      ],
    })
    expect(deletes()[0]?.body).toMatchObject({ gracePeriodSeconds: 0 })
  })

  it('that had ended keep their phase', async () => {
    pod('ended', { node: 'gone', status: { phase: 'Succeeded' }, meta: { finalizers: ['test/hold'] } })
    await h.pass(41_000)
    expect(h.server.peek(refs.pods, 'ended', 'a')?.status?.phase).toBe('Succeeded')
  })

  it('stay when the node comes back in time; the wait begins anew when it goes again', async () => {
    pod('lucky', { node: 'n2' })
    await h.pass(30_000)
    h.server.put(refs.nodes, { metadata: { name: 'n2' } })
    pod('lucky', { node: 'n2', meta: { labels: { seen: 'again' } } })
    await h.pass(30_000)
    expect(names()).toEqual(['lucky'])
    h.server.remove(refs.nodes, 'n2')
    await h.pass(30_000)
    expect(names()).toEqual(['lucky'])
    await h.pass(11_000)
    expect(names()).toEqual([])
  })

  it('stay when the server knows the node, whatever the cache says', async () => {
    h.server.intercept = ({ verb, resource }) =>
      verb === 'get' && resource.resource === 'nodes'
        ? partial({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n9' } })
        : undefined
    pod('safe', { node: 'n9' })
    await h.pass(60_000)
    expect(names()).toEqual(['safe'])
  })
})

// kubernetes.io, "Node Shutdowns: Non-graceful node shutdown handling".
describe('pods that end on a node', () => {
  const node = (ready: string, ...taints: string[]) =>
    h.server.put(refs.nodes, {
      metadata: { name: 'n2' },
      spec: { taints: taints.map((key) => ({ key, effect: 'NoExecute' })) },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    })
  const ending = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 }
  const outOfService = 'node.kubernetes.io/out-of-service'

  it('out of service are removed for good, and have failed', async () => {
    node('Unknown')
    pod('stuck', { node: 'n2', meta: { ...ending, finalizers: ['test/hold'] } })
    pod('running', { node: 'n2' })
    await h.pass(60_000)
    expect(deletes()).toEqual([])
    node('Unknown', outOfService)
    await h.settle()
    expect(new Set(deletes().map(({ name }) => name))).toEqual(new Set(['stuck']))
    expect(deletes()[0]?.body).toMatchObject({ gracePeriodSeconds: 0 })
    expect(h.server.peek(refs.pods, 'stuck', 'a')?.status?.phase).toBe('Failed')
  })

  it('out of service that had succeeded keep their phase', async () => {
    node('False', outOfService)
    pod('stuck', { node: 'n2', meta: { ...ending, finalizers: ['test/hold'] }, status: { phase: 'Succeeded' } })
    await h.settle()
    expect(deletes()[0]?.name).toBe('stuck')
    expect(h.server.peek(refs.pods, 'stuck', 'a')?.status?.phase).toBe('Succeeded')
  })

  it.each([
    ['that is ready', 'True', [outOfService]],
    ['with another taint', 'Unknown', ['node.kubernetes.io/unreachable']],
  ])('%s are left to it', async (_what, ready, taints) => {
    node(ready, ...taints)
    pod('ending', { node: 'n2', meta: ending })
    await h.pass(60_000)
    expect(deletes()).toEqual([])
  })
})

describe('other pods', () => {
  it('that run on nodes that exist, or wait for one, stay', async () => {
    pod('running', { node: 'n1' })
    pod('waiting', { status: { phase: 'Pending' } })
    await h.pass(60_000)
    expect(names()).toEqual(['running', 'waiting'])
  })

  it('that were deleted before they had a node are removed at once', async () => {
    pod('early', { meta: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 } })
    await h.settle()
    expect(names()).toEqual([])
  })

  it('that were deleted before they had a node have failed, for who holds them', async () => {
    const meta = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['batch.kubernetes.io/job-tracking'] }
    pod('held', { meta, status: { phase: 'Pending' } })
    await h.pass(100)
    expect(h.server.peek(refs.pods, 'held', 'a')?.status?.phase).toBe('Failed')
  })

  it('that have ended are kept up to the threshold; then evicted ones go first, and the oldest', async () => {
    const ended = (name: string, day: number, status: object = {}) =>
      pod(name, {
        node: 'n1',
        meta: { creationTimestamp: `2026-01-0${day}T00:00:00Z` },
        status: { phase: 'Failed', ...status },
      })
    ended('second', 2)
    ended('first', 1)
    await h.settle()
    expect(names()).toHaveLength(2)
    ended('evicted', 4, { reason: 'Evicted' })
    await h.settle()
    expect(names()).toEqual(['first', 'second'])
    ended('third', 3)
    await h.settle()
    expect(names()).toEqual(['second', 'third'])
  })
})
