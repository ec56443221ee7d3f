import { expect, it } from 'vitest'
import { attributes, run } from '../testing/arrange.ts'
import { storageObjectInUseProtection } from './storage-protection.ts'

const born = async (kind: string, finalizers: string[] | undefined, more: object = {}, group = '') => {
  const object = { metadata: { name: 'd', ...(finalizers ? { finalizers } : {}) }, spec: {} }
  await run([storageObjectInUseProtection()], attributes(group, kind, object, more))
  return (object.metadata as { finalizers?: string[] }).finalizers
}

it('claims and volumes are born with the finalizer that protects them, once', async () => {
  expect(await born('PersistentVolumeClaim', undefined)).toEqual(['kubernetes.io/pvc-protection'])
  expect(await born('PersistentVolume', ['mine'])).toEqual(['mine', 'kubernetes.io/pv-protection'])
  const attributesClass = await born('VolumeAttributesClass', undefined, {}, 'storage.k8s.io')
  expect(attributesClass).toEqual(['kubernetes.io/vac-protection'])
  expect(await born('PersistentVolume', ['kubernetes.io/pv-protection'])).toEqual(['kubernetes.io/pv-protection'])
})

it('leaves updates and other kinds alone', async () => {
  expect(await born('PersistentVolumeClaim', undefined, { operation: 'UPDATE' })).toBeUndefined()
  expect(await born('ConfigMap', undefined)).toBeUndefined()
})
