import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { attributesClassProtection } from './attributes-class-protection.ts'

let h = harness([])
const finalizers = ['kubernetes.io/vac-protection']
const DELETION_TIMESTAMP = '2026-01-01T00:00:00Z'
const gold = (metadata: object = {}) =>
  h.server.put(refs.volumeAttributesClasses, { metadata: { name: 'gold', ...metadata }, driverName: 'x.dev' })
const current = () => h.server.peek(refs.volumeAttributesClasses, 'gold')
const claim = (spec: object, status: object = {}) =>
  h.server.put(refs.persistentVolumeClaims, { metadata: { name: 'c', namespace: 'a' }, spec, status })
beforeEach(async () => {
  h = harness([attributesClassProtection()])
  await h.start()
})
afterEach(() => h.finish())

it('a class is protected from the beginning', async () => {
  gold()
  await h.pass(100)
  expect(current()?.metadata.finalizers).toEqual(finalizers)
})

it.each<[string, object, object]>([
  ['asks for it', { volumeAttributesClassName: 'gold' }, {}],
  ['has it', {}, { currentVolumeAttributesClassName: 'gold' }],
  ['is about to get it', {}, { modifyVolumeStatus: { targetVolumeAttributesClassName: 'gold', status: 'Pending' } }],
])('a class that is deleted stays while a claim %s', async (_what, spec, status) => {
  claim(spec, status)
  await h.pass(100)
  gold({ finalizers, deletionTimestamp: DELETION_TIMESTAMP })
  await h.pass(100)
  expect(current()?.metadata.finalizers).toEqual(finalizers)
  claim({ volumeAttributesClassName: 'silver' })
  await h.pass(100)
  expect(current()?.metadata.finalizers ?? []).toEqual([])
})

it('a class that is deleted stays while a volume has it', async () => {
  h.server.put(refs.persistentVolumes, { metadata: { name: 'v' }, spec: { volumeAttributesClassName: 'gold' } })
  await h.pass(100)
  gold({ finalizers, deletionTimestamp: DELETION_TIMESTAMP })
  await h.pass(100)
  expect(current()?.metadata.finalizers).toEqual(finalizers)
  h.server.remove(refs.persistentVolumes, 'v')
  await h.pass(100)
  expect(current()?.metadata.finalizers ?? []).toEqual([])
})
