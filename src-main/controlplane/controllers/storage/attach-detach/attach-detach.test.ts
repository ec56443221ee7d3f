import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import type { VolumeAttachment } from '#types/storage.k8s.io/v1'
import { refs } from '../../../../../src-kube/client/refs.ts'
import { harness } from '../../testing/harness.ts'
import { attachDetachController } from './index.ts'
import { multiAttachWords } from './plan.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([attachDetachController()])
  for (const name of ['n1', 'n2']) node(name)
  await h.start()
})
afterEach(() => h.finish())

const node = (name: string, status: object = {}, spec: object = {}) =>
  h.server.put(refs.nodes, {
    metadata: { name },
    spec,
    status: { conditions: [{ type: 'Ready', status: 'True' }], ...status },
  })

function volume(name: string, spec: object = {}) {
  const claim = h.server.put(refs.persistentVolumeClaims, {
    metadata: { name, namespace: 'a' },
    spec: { volumeName: `pv-${name}` },
    status: { phase: 'Bound' },
  })
  h.server.put(refs.persistentVolumes, {
    metadata: { name: `pv-${name}` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      claimRef: { namespace: 'a', name, uid: claim.metadata.uid },
      csi: { driver: 'd.io', volumeHandle: `h-${name}` },
      ...spec,
    },
  })
}

const pod = (name: string, nodeName: string, claim: string, more: object = {}): Pod =>
  h.server.put(refs.pods, {
    metadata: { name, namespace: 'a' },
    spec: { nodeName, containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: claim } }] },
    status: { phase: 'Pending' },
    ...more,
  })
const attachments = () => h.server.all(refs.volumeAttachments)
/** What the driver's attacher does. */
const carriedOut = (object: VolumeAttachment, status: object = { attached: true }) =>
  h.server.put(refs.volumeAttachments, { ...object, status })
const nodeOf = (name: string) => h.server.peek(refs.nodes, name)!
const removePod = (name: string) => h.client.resource(refs.pods).delete(name, 'a', { gracePeriodSeconds: 0 })

describe('the attaching of volumes', () => {
  it('is asked for where a pod is bound, and told the node and the pod once it is done', async () => {
    volume('x')
    pod('p', 'n1', 'x')
    await h.pass(100)
    const [made] = attachments()
    const digest = createHash('sha256').update('h-xd.ion1').digest('hex')
    expect(made?.metadata.name).toBe(`csi-${digest}`)
    expect(made?.spec).toEqual({ attacher: 'd.io', nodeName: 'n1', source: { persistentVolumeName: 'pv-x' } })
    expect(nodeOf('n1').status?.volumesAttached ?? []).toEqual([])
    carriedOut(made!)
    await h.pass(100)
    expect(nodeOf('n1').status?.volumesAttached).toEqual([{ name: 'kubernetes.io/csi/d.io^h-x', devicePath: '' }])
    expect(h.eventMessages()).toEqual(['AttachVolume.Attach succeeded for volume "pv-x" '])
    expect(h.eventReasons()).toEqual(['SuccessfulAttachVolume'])
  })

  it('is not asked for drivers that need none, pods that have ended, and claims that are not bound', async () => {
    h.server.put(refs.csiDrivers, { metadata: { name: 'd.io' }, spec: { attachRequired: false } })
    volume('x')
    pod('p', 'n1', 'x')
    volume('y', { csi: { driver: 'other.io', volumeHandle: 'h' } })
    pod('ended', 'n1', 'y', { status: { phase: 'Succeeded' } })
    pod('early', 'n1', 'z')
    await h.pass(100)
    expect(attachments()).toEqual([])
  })

  it('begins when the claim is bound while the pod waits, and when the driver comes to need it', async () => {
    h.server.put(refs.csiDrivers, { metadata: { name: 'd.io' }, spec: { attachRequired: false } })
    pod('p', 'n1', 'x')
    await h.pass(100)
    volume('x')
    await h.pass(100)
    expect(attachments()).toHaveLength(0)
    h.server.put(refs.csiDrivers, { metadata: { name: 'd.io' }, spec: { attachRequired: true } })
    await h.pass(100)
    expect(attachments()).toHaveLength(1)
  })

  it('tells errors of the attacher, each once, and that nothing happens', async () => {
    volume('x')
    pod('p', 'n1', 'x')
    await h.pass(100)
    carriedOut(attachments()[0]!, { attached: false, attachError: { time: 't1', message: 'rpc error: no' } })
    await h.pass(100)
    carriedOut(attachments()[0]!, {
      attached: false,
      attachError: { time: 't1', message: 'rpc error: no' },
      attachmentMetadata: {},
    })
    await h.pass(100)
    expect(h.eventMessages()).toEqual(['AttachVolume.Attach failed for volume "pv-x" : rpc error: no'])
    await h.pass(121_000)
    expect(h.eventMessages().at(-1)).toBe(
      'AttachVolume.Attach failed for volume "pv-x" : timed out waiting for external-attacher of d.io CSI driver to attach volume h-x',
    )
    expect(new Set(h.eventReasons())).toEqual(new Set(['FailedAttachVolume']))
  })
})

describe('the detaching of volumes', () => {
  const attachedTo = async (name: string) => {
    volume('x')
    pod('p', name, 'x')
    await h.pass(100)
    carriedOut(attachments()[0]!)
    await h.pass(100)
  }

  it('waits until the node has unmounted it, and is told the node first', async () => {
    await attachedTo('n1')
    const { status } = nodeOf('n1')
    node('n1', { ...status, volumesInUse: ['kubernetes.io/csi/d.io^h-x'] })
    await removePod('p')
    await h.pass(1000)
    expect(attachments()).toHaveLength(1)
    node('n1', { ...nodeOf('n1').status, volumesInUse: [] })
    await h.pass(100)
    expect(attachments()).toEqual([])
    expect(nodeOf('n1').status?.volumesAttached).toEqual([])
  })

  it('goes on without a node that is silent for six minutes', async () => {
    await attachedTo('n1')
    const conditions = [{ type: 'Ready', status: 'Unknown' }]
    node('n1', { ...nodeOf('n1').status, conditions, volumesInUse: ['kubernetes.io/csi/d.io^h-x'] })
    await removePod('p')
    await h.pass(350_000)
    expect(attachments()).toHaveLength(1)
    await h.pass(20_000)
    expect(attachments()).toEqual([])
  })

  it('goes on at once without a node that is out of service', async () => {
    await attachedTo('n1')
    const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }]
    node('n1', { ...nodeOf('n1').status, volumesInUse: ['kubernetes.io/csi/d.io^h-x'] }, { taints })
    await removePod('p')
    await h.pass(100)
    expect(attachments()).toEqual([])
  })

  it('happens with the node that goes, and leaves alone what others made', async () => {
    await attachedTo('n1')
    h.server.put(refs.volumeAttachments, {
      metadata: { name: 'mine' },
      spec: { attacher: 'x', nodeName: 'n1', source: { persistentVolumeName: 'gone' } },
    })
    await removePod('p')
    await h.client.resource(refs.nodes).delete('n1')
    await h.pass(100)
    expect(attachments().map(({ metadata }) => metadata.name)).toEqual(['mine'])
  })
})

describe('a volume that may be attached to one node alone', () => {
  it('comes to the next once it is detached from the first, which its pod is told', async () => {
    volume('x')
    pod('first', 'n1', 'x')
    await h.pass(100)
    carriedOut(attachments()[0]!)
    pod('second', 'n2', 'x')
    await h.pass(100)
    expect(attachments()).toHaveLength(1)
    expect(h.eventMessages()).toContain('Multi-Attach error for volume "pv-x" Volume is already used by pod(s) first')
    await removePod('first')
    await h.pass(100)
    expect(attachments().map(({ spec }) => spec.nodeName)).toEqual(['n2'])
  })

  it('is asked for by one of two nodes that want it in the same moment', async () => {
    volume('x')
    pod('first', 'n1', 'x')
    pod('second', 'n2', 'x')
    await h.pass(100)
    expect(attachments()).toHaveLength(1)
  })

  it('is another matter with volumes for many', async () => {
    volume('x', { accessModes: ['ReadWriteMany'] })
    pod('first', 'n1', 'x')
    pod('second', 'n2', 'x')
    await h.pass(100)
    expect(attachments()).toHaveLength(2)
  })

  it('says who has it in upstream’s words', () => {
    const wanted = {
      volume: 'v',
      driver: 'd',
      handle: 'h',
      isExclusive: true,
      pods: [{ metadata: { namespace: 'a', name: 'p' } } as Pod],
    }
    const other = { namespace: 'b', name: 'q' }
    const words = (...users: Array<{ namespace: string; name: string }>) =>
      multiAttachWords(wanted, users).replace('Multi-Attach error for volume "v" ', '')
    expect(words()).toBe("Volume is already exclusively attached to one node and can't be attached to another")
    expect(words(other)).toBe('Volume is already used by 1 pod(s) in different namespaces')
    expect(words({ namespace: 'a', name: 'x' }, other)).toBe(
      'Volume is already used by pod(s) x and 1 pod(s) in different namespaces',
    )
  })
})
