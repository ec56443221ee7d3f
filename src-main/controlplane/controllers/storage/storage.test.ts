import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { claimBinder } from './claims.ts'
import { claimProtection, volumeProtection } from './protection.ts'
import { volumePhases } from './volumes.ts'

let h = harness([])
const volume = (name: string, spec: object = {}, metadata: object = {}): PersistentVolume =>
  h.server.put(refs.persistentVolumes, {
    metadata: { name, ...metadata },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: '/x' },
      ...spec,
    },
  })
const claim = (name: string, spec: object = {}): PersistentVolumeClaim =>
  h.server.put(refs.persistentVolumeClaims, {
    metadata: { name, namespace: 'a' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    status: { phase: 'Pending' },
  })
const pv = (name: string) => h.server.peek(refs.persistentVolumes, name)!
const pvc = (name: string) => h.server.peek(refs.persistentVolumeClaims, name, 'a')!
const storageClass = (more: object = {}) =>
  h.server.put(refs.storageClasses, { metadata: { name: 'fast' }, provisioner: 'example.com/disks', ...more })
const removeClaim = (name: string) => h.client.resource(refs.persistentVolumeClaims).delete(name, 'a')
beforeEach(async () => {
  h = harness([claimBinder(), volumePhases(), claimProtection(), volumeProtection()])
  await h.start()
})
afterEach(() => h.finish())

describe('binding', () => {
  it('ties a claim to the smallest volume that fits, both ways, and tells what it got', async () => {
    volume('big', { capacity: { storage: '8Gi' } })
    volume('right', { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce', 'ReadWriteMany'] })
    volume('small', { capacity: { storage: '512Mi' } })
    await h.pass(100)
    claim('data')
    await h.pass(100)
    expect(pvc('data').spec.volumeName).toBe('right')
    expect(pvc('data').metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    })
    expect(pvc('data').status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce', 'ReadWriteMany'],
      capacity: { storage: '2Gi' },
    })
    const { uid } = pvc('data').metadata
    expect(pv('right').spec.claimRef).toMatchObject({
      kind: 'PersistentVolumeClaim',
      namespace: 'a',
      name: 'data',
      uid,
    })
    expect(pv('right').status?.phase).toBe('Bound')
    expect(pv('big').status?.phase).toBe('Available')
  })

  it('tells once with which attributes its volume was made', async () => {
    volume('v', { volumeAttributesClassName: 'gold' })
    claim('data', { volumeAttributesClassName: 'gold' })
    await h.pass(100)
    expect(pvc('data').status?.currentVolumeAttributesClassName).toBe('gold')
    h.server.put(refs.persistentVolumes, { ...pv('v'), spec: { ...pv('v').spec, volumeAttributesClassName: 'silver' } })
    await h.pass(100)
    expect(pvc('data').status?.currentVolumeAttributesClassName).toBe('gold')
  })

  it('gives a claim that waits the volume that comes later, and each volume to one claim only', async () => {
    claim('one')
    claim('two')
    await h.pass(100)
    expect(h.eventReasons()).toContain('FailedBinding')
    expect(h.eventMessages()).toContain('no persistent volumes available for this claim and no storage class is set')
    volume('v')
    await h.pass(1000)
    const bound = [pvc('one'), pvc('two')].filter(({ status }) => status?.phase === 'Bound')
    expect(bound).toHaveLength(1)
    expect(pv('v').spec.claimRef?.uid).toBe(bound[0]?.metadata.uid)
  })

  it('keeps a volume for the claim that it names', async () => {
    volume('v', { claimRef: { namespace: 'a', name: 'mine' }, capacity: { storage: '9Gi' } })
    claim('other')
    await h.pass(100)
    expect(pvc('other').status?.phase).toBe('Pending')
    expect(pv('v').status?.phase).toBe('Available')
    claim('mine')
    await h.pass(100)
    expect(pvc('mine').spec.volumeName).toBe('v')
    expect(pv('v').metadata.annotations ?? {}).toEqual({})
    expect(pv('v').spec.claimRef?.uid).toBe(pvc('mine').metadata.uid)
  })

  it('gives a claim the volume it names, if that is free and will do', async () => {
    claim('named', { volumeName: 'v' })
    await h.pass(100)
    expect(pvc('named').status?.phase).toBe('Pending')
    volume('v', { storageClassName: 'other' })
    await h.pass(100)
    expect(h.eventMessages()).toContain('Cannot bind to requested volume "v": storageClassName does not match')
    h.server.put(refs.persistentVolumes, { ...pv('v'), spec: { ...pv('v').spec, storageClassName: '' } })
    await h.pass(100)
    expect(pvc('named').status?.phase).toBe('Bound')
    expect(pvc('named').metadata.annotations).toEqual({ 'pv.kubernetes.io/bind-completed': 'yes' })
    volume('w', { claimRef: { namespace: 'a', name: 'someone', uid: 'u' } })
    claim('late', { volumeName: 'w' })
    await h.pass(100)
    expect(h.eventMessages()).toContain('volume "w" already bound to a different claim.')
  })
})

describe('a claim of a class', () => {
  it('asks its provisioner once and for all', async () => {
    storageClass()
    claim('data', { storageClassName: 'fast' })
    await h.pass(100)
    expect(pvc('data').metadata.annotations).toEqual({
      'volume.kubernetes.io/storage-provisioner': 'example.com/disks',
      'volume.beta.kubernetes.io/storage-provisioner': 'example.com/disks',
    })
    expect(h.eventReasons()).toContain('ExternalProvisioning')
  })

  it('says that there is no such class, or none that provisions', async () => {
    claim('data', { storageClassName: 'fast' })
    await h.pass(100)
    expect(h.eventMessages()).toContain('storageclass.storage.k8s.io "fast" not found')
    storageClass({ provisioner: 'kubernetes.io/no-provisioner' })
    await h.pass(100)
    expect(h.eventMessages()).toContain('no volume plugin matched name: kubernetes.io/no-provisioner')
  })

  it('that waits for its first consumer is left alone until its node is chosen, and gets a volume of that node', async () => {
    storageClass({ provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' })
    for (const name of ['n1', 'n2']) {
      h.server.put(refs.nodes, { metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
      const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }]
      const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions }] } }
      volume(`on-${name}`, { storageClassName: 'fast', nodeAffinity })
    }
    claim('data', { storageClassName: 'fast' })
    await h.pass(100)
    expect(pvc('data').status?.phase).toBe('Pending')
    expect(h.eventMessages()).toEqual(['waiting for first consumer to be created before binding'])
    const annotations = { 'volume.kubernetes.io/selected-node': 'n2' }
    const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }]
    h.server.put(refs.pods, { metadata: { name: 'p', namespace: 'a' }, spec: { containers: [], volumes } })
    h.server.put(refs.persistentVolumeClaims, {
      ...pvc('data'),
      metadata: { ...pvc('data').metadata, labels: { x: 'y' } },
    })
    await h.pass(100)
    expect(h.eventMessages()).toContain('waiting for pod p to be scheduled')
    h.server.put(refs.persistentVolumeClaims, { ...pvc('data'), metadata: { ...pvc('data').metadata, annotations } })
    await h.pass(100)
    expect(pvc('data').spec.volumeName).toBe('on-n2')
  })
})

it('a claim that names no class gets the newest default class once there is one; an empty class stays empty', async () => {
  claim('data')
  claim('none', { storageClassName: '' })
  await h.pass(100)
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  const put = (name: string, creationTimestamp: string, more: object) =>
    h.server.put(refs.storageClasses, { metadata: { name, creationTimestamp, ...more }, provisioner: 'example.com/x' })
  put('newest', '2026-03-01T00:00:00Z', {})
  put('old', '2026-01-01T00:00:00Z', { annotations })
  await h.pass(100)
  expect(pvc('data').spec.storageClassName).toBe('old')
  put('new', '2026-02-01T00:00:00Z', { annotations })
  claim('later')
  await h.pass(100)
  expect(pvc('later').spec.storageClassName).toBe('new')
  expect(pvc('none').spec.storageClassName).toBe('')
})

it('what others say in the status of a volume stays', async () => {
  volume('v')
  await h.pass(100)
  const status = { ...pv('v').status, message: 'mine', reason: 'Mine' }
  await h.client.resource(refs.persistentVolumes).updateStatus({ ...pv('v'), status })
  await h.pass(1000)
  expect(pv('v').status).toMatchObject({ phase: 'Available', message: 'mine', reason: 'Mine' })
})

it('a node on which there is no volume for a claim is not chosen any more', async () => {
  storageClass({ provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' })
  claim('data', { storageClassName: 'fast' })
  await h.pass(100)
  const annotations = { 'volume.kubernetes.io/selected-node': 'n1', mine: 'stays' }
  h.server.put(refs.persistentVolumeClaims, { ...pvc('data'), metadata: { ...pvc('data').metadata, annotations } })
  await h.pass(100)
  expect(pvc('data').metadata.annotations).toEqual({ mine: 'stays' })
})

describe('after its claim', () => {
  const bound = async (spec: object = {}, metadata: object = {}) => {
    volume('v', spec, metadata)
    await h.pass(100)
    claim('data')
    await h.pass(100)
    expect(pvc('data').status?.phase).toBe('Bound')
    await removeClaim('data')
    await h.pass(1000)
  }

  it('a volume to retain is Released, no other claim gets it, and it comes free when its claimRef is cleared', async () => {
    await bound()
    expect(pv('v').status).toMatchObject({ phase: 'Released' })
    claim('data')
    await h.pass(100)
    expect(pvc('data').status?.phase).toBe('Pending')
    const { claimRef: _, ...spec } = pv('v').spec
    h.server.put(refs.persistentVolumes, { ...pv('v'), spec })
    await h.pass(1000)
    expect(pvc('data').status?.phase).toBe('Bound')
  })

  it('a volume to delete is left to who provisioned it', async () => {
    const annotations = { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' }
    await bound({ persistentVolumeReclaimPolicy: 'Delete' }, { annotations })
    expect(pv('v').status).toMatchObject({ phase: 'Released' })
  })

  it.each([
    ['Delete', { hostPath: undefined, nfs: {} }, 'VolumeFailedDelete', 'no deletable volume plugin matched'],
    ['Delete', {}, 'VolumeFailedDelete', 'host_path deleter only supports /tmp/.+ but received provided /x'],
    ['Recycle', { hostPath: undefined, csi: {} }, 'VolumeFailedRecycle', 'no recyclable volume plugin matched'],
  ])(
    'a volume made by hand with %s and %j has failed',
    async (persistentVolumeReclaimPolicy, source, reason, words) => {
      await bound({ persistentVolumeReclaimPolicy, ...source })
      expect(pv('v').status?.phase).toBe('Failed')
      expect(pv('v').status?.message).toContain(words)
      expect(h.eventReasons()).toContain(reason)
    },
  )

  it('a volume with Delete that is a temporary directory is gone with its claim', async () => {
    await bound({ persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/tmp/x' } })
    expect(h.server.peek(refs.persistentVolumes, 'v')).toBeUndefined()
  })
})

describe('a bound claim', () => {
  it('is lost when its volume is, and when the volume is bound to another', async () => {
    volume('v')
    await h.pass(100)
    claim('data')
    await h.pass(100)
    h.server.remove(refs.persistentVolumes, 'v')
    await h.pass(100)
    expect(pvc('data').status).toEqual({ phase: 'Lost' })
    expect(h.eventMessages()).toContain('Bound claim has lost its PersistentVolume. Data on the volume is lost!')
    volume('w', { claimRef: { namespace: 'a', name: 'x', uid: 'other' } })
    h.server.put(refs.persistentVolumeClaims, {
      metadata: { name: 'wrong', namespace: 'a', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
      spec: { volumeName: 'w' },
    })
    await h.pass(100)
    expect(h.eventReasons()).toContain('ClaimMisbound')
  })

  it('ties its volume again when that forgot it', async () => {
    volume('v')
    await h.pass(100)
    claim('data')
    await h.pass(100)
    const { claimRef: _, ...spec } = pv('v').spec
    h.server.put(refs.persistentVolumes, { ...pv('v'), spec })
    await h.pass(1000)
    expect(pv('v').spec.claimRef?.uid).toBe(pvc('data').metadata.uid)
  })
})

it('a volume whose claim went to another volume comes free', async () => {
  volume('v')
  await h.pass(100)
  claim('data')
  await h.pass(100)
  const { name, uid } = pvc('data').metadata
  const annotations = { 'pv.kubernetes.io/bound-by-controller': 'yes' }
  volume('tied', { claimRef: { namespace: 'a', name, uid } }, { annotations })
  volume('meant', { claimRef: { namespace: 'a', name, uid } })
  await h.pass(1000)
  expect(pv('tied').spec.claimRef).toBeUndefined()
  expect(pv('meant').spec.claimRef).toEqual({ namespace: 'a', name })
  expect([pv('tied'), pv('meant')].map(({ status }) => status?.phase)).toEqual(['Available', 'Available'])
})

describe('protection', () => {
  it('keeps a claim while a pod on a node uses it', async () => {
    volume('v')
    claim('data')
    await h.pass(100)
    expect(pvc('data').metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
    const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }]
    const pod = h.server.put(refs.pods, {
      metadata: { name: 'p', namespace: 'a' },
      spec: { nodeName: 'n1', containers: [], volumes },
    })
    await removeClaim('data')
    await h.pass(1000)
    expect(pvc('data').metadata.deletionTimestamp).toBeDefined()
    h.server.put(refs.pods, { ...pod, status: { phase: 'Succeeded' } })
    await h.pass(1000)
    expect(h.server.peek(refs.persistentVolumeClaims, 'data', 'a')).toBeUndefined()
  })

  it('keeps a volume while a claim is bound to it', async () => {
    volume('v')
    await h.pass(100)
    claim('data')
    await h.pass(100)
    expect(pv('v').metadata.finalizers).toEqual(['kubernetes.io/pv-protection'])
    await h.client.resource(refs.persistentVolumes).delete('v')
    await h.pass(1000)
    expect(pv('v').metadata.deletionTimestamp).toBeDefined()
    await removeClaim('data')
    await h.pass(1000)
    expect(h.server.peek(refs.persistentVolumes, 'v')).toBeUndefined()
  })
})
