import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#types/core/v1'
import type { CSINode, StorageClass, VolumeAttachment } from '#types/storage.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance } from '../../../../src-kube/client/testing/advance.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'
import { arrangeScheduler, node, pod } from '../testing/arrange.ts'
import { cluster, preempt, refusals } from '../testing/snapshot.ts'
import { nodeVolumeLimits } from './node-volume-limits.ts'

const WORDS = 'node(s) exceed max volume count'
const user = (name: string, claims: readonly string[], more: object = {}): Pod =>
  pod(name, {
    volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
    ...more,
  })
const attachment = (persistentVolumeName: string | undefined, nodeName = 'n1') =>
  ({
    metadata: { name: `a-${persistentVolumeName}` },
    spec: { attacher: 'd', nodeName, source: { persistentVolumeName } },
  }) as VolumeAttachment

/** Claims named as their volumes, `v…` of the driver d and `o…` of none; `new…` are still to be made by the class' provisioner. */
function lookups(count: number | undefined, more: Partial<Lookups> = {}): Partial<Lookups> {
  return {
    claim(key) {
      const name = key.slice('default/'.length)
      if (name.startsWith('gone')) return undefined
      const fresh = name.startsWith('new')
      const spec = { storageClassName: 'c', ...(fresh ? {} : { volumeName: name }) }
      return { metadata: { name }, spec, status: { phase: fresh ? 'Pending' : 'Bound' } } as PersistentVolumeClaim
    },
    volume: (name) =>
      ({
        metadata: { name },
        spec: name.startsWith('v') ? { csi: { driver: 'd', volumeHandle: name } } : {},
      }) as PersistentVolume,
    storageClass: () => ({ provisioner: 'd', volumeBindingMode: 'WaitForFirstConsumer' }) as StorageClass,
    csiNode: () => ({ spec: { drivers: [{ name: 'd', nodeID: 'x', allocatable: { count } }] } }) as CSINode,
    ...more,
  }
}

describe('a node that takes two volumes of a driver', () => {
  it.each<[string, readonly string[], readonly string[], unknown]>([
    ['takes a second', ['v1'], ['v2'], null],
    ['refuses a third', ['v1', 'v2'], ['v3'], WORDS],
    ['counts a volume once, however many pods use it', ['v1', 'v2', 'v1'], ['v1'], null],
    ['counts those of the pod together', ['v1'], ['v2', 'v3'], WORDS],
    ['counts volumes that are still to be made for it', ['v1', 'new1'], ['new2'], WORDS],
    ['does not mind volumes of no driver', ['v1', 'v2'], ['o1'], null],
    ['does not count claims that are gone', ['v1', 'gone1'], ['v2'], null],
  ])('%s', (_what, there, wanted, expected) => {
    const cache = cluster({ n1: {} }, [['n1', user('there', there)]], lookups(2))
    expect(refusals(cache, user('a', wanted))).toEqual([expected])
  })

  it('counts what is attached to it though no pod uses it', () => {
    const attachments = (name: string) =>
      name === 'n1' ? [attachment('v8'), attachment('v9'), attachment(undefined)] : []
    const cache = cluster({ n1: {}, n2: {} }, [], lookups(2, { attachments }))
    expect(refusals(cache, user('a', ['v1']))).toEqual([WORDS, null])
    expect(refusals(cache, user('b', ['v9']))).toEqual([null, null])
  })

  it('makes room when a less important pod goes', () => {
    const low = user('low', ['v1', 'v2'], { priority: 1 })
    const cache = cluster({ n1: {} }, [['n1', low]], lookups(2))
    expect(preempt(cache, user('high', ['v3'], { priority: 9 }))).toEqual({ node: 'n1', victims: ['low'] })
  })
})

it('a node that says nothing of a driver takes any number', () => {
  const running: Array<[string, Pod]> = [['n1', user('there', ['v1', 'v2'])]]
  expect(refusals(cluster({ n1: {} }, running, lookups(undefined)), user('a', ['v3']))).toEqual([null])
  expect(refusals(cluster({ n1: {} }, running, lookups(2, { csiNode: () => undefined })), user('a', ['v3']))).toEqual([
    null,
  ])
})

it('a pod waits until a volume is detached, or another pod is gone', async () => {
  const { server, clock, nodeOf, condition } = arrangeScheduler()
  server.put(refs.nodes, node('n1'))
  server.put(refs.csiNodes, {
    metadata: { name: 'n1' },
    spec: { drivers: [{ name: 'd', nodeID: 'x', allocatable: { count: 1 } }] },
  })
  for (const name of ['v1', 'v2']) {
    server.put(refs.persistentVolumes, { metadata: { name }, spec: { csi: { driver: 'd', volumeHandle: name } } })
    const metadata = { name, namespace: 'default' }
    server.put(refs.persistentVolumeClaims, { metadata, spec: { volumeName: name }, status: { phase: 'Bound' } })
  }
  server.put(refs.volumeAttachments, attachment('v2'))
  server.put(refs.pods, user('a', ['v1']))
  await advance(clock, 100)
  expect(condition('a')?.message).toBe(
    `0/1 nodes are available: 1 ${WORDS}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.`,
  )
  server.remove(refs.volumeAttachments, 'a-v2')
  await advance(clock, 3000)
  expect(nodeOf('a')).toBe('n1')
  const event = { resource: 'pod' as const, action: 'delete' as const, pod: pod('b') }
  expect(nodeVolumeLimits.mayHelp?.(event, podInfoOf(pod('a')))).toBe(true)
  expect(nodeVolumeLimits.mayHelp?.({ ...event, action: 'add' }, podInfoOf(pod('a')))).toBe(false)
})
