import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PersistentVolume } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import type { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import type { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type { NodeConnection } from '../../../src-wire/node/node-connection.ts'
import { type Harness, harness } from '../controllers/testing/harness.ts'
import { sharedVolumeProvisioner, sharedVolumeReclaimer } from './shared-volumes.ts'

const asked = { 'volume.kubernetes.io/storage-provisioner': 'drydock.dev/shared' }
let h: Harness
let clock: FakeClock
let server: FakeTransport
let nodes: string[] = []
let removed: string[] = []
let failure: Error | undefined
beforeEach(async () => {
  nodes = ['n1']
  removed = []
  failure = undefined
  const removeVolume = (name: string) => {
    if (failure) return Promise.reject(failure)
    removed.push(name)
    return Promise.resolve()
  }
  const tunnels = { list: () => nodes, get: () => partial<NodeConnection>({ removeVolume }) }
  h = harness([sharedVolumeProvisioner(), sharedVolumeReclaimer(tunnels)])
  ;({ clock, server } = h)
  await h.start()
})
afterEach(() => h.finish())

const standard = (more: object = {}) =>
  server.put(refs.storageClasses, {
    metadata: { name: 'standard' },
    provisioner: 'drydock.dev/shared',
    reclaimPolicy: 'Delete',
    ...more,
  })
const claim = (spec: object = {}, more: object = {}) =>
  server.put(refs.persistentVolumeClaims, {
    metadata: { name: 'data', namespace: 'a', annotations: asked },
    spec: {
      storageClassName: 'standard',
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
      ...spec,
    },
    ...more,
  })
const volumes = () => server.all(refs.persistentVolumes)
const reasons = () => server.all(refs.events).map(({ reason }) => reason)

describe('a claim that asks for a shared volume', () => {
  it.each(['k8s.io/minikube-hostpath', 'docker.io/hostpath'])('may do so as in tutorials: %s', async (provisioner) => {
    standard({ provisioner })
    const annotations = { 'volume.kubernetes.io/storage-provisioner': provisioner }
    const { metadata } = claim({}, { metadata: { name: 'data', namespace: 'a', annotations } })
    await advance(clock, 100)
    const provisioned = { 'pv.kubernetes.io/provisioned-by': 'drydock.dev/shared' }
    expect(volumes()).toMatchObject([{ metadata: { name: `pvc-${metadata.uid}`, annotations: provisioned } }])
  })

  it('gets a directory named after it, tied to it, as its class says', async () => {
    const { metadata } = claim()
    await advance(clock, 100)
    expect(volumes()).toEqual([])
    standard({ mountOptions: ['ro'] })
    await advance(clock, 100)
    const name = `pvc-${metadata.uid}`
    expect(volumes()).toMatchObject([
      {
        metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': 'drydock.dev/shared' }, finalizers },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteMany'],
          claimRef: { namespace: 'a', name: 'data', uid: metadata.uid },
          persistentVolumeReclaimPolicy: 'Delete',
          storageClassName: 'standard',
          mountOptions: ['ro'],
          hostPath: { path: `/var/lib/drydock/volumes/${name}`, type: 'DirectoryOrCreate' },
        },
      },
    ])
    expect(reasons()).toEqual(['Provisioning', 'ProvisioningSucceeded'])
  })

  it.each([
    ['block', { volumeMode: 'Block' }],
    ['a selector', { selector: { matchLabels: { a: 'b' } } }],
    ['another source', { dataSource: { kind: 'PersistentVolumeClaim', name: 'x' } }],
  ])('is told that %s cannot be had', async (_what, spec) => {
    standard()
    claim(spec)
    await advance(clock, 100)
    expect(volumes()).toEqual([])
    expect(reasons()).toEqual(['ProvisioningFailed'])
  })

  it('grows when it is bound and its class lets it', async () => {
    standard({ allowVolumeExpansion: true })
    claim()
    await advance(clock, 100)
    const [volume] = volumes()
    const { metadata } = server.peek(refs.persistentVolumeClaims, 'data', 'a')!
    const status = { phase: 'Bound', capacity: { storage: '1Gi' } }
    const spec = { volumeName: volume!.metadata.name, resources: { requests: { storage: '3Gi' } } }
    claim(spec, { metadata, status })
    await advance(clock, 100)
    expect(volumes()[0]?.spec.capacity).toEqual({ storage: '3Gi' })
    expect(server.peek(refs.persistentVolumeClaims, 'data', 'a')?.status?.capacity).toEqual({ storage: '3Gi' })
    expect(reasons()).toContain('VolumeResizeSuccessful')
  })
})

const finalizers = ['external-provisioner.volume.kubernetes.io/finalizer']

describe('a released volume', () => {
  const released = (more: { spec?: object; metadata?: object; phase?: string } = {}): PersistentVolume =>
    server.put(refs.persistentVolumes, {
      metadata: {
        name: 'pvc-1',
        annotations: { 'pv.kubernetes.io/provisioned-by': 'drydock.dev/shared' },
        ...more.metadata,
      },
      spec: { persistentVolumeReclaimPolicy: 'Delete', ...more.spec },
      status: { phase: more.phase ?? 'Released' },
    })

  it('goes with what it holds', async () => {
    released()
    await advance(clock, 100)
    expect(removed).toEqual(['pvc-1'])
    expect(volumes()).toEqual([])
  })

  it('stays until a node is there, and while none can remove it', async () => {
    nodes = []
    released()
    await advance(clock, 6000)
    expect(volumes()).toHaveLength(1)
    nodes = ['n1']
    failure = new Error('disk is on fire')
    await advance(clock, 6000)
    expect(server.all(refs.events)[0]).toMatchObject({ reason: 'VolumeFailedDelete', message: 'disk is on fire' })
    failure = undefined
    await advance(clock, 6000)
    expect(volumes()).toEqual([])
  })

  const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers }

  it('that was deleted while a claim had it goes with what it holds once the claim is gone', async () => {
    released({ metadata: deleted, phase: 'Bound' })
    await advance(clock, 100)
    expect(removed).toEqual([])
    released({ metadata: deleted })
    await advance(clock, 100)
    expect(removed).toEqual(['pvc-1'])
    expect(volumes().flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([])
  })

  it('is kept for what it holds as long as its policy says so', async () => {
    nodes = []
    released()
    await advance(clock, 100)
    expect(volumes()[0]?.metadata.finalizers).toEqual(finalizers)
    released({ metadata: { finalizers }, spec: { persistentVolumeReclaimPolicy: 'Retain' } })
    await advance(clock, 100)
    expect(volumes()[0]?.metadata.finalizers).toEqual([])
  })

  it.each([
    ['to retain', { spec: { persistentVolumeReclaimPolicy: 'Retain' } }],
    ['of others', { metadata: { annotations: {} } }],
  ])('%s stays', async (_what, more) => {
    released(more)
    await advance(clock, 6000)
    expect(removed).toEqual([])
    expect(volumes()).toHaveLength(1)
  })
})
