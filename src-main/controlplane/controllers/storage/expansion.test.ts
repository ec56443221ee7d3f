import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { volumeExpansion } from './expansion.ts'

let h = harness([])
const claim = (storage: string, status: object, storageClassName = 'fast') =>
  h.server.put(refs.persistentVolumeClaims, {
    metadata: { name: 'c', namespace: 'a' },
    spec: { storageClassName, resources: { requests: { storage } } },
    status,
  })
const annotations = () => h.server.peek(refs.persistentVolumeClaims, 'c', 'a')?.metadata.annotations
const bound = { phase: 'Bound', capacity: { storage: '1Gi' } }
beforeEach(async () => {
  h = harness([volumeExpansion()])
  h.server.put(refs.storageClasses, { metadata: { name: 'fast' }, provisioner: 'x.dev/disks' })
  await h.start()
})
afterEach(() => h.finish())

it('a claim that asks for more than it has waits for who made its volume', async () => {
  claim('2Gi', bound)
  await h.pass(100)
  expect(annotations()).toEqual({ 'volume.kubernetes.io/storage-resizer': 'x.dev/disks' })
  expect(h.eventMessages()).toContain('waiting for an external controller to expand this PVC')
})

it('one whose class is gone waits too', async () => {
  claim('2Gi', bound, 'gone')
  await h.pass(100)
  expect(annotations()).toBeUndefined()
  expect(h.eventReasons()).toContain('ExternalExpanding')
})

it.each<[string, string, object]>([
  ['has what it asks for', '1Gi', bound],
  ['has no volume yet', '2Gi', { phase: 'Pending' }],
])('nothing is said of a claim that %s', async (_what, storage, status) => {
  claim(storage, status)
  await h.pass(100)
  expect(h.eventReasons()).toEqual([])
})
