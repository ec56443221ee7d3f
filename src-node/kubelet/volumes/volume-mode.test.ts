import { expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { setUpClaim } from './persistent-volume-claim.ts'
import { checkVolumeMode } from './volume-mode.ts'

const pod = (container: Partial<Container>): Pod =>
  ({ metadata: { name: 'p', namespace: 'a', uid: 'u' }, spec: { containers: [{ name: 'c', ...container }] } }) as Pod
const mounted = pod({ volumeMounts: [{ name: 'v', mountPath: '/v' }] })
const mapped = pod({ volumeDevices: [{ name: 'v', devicePath: '/dev/v' }] })

it('a volume without a file system is a device, any other is mounted', () => {
  checkVolumeMode(mounted, 'v', 'Filesystem')
  checkVolumeMode(mapped, 'v', 'Block')
  checkVolumeMode(mounted, 'other', 'Block')
  expect(() => checkVolumeMode(mounted, 'v', 'Block')).toThrow(
    'volume v has volumeMode Block, but is specified in volumeMounts',
  )
  expect(() => checkVolumeMode(mapped, 'v', 'Filesystem')).toThrow(
    'volume v has volumeMode Filesystem, but is specified in volumeDevices',
  )
})

it('a claim of a volume without a file system leads to a device', async () => {
  const server = new FakeTransport({ clock: new FakeClock() })
  const metadata = { name: 'data', namespace: 'a', uid: 'c1' }
  server.put(refs.persistentVolumeClaims, { metadata, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } })
  const setUp = (spec: object) => {
    server.put(refs.persistentVolumes, { metadata: { name: 'pv' }, spec })
    const mountNfs = () => Promise.reject(new Error('no NFS'))
    const sources = { client: createClient(server), nodeName: 'n1', mountNfs, mountCsi: mountNfs }
    return setUpClaim(sources, mapped, { name: 'v', claimName: 'data', ofPod: false, readOnly: false })
  }
  await expect(setUp({ local: { path: '/dev/null' }, volumeMode: 'Block' })).rejects.toThrow(
    'hostPath type check failed: /dev/null is not a block device',
  )
  await expect(setUp({ local: { path: '/' } })).rejects.toThrow('has volumeMode Filesystem')
  await expect(setUp({ iscsi: {}, volumeMode: 'Block' })).rejects.toThrow(
    'no volume plugin matched for persistent volume pv',
  )
})
