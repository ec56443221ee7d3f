import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createInformer } from '../../../src-kube/client/informer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { settle } from '../../../src-kube/client/testing/advance.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { Attachments } from './attachments.ts'
import { VolumesInUse } from './in-use.ts'
import { attachmentName, type CsiVolume } from './plan/volume.ts'
import { writeData } from './records.ts'

const volume = { driver: 'd.io', handle: 'h' } as CsiVolume
const of = (uid: string) => ({ name: 'v', uid })
const NAME = 'kubernetes.io/csi/d.io^h'

describe('a volume that is to be attached', () => {
  let state: string
  let over: AbortController
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'attachments-'))
    over = new AbortController()
  })
  afterEach(async () => {
    over.abort()
    await rm(state, { recursive: true })
  })

  function arrange() {
    const clock = new FakeClock()
    const server = new FakeTransport({ clock })
    const client = createClient(server)
    const status = (said: object) => server.put(refs.nodes, { metadata: { name: 'n1' }, spec: {}, status: said })
    status({})
    const nodes = createInformer({ client, ref: refs.nodes, clock, signal: over.signal, onError: () => undefined })
    const changed = vi.fn<() => void>()
    const inUse = new VolumesInUse(state, { changed, log: () => undefined })
    const attachments = new Attachments({ client, nodeName: 'n1', nodes, inUse, clock })
    const attached = (metadata: object = {}, said: object = { attached: true, attachmentMetadata: { lun: '3' } }) =>
      server.put(refs.volumeAttachments, {
        metadata: { name: attachmentName(volume, 'n1'), ...metadata },
        spec: { attacher: 'd.io', nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
        status: said,
      })
    return { clock, status, inUse, attachments, attached, changed }
  }
  const both = { volumesAttached: [{ name: NAME, devicePath: '' }], volumesInUse: [NAME] }

  it('is waited for until the node’s status has it both ways', async () => {
    const { status, inUse, attachments, attached, changed } = arrange()
    await vi.waitFor(() => expect(inUse.list()).toEqual([]))
    let done: unknown
    void attachments.of(volume, of('u1'), undefined).then((context) => (done = context))
    expect(inUse.list()).toEqual([NAME])
    expect(changed).toHaveBeenCalledTimes(1)
    attached()
    status({ ...both, volumesInUse: [] })
    await settle()
    expect(done).toBeUndefined()
    status(both)
    await settle()
    expect(done).toEqual({ lun: '3' })
    await attachments.of(volume, of('u2'), undefined)
    attachments.release('u1')
    expect(inUse.list()).toEqual([NAME])
    attachments.release('u2')
    expect(inUse.list()).toEqual([])
  })

  it('is not waited for for ever, nor by a pod that goes', async () => {
    const { clock, attachments, inUse } = arrange()
    await vi.waitFor(() => expect(inUse.list()).toEqual([]))
    const words =
      'Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[v], failed to process volumes=[]: context deadline exceeded'
    const late = attachments.of(volume, of('u1'), undefined)
    await Promise.all([expect(late).rejects.toThrow(words), clock.advance(123_000)])
    const gone = new AbortController()
    const left = attachments.of(volume, of('u1'), gone.signal)
    gone.abort()
    await expect(left).rejects.toThrow(words)
    attachments.release('u1')
    expect(inUse.list()).toEqual([])
  })

  it('is not mounted while it is being detached', async () => {
    const { status, attachments, attached } = arrange()
    status(both)
    attached({ deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] })
    await settle()
    await expect(attachments.of(volume, of('u1'), undefined)).rejects.toThrow('volume attachment is being deleted')
  })

  it('is in use from the start when an earlier agent left it mounted', async () => {
    const directory = join(state, 'pods/u/volumes/kubernetes.io~csi/pv')
    const left = { specVolID: 'pv', driverName: 'd.io', volumeHandle: 'h' }
    await writeData(directory, { ...left, attachmentID: 'csi-1' })
    await writeData(`${directory}2`, { ...left, specVolID: 'pv2', volumeHandle: 'not-attached', attachmentID: '' })
    const { inUse, changed } = arrange()
    expect(inUse.list()).toBeUndefined()
    await vi.waitFor(() => expect(inUse.list()).toEqual([NAME]))
    expect(changed).toHaveBeenCalledTimes(1)
  })
})
