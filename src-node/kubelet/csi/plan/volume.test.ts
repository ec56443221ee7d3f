import { describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { nodeCan } from '../api.ts'
import { changedDrivers, changedNodeIds } from './csi-node.ts'
import { expandedStatus, expansionOf } from './expansion.ts'
import { capabilityOf, givesToGroup, lifecycleProblem, persistentCsiVolume } from './volume.ts'

const volume = (spec: object = {}, csi: object = {}, { readOnly = false } = {}) =>
  persistentCsiVolume(
    partial<PersistentVolume>({
      metadata: { name: 'pv' },
      spec: { csi: { driver: 'd.io', volumeHandle: 'h', ...csi }, ...spec },
    }),
    { readOnly },
  )!

describe('how a driver is told that a volume is used', () => {
  it.each([
    [undefined, 1, 7],
    ['ReadWriteOnce', 1, 7],
    ['ReadWriteOncePod', 1, 6],
    ['ReadOnlyMany', 3, 3],
    ['ReadWriteMany', 5, 5],
    ['Unheard', 0, 0],
  ])('%s is mode %d, and %d for drivers that tell pods of a node apart', (mode, plain, exact) => {
    const one = volume(mode === undefined ? {} : { accessModes: [mode, 'ReadWriteMany'] })
    expect(capabilityOf(one, new Set()).accessMode).toEqual({ mode: plain })
    expect(capabilityOf(one, new Set([nodeCan.singleNodeMultiWriter])).accessMode).toEqual({ mode: exact })
  })

  it('names the group only to drivers that see to it, and none of a device', () => {
    const can = new Set([nodeCan.mountGroup])
    expect(capabilityOf(volume(), can, 5).mount?.volumeMountGroup).toBe('5')
    expect(capabilityOf(volume(), can).mount?.volumeMountGroup).toBe('')
    expect(capabilityOf(volume({ volumeMode: 'Block' }), can, 5)).toEqual({ block: {}, accessMode: { mode: 1 } })
  })
})

it('what is no driver’s is none of theirs', () => {
  const spec = { hostPath: { path: '/' } }
  expect(
    persistentCsiVolume(partial<PersistentVolume>({ metadata: { name: 'pv' }, spec }), { readOnly: false }),
  ).toBeUndefined()
})

it('a group gets nothing of what is only read, and without a file system’s name only where the driver says so', () => {
  const object = (fsGroupPolicy?: 'File') => ({ spec: fsGroupPolicy ? { fsGroupPolicy } : {} })
  const once = { accessModes: ['ReadWriteOncePod'] }
  expect(givesToGroup(volume(once, { fsType: 'xfs' }), object())).toBe(true)
  expect(givesToGroup(volume(once), undefined)).toBe(false)
  expect(givesToGroup(volume(once), object('File'))).toBe(true)
  expect(givesToGroup(volume(once, {}, { readOnly: true }), object('File'))).toBe(false)
})

it('a driver without its object has persistent volumes alone', () => {
  expect(lifecycleProblem(volume(), undefined)).toBeUndefined()
  expect(lifecycleProblem(volume(), { spec: {} })).toBeUndefined()
  expect(lifecycleProblem({ ...volume(), lifecycle: 'Ephemeral' }, undefined)).toContain('(no CSIDriver object)')
  expect(lifecycleProblem(volume(), { spec: { volumeLifecycleModes: ['Ephemeral'] } })).toContain(
    '(only supports ["Ephemeral"])',
  )
})

it('a volume is made larger on the node when it is larger than its claim knows', () => {
  const claim = (status?: object) => partial<PersistentVolumeClaim>(status ? { status } : {})
  expect(expansionOf('2Gi', claim({ capacity: { storage: '1Gi' } }))).toBe(2 ** 31)
  expect(expansionOf('1Gi', claim({ capacity: { storage: '1024Mi' } }))).toBeUndefined()
  expect(expansionOf('1Gi', claim())).toBeUndefined()
  expect(expansionOf(undefined, claim({ capacity: { storage: '1Gi' } }))).toBeUndefined()
  const conditions = [{ type: 'Resizing' }, { type: 'Other' }]
  expect(expandedStatus('2Gi', claim({ conditions })).status).toEqual({
    capacity: { storage: '2Gi' },
    conditions: [{ type: 'Other' }],
    allocatedResourceStatuses: { storage: null },
  })
  expect(expandedStatus('2Gi', claim()).status).toMatchObject({ conditions: [] })
})

it('names of drivers for the node are sorted, and none is no annotation', () => {
  expect(changedNodeIds('{"b":"2"}', 'a', '1')).toBe('{"a":"1","b":"2"}')
  expect(changedNodeIds('{"a":"1"}', 'a', undefined)).toBeUndefined()
  expect(changedNodeIds(undefined, 'a', undefined)).toBeUndefined()
  expect(changedNodeIds('{"b":"2","c":"3"}', 'a', '1')).toBe('{"a":"1","b":"2","c":"3"}')
})

it('a list of drivers stays as it is when nothing has changed', () => {
  const entry = { name: 'a', nodeID: '1', topologyKeys: [] }
  expect(changedDrivers([{ name: 'a', nodeID: '1' }], 'a', entry)).toBeUndefined()
  expect(changedDrivers([], 'a', undefined)).toBeUndefined()
  expect(changedDrivers([entry], 'a', { ...entry, nodeID: '2' })).toEqual([{ ...entry, nodeID: '2' }])
})
