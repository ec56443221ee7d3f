import { describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeStatus } from '#types/core/v1'
import { partial } from '../../machinery/testing/partial.ts'
import { findVolume, type MatchOptions, mismatch } from './matching.ts'

const volume = (
  name: string,
  spec: object = {},
  metadata: object = {},
  phase: PersistentVolumeStatus['phase'] = 'Available',
) =>
  partial<PersistentVolume>({
    metadata: { name, ...metadata },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
    status: { phase },
  })
const claim = (spec: object = {}, metadata: object = {}) =>
  partial<PersistentVolumeClaim>({
    metadata: { name: 'c', namespace: 'a', uid: 'u', ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  })
const found = (of: PersistentVolumeClaim, volumes: PersistentVolume[], more: MatchOptions = {}) =>
  findVolume(of, volumes, more)?.metadata.name
const mine = { claimRef: { namespace: 'a', name: 'c' } }

// kubernetes.io, "Persistent Volumes: Binding".
describe('the volume for a claim', () => {
  it.each<[string, PersistentVolumeClaim, PersistentVolume[], string | undefined]>([
    [
      'is the smallest that is large enough',
      claim(),
      [
        volume('xl', { capacity: { storage: '9Gi' } }),
        volume('l', { capacity: { storage: '2Gi' } }),
        volume('s', { capacity: { storage: '1Mi' } }),
      ],
      'l',
    ],
    ['has all its access modes', claim({ accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] }), [volume('v')], undefined],
    ['is of its class', claim({ storageClassName: 'x' }), [volume('v'), volume('w', { storageClassName: 'x' })], 'w'],
    [
      'is of its legacy class',
      claim({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } }),
      [volume('w', { storageClassName: 'x' })],
      'w',
    ],
    ['is of its attributes class', claim({ volumeAttributesClassName: 'x' }), [volume('v')], undefined],
    ['is of its mode', claim({ volumeMode: 'Block' }), [volume('v'), volume('b', { volumeMode: 'Block' })], 'b'],
    [
      'has the labels it selects',
      claim({ selector: { matchLabels: { a: 'b' } } }),
      [volume('v'), volume('w', {}, { labels: { a: 'b' } })],
      'w',
    ],
    ["is nobody else's", claim(), [volume('v', { claimRef: { namespace: 'a', name: 'other' } })], undefined],
    [
      'is not that of an earlier claim of its name',
      claim(),
      [volume('v', { claimRef: { ...mine.claimRef, uid: 'before' } })],
      undefined,
    ],
    ['is not one that goes', claim(), [volume('v', {}, { deletionTimestamp: 'now' })], undefined],
    ['is not one that was released', claim(), [volume('v', {}, {}, 'Released')], undefined],
    [
      'is the one that names it, whatever else would fit',
      claim(),
      [volume('v'), volume('m', { ...mine, storageClassName: 'x', capacity: { storage: '5Gi' } })],
      'm',
    ],
    [
      'is not even that when it is too small',
      claim(),
      [volume('m', { ...mine, capacity: { storage: '1Mi' } })],
      undefined,
    ],
    [
      'is any when it asks for nothing',
      claim({ resources: undefined, accessModes: undefined }),
      [volume('v', { capacity: undefined })],
      'v',
    ],
  ])('%s', (_what, of, volumes, expected) => {
    expect(found(of, volumes)).toBe(expected)
  })

  it('is only one that names it, while it waits for its first consumer', () => {
    expect(found(claim(), [volume('v')], { delayed: true })).toBeUndefined()
    expect(found(claim(), [volume('v'), volume('m', mine)], { delayed: true })).toBe('m')
  })

  it('can be had where its pod will run', () => {
    const reaches = ({ metadata }: PersistentVolume) => metadata.name !== 'far'
    expect(found(claim(), [volume('far'), volume('near')], { reaches })).toBe('near')
    expect(found(claim(), [volume('far', mine)], { reaches })).toBeUndefined()
    expect(found(claim(), [volume('far')])).toBe('far')
  })
})

it.each([
  [claim(), undefined],
  [claim({ resources: { requests: { storage: '2Gi' } } }), 'requested PV is too small'],
  [claim({ storageClassName: 'x' }), 'storageClassName does not match'],
  [claim({ volumeAttributesClassName: 'x' }), 'volumeAttributesClassName does not match'],
  [claim({ volumeMode: 'Block' }), 'incompatible volumeMode'],
  [claim({ accessModes: ['ReadWriteMany'] }), 'incompatible accessMode'],
])('%j of a plain volume: %s', (of, words) => {
  expect(mismatch(volume('v'), of)).toBe(words)
})
