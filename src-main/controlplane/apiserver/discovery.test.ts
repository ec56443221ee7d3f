import { expect, test } from 'vitest'
import { groupOrder, kinds } from '../../../src-kube/kinds/index.ts'
import { Discovery } from './discovery.ts'
import { ResourceTable } from './resources.ts'

const discovery = new Discovery(new ResourceTable(kinds, groupOrder), [])
const hashOf = (group: string, version: string, name: string) =>
  (
    discovery.resourceList(group, version) as { resources: Array<{ name: string; storageVersionHash?: string }> }
  ).resources.find((resource) => resource.name === name)?.storageVersionHash

test('The hash of a storage version is the one that kube-apiserver tells, whichever version is asked for', () => {
  expect(hashOf('', 'v1', 'pods')).toBe('xPOwRZ+Yhw8=')
  expect(hashOf('', 'v1', 'configmaps')).toBe('qFsyl6wFWjQ=')
  expect(hashOf('apps', 'v1', 'deployments')).toBe('8aSe+NMegvE=')
  expect(hashOf('events.k8s.io', 'v1', 'events')).toBe(hashOf('', 'v1', 'events'))
})
