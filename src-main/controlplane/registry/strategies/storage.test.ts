import type { CSIDriver } from '#types/storage.k8s.io/v1'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { csiDriverStrategy } from './csi.ts'
import { claimStrategy } from './plain.ts'
import { validateClaimChange, validateVolumeChange, validateVolumeSource } from './storage.ts'

const object = (spec: object, status: object = {}) =>
  partial<KubeObject>({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec, status })
const claim = (more: object, storage = '1Gi') =>
  object({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...more })
const words = (errors: ReadonlyArray<{ field: string; message: string }>) =>
  errors.map((e) => `${e.field}: ${e.message}`)

test('a claim is bound once and changes no more', () => {
  expect(validateClaimChange(claim({ volumeName: 'v' }), claim({}))).toEqual([])
  expect(words(validateClaimChange(claim({ volumeName: 'w' }), claim({ volumeName: 'v' })))).toEqual([
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n' +
      '  core.PersistentVolumeClaimSpec{\n  \t... // 2 identical fields\n- \tVolumeName: "v",\n+ \tVolumeName: "w",\n  }\n',
  ])
})

test('a claim says in both fields where its volume comes from, and may leave one out afterwards', () => {
  const source = { kind: 'PersistentVolumeClaim', name: 'a' }
  const create = (spec: object) => {
    const made = object(spec)
    void claimStrategy.prepareForCreate?.(partial({}), made)
    return made['spec']
  }
  const both = { dataSource: source, dataSourceRef: source }
  expect(create({ dataSource: source })).toEqual(both)
  expect(create({ dataSourceRef: source })).toEqual(both)
  const foreign = { dataSourceRef: { ...source, namespace: 'b' } }
  expect(create(foreign), 'CrossNamespaceVolumeDataSource is off').toEqual(both)
  expect(create({})).toEqual({})
  const changed = claim({ dataSource: source })
  void claimStrategy.prepareForUpdate?.(partial({ subresource: '' }), changed, claim(both))
  expect(changed['spec']).toMatchObject(both)
  expect(validateClaimChange(claim(both), claim({ dataSource: source }))).toEqual([])
  const other = { ...source, name: 'b' }
  expect(validateClaimChange(claim({ dataSource: other, dataSourceRef: other }), claim(both))).toHaveLength(1)
})

test('a bound claim grows, and never below what it has', () => {
  const bound = { ...claim({}), status: { phase: 'Bound', capacity: { storage: '1Gi' } } }
  expect(validateClaimChange(claim({}, '2Gi'), bound)).toEqual([])
  expect(words(validateClaimChange(claim({}, '1Mi'), bound))).toEqual([
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ])
  expect(validateClaimChange(claim({}, '2Gi'), claim({}))).toHaveLength(1)
})

test('a volume has one source, which stays', () => {
  const host = (path: string) => object({ hostPath: { path } })
  expect(words(validateVolumeSource(object({})))).toEqual(['spec: Required value: must specify a volume type'])
  expect(validateVolumeSource(host('/a'))).toEqual([])
  expect(words(validateVolumeChange(host('/b'), host('/a')))).toEqual([
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
  ])
})

test('a driver is not told of limits that nobody heeds: VolumeLimitScaling is off', () => {
  const driver = () => partial<CSIDriver>({ spec: { attachRequired: true, preventPodSchedulingIfMissing: true } })
  const [made, changed] = [driver(), driver()]
  void csiDriverStrategy.prepareForCreate?.(partial({}), made)
  void csiDriverStrategy.prepareForUpdate?.(partial({}), changed, made)
  expect([made.spec, changed.spec]).toEqual([{ attachRequired: true }, { attachRequired: true }])
})
