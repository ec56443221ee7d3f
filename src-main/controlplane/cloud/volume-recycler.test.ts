import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PersistentVolume } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import type { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import type { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { type Harness, harness } from '../controllers/testing/harness.ts'
import { volumeRecycler } from './volume-recycler.ts'

let h: Harness
let clock: FakeClock
let server: FakeTransport
beforeEach(async () => {
  h = harness([volumeRecycler()])
  ;({ clock, server } = h)
  await h.start()
})
afterEach(() => h.finish())

const claimRef = { namespace: 'a', name: 'data', uid: 'u', resourceVersion: '1' }
async function released(spec: object = {}, metadata: object = {}, phase = 'Released'): Promise<void> {
  server.put(refs.persistentVolumes, {
    metadata: { name: 'v', ...metadata },
    spec: { persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '/x' }, claimRef, ...spec },
    status: { phase },
  })
  await pass()
}
const pass = () => advance(clock, 100)
const volume = (): PersistentVolume => server.peek(refs.persistentVolumes, 'v')!
const pod = () => server.peek(refs.pods, 'recycler-for-v', 'default')
async function ends(status: object): Promise<void> {
  server.put(refs.pods, { ...pod()!, status })
  await pass()
}
const reasons = (): string[] => server.all(refs.events).map(({ reason }) => reason!)

describe('a volume to recycle', () => {
  it('is emptied by a pod with the tools of its node, where the volume is', async () => {
    const terms = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] }
    await released({ nodeAffinity: { required: terms } })
    const { spec } = pod()!
    expect(spec.volumes).toEqual([
      { name: 'node', hostPath: { path: '/usr' } },
      { name: 'vol', hostPath: { path: '/x' } },
    ])
    expect(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual(terms)
    expect(spec.containers[0]!.command?.at(-1)).toContain('rm -rf /scrub/')
  })

  it('is nobody’s afterwards, and the pod is gone', async () => {
    await released({}, { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes', mine: 'x' } })
    await ends({ phase: 'Running' })
    expect(volume().spec.claimRef).toEqual(claimRef)
    await ends({ phase: 'Succeeded' })
    expect(volume().spec.claimRef).toBeUndefined()
    expect(volume().metadata.annotations).toEqual({ mine: 'x' })
    expect(pod()).toBeUndefined()
    expect(reasons()).toContain('VolumeRecycled')
  })

  it('of NFS that was made for a claim of a name stays for that name', async () => {
    await released({ hostPath: undefined, nfs: { server: 's', path: '/y' } })
    expect(pod()!.spec.volumes![1]).toEqual({ name: 'vol', nfs: { server: 's', path: '/y' } })
    await ends({ phase: 'Succeeded' })
    expect(volume().spec.claimRef).toEqual({ namespace: 'a', name: 'data' })
  })

  it('loses a pod that an earlier control plane left', async () => {
    await released({ persistentVolumeReclaimPolicy: 'Retain' })
    server.put(refs.pods, { metadata: { name: 'recycler-for-v', namespace: 'default' }, spec: {} })
    await pass()
    expect(pod()).toBeUndefined()
    server.put(refs.pods, { metadata: { name: 'recycler-for-v', namespace: 'a' }, spec: {} })
    await pass()
    expect(server.all(refs.pods)).toHaveLength(1)
  })

  it.each([
    [{ phase: 'Failed', message: 'Pod was active on the node longer than the specified deadline' }, /deadline$/],
    [{ phase: 'Failed' }, /unknown\.$/],
  ])('has failed when its pod has: %j', async (status, words) => {
    await released()
    await ends(status)
    expect(volume().status).toMatchObject({ phase: 'Failed', message: expect.stringMatching(words) as string })
    expect(reasons()).toContain('VolumeFailedRecycle')
    expect(pod()).toBeUndefined()
  })

  it.each([
    ['one with another policy', { persistentVolumeReclaimPolicy: 'Retain' }, {}, 'Released'],
    ['one that is bound', {}, {}, 'Bound'],
    ['one that nobody could empty', { hostPath: undefined, csi: { driver: 'd', volumeHandle: 'h' } }, {}, 'Released'],
    ['one that goes', {}, { deletionTimestamp: 'now' }, 'Released'],
  ])('is not %s', async (_what, spec, metadata, phase) => {
    await released(spec, metadata, phase)
    expect(pod()).toBeUndefined()
  })
})
