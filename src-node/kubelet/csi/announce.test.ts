import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Node } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { NodeAnnouncer } from './announce.ts'

const info = (nodeId: string, segments: Record<string, string> = {}, maxVolumesPerNode = 0) => ({
  nodeId,
  maxVolumesPerNode,
  accessibleTopology: { segments },
})

describe('what a node tells of its CSI drivers', () => {
  let server: FakeTransport
  let announcer: NodeAnnouncer
  let known: (node: Node) => void
  beforeEach(() => {
    server = new FakeTransport({ clock: new FakeClock() })
    const on = ({ add }: { add?(node: Node): void }) => {
      known = add!
      return () => undefined
    }
    announcer = new NodeAnnouncer({ client: createClient(server), nodeName: 'n1', nodes: { get: () => undefined, on } })
  })
  const register = (labels: Record<string, string> = {}) =>
    server.put(refs.nodes, { metadata: { name: 'n1', labels }, spec: {}, status: {} })
  const csiNode = () => server.peek(refs.csiNodes, 'n1')
  const node = () => server.peek(refs.nodes, 'n1')!

  it('is a CSINode without drivers as soon as the node is known', async () => {
    const prepared = announcer.prepare()
    const made = register()
    await vi.waitFor(() => known(made))
    await prepared
    expect(csiNode()).toMatchObject({
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid: made.metadata.uid }] },
      spec: { drivers: [] },
    })
  })

  it('is each driver with its own name for the node, the keys of its topology and how many volumes it takes', async () => {
    register({ other: 'x' })
    await Promise.all([
      announcer.announce('b.io', info('id-b', { 'topology.b/rack': 'r1', 'topology.b/a': 'z' }, 8)),
      announcer.announce('a.io', info('id-a')),
    ])
    expect(csiNode()?.spec.drivers).toEqual([
      { name: 'b.io', nodeID: 'id-b', topologyKeys: ['topology.b/a', 'topology.b/rack'], allocatable: { count: 8 } },
      { name: 'a.io', nodeID: 'id-a', topologyKeys: [] },
    ])
    expect(node().metadata).toMatchObject({
      labels: { other: 'x', 'topology.b/a': 'z', 'topology.b/rack': 'r1' },
      annotations: { 'csi.volume.kubernetes.io/nodeid': '{"a.io":"id-a","b.io":"id-b"}' },
    })
  })

  it('is written anew when a driver has changed, and not when it has not', async () => {
    register()
    await announcer.announce('a.io', info('id'))
    const { resourceVersion } = csiNode()!.metadata
    await announcer.announce('a.io', info('id'))
    expect(csiNode()?.metadata.resourceVersion).toBe(resourceVersion)
    await announcer.announce('a.io', info('id', {}, 3))
    expect(csiNode()?.spec.drivers).toMatchObject([{ allocatable: { count: 3 } }])
  })

  it('loses a driver that has gone, but not the labels of where its volumes are', async () => {
    register()
    await announcer.announce('a.io', info('id', { 'topology.a/zone': 'z' }))
    await announcer.withdraw('a.io')
    expect(csiNode()?.spec.drivers).toEqual([])
    expect(node().metadata.annotations ?? {}).toEqual({})
    expect(node().metadata.labels).toEqual({ 'topology.a/zone': 'z' })
  })

  it('does not contradict the node’s labels', async () => {
    register({ 'topology.a/zone': 'one' })
    await expect(announcer.announce('a.io', info('id', { 'topology.a/zone': 'two' }))).rejects.toThrow(
      'detected topology value collision: driver reported "topology.a/zone":"two" but existing label is "topology.a/zone":"one"',
    )
    await announcer.announce('b.io', info('id'))
  })
})
