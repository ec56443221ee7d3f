/** A CSI driver as people deploy one, on real nodes: a DaemonSet and a controller, claims, pods' own volumes, an agent that dies, and the end of it all. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event, Node, PersistentVolumeClaim, Pod } from '#types/core/v1'
import type { CSINode, VolumeAttachment } from '#types/storage.k8s.io/v1'
import { TestCluster } from '../helpers/cluster.ts'
import { buildCsiDriverImage } from '../helpers/csi-driver-image.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('csi')
const DRIVER = 'files.csi.test'
const manifests = (name: string): string => join(import.meta.dirname, '../fixtures/csi-driver', `${name}.yaml`)
const list = async <T>(...args: string[]): Promise<T[]> => (await cluster.json<{ items: T[] }>('get', ...args)).items
const inPod = (...command: string[]): Promise<string> => cluster.k('exec', 'user', '--', ...command)

beforeAll(async () => {
  buildTestImages()
  await buildCsiDriverImage()
  await cluster.drydock('up', '--nodes', '2', '--detach')
  await cluster.k('apply', '-f', manifests('driver'))
})
afterAll(() => cluster.delete())

describe('a CSI driver on real nodes', () => {
  it('registers with the kubelet of each', async () => {
    const nodes = await eventually(
      'drivers of both nodes',
      () => list<CSINode>('csinodes'),
      (found) => found.length === 2 && found.every(({ spec }) => spec.drivers.length === 1),
    )
    for (const { metadata, spec } of nodes) {
      const topologyKeys = [`topology.${DRIVER}/node`]
      expect(spec.drivers).toEqual([{ name: DRIVER, nodeID: metadata.name, topologyKeys, allocatable: { count: 10 } }])
      const { labels } = (await cluster.json<Node>('get', 'node', metadata.name)).metadata
      expect(labels).toMatchObject({ [`topology.${DRIVER}/node`]: metadata.name })
    }
  })

  it('makes, attaches and mounts what a pod asks for, and tells how much of it is used', async () => {
    await cluster.k('apply', '-f', manifests('pods'))
    await cluster.k('wait', 'pod/user', '--for=condition=Ready', '--timeout=60s')
    expect((await inPod('cat', '/data/file')).trim()).toBe('kept')
    await inPod('test', '-b', '/dev/raw')
    const told = JSON.parse(await inPod('cat', '/data/told.json')) as Record<string, Record<string, string>>
    const { nodeName } = (await cluster.json<Pod>('get', 'pod', 'user')).spec
    expect(told['publishContext']).toEqual({ at: nodeName })
    expect(told['volumeContext']).toMatchObject({ made: 'yes', 'csi.storage.k8s.io/pod.name': 'user' })
    const own = JSON.parse(await inPod('cat', '/own/told.json')) as Record<string, Record<string, string>>
    expect(own['volumeContext']).toMatchObject({ word: 'mine', 'csi.storage.k8s.io/ephemeral': 'true' })
    expect(await list<VolumeAttachment>('volumeattachments')).toHaveLength(3)
    const { status } = await cluster.json<Node>('get', 'node', nodeName!)
    expect(status?.volumesInUse).toEqual(status?.volumesAttached?.map(({ name }) => name))
    const metrics = await cluster.k('get', '--raw', `/api/v1/nodes/${nodeName}/proxy/metrics`)
    expect(metrics).toContain('kubelet_volume_stats_used_bytes{namespace="default",persistentvolumeclaim="data"} 400')
    const reasons = (await list<Event>('events')).map(({ reason }) => reason)
    expect(reasons).toContain('SuccessfulAttachVolume')
  })

  it('makes a volume larger while it is used', async () => {
    await cluster.k('patch', 'pvc', 'data', '-p', '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}')
    await eventually(
      'the larger volume',
      () => cluster.json<PersistentVolumeClaim>('get', 'pvc', 'data'),
      ({ status }) => status?.capacity?.['storage'] === '2Gi' && (status.conditions ?? []).length === 0,
    )
  })

  it('takes back, for the next agent, what it gave to the one that died', async () => {
    const { nodeName } = (await cluster.json<Pod>('get', 'pod', 'user')).spec
    await cluster.onNode(nodeName!, 'pkill', '-f', 'agent.mjs')
    await cluster.k('delete', 'pod', 'user', '--timeout=60s')
    await eventually(
      'attachments that are gone',
      () => list<VolumeAttachment>('volumeattachments'),
      (left) => left.length === 0,
    )
    const { stdout } = await cluster.onNode(
      nodeName!,
      'sh',
      '-c',
      'mount | grep kubernetes.io.csi; ls /var/lib/kubelet/pods/*/volumes',
    )
    expect(stdout).not.toMatch(/csi/)
  })

  it('is the node’s no more once it is removed', async () => {
    await cluster.k('delete', '-f', manifests('driver'))
    await eventually(
      'CSINodes without drivers',
      () => list<CSINode>('csinodes'),
      (found) => found.every(({ spec }) => (spec.drivers ?? []).length === 0),
    )
  })
})
