import { expect, test } from 'vitest'
import { groupOrder, kinds } from '../../../src-kube/kinds/index.ts'
import { Discovery } from './discovery.ts'
import { reviewResources } from './reviews.ts'
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

test('Groups are listed by their priorities upstream, reviews among them, the group of old versions last', () => {
  const remote = { group: 'metrics.k8s.io', version: 'v1beta1', resources: [] }
  const all = new Discovery(new ResourceTable(kinds, groupOrder), reviewResources, () => [remote])
  expect(all.groups.slice(0, 6)).toEqual([
    'apiregistration.k8s.io',
    'apps',
    'events.k8s.io',
    'authentication.k8s.io',
    'authorization.k8s.io',
    'autoscaling',
  ])
  expect(all.groups.slice(-2)).toEqual(['metrics.k8s.io', 'extensions'])
})

test('Events have their short name in both of their groups, what is old has none', () => {
  const shortNames = (group: string, version: string, name: string) =>
    (
      discovery.resourceList(group, version) as { resources: Array<{ name: string; shortNames?: string[] }> }
    ).resources.find((resource) => resource.name === name)?.shortNames
  expect(shortNames('', 'v1', 'events')).toEqual(['ev'])
  expect(shortNames('events.k8s.io', 'v1', 'events')).toEqual(['ev'])
  expect(shortNames('extensions', 'v1beta1', 'deployments')).toBeUndefined()
})

test('Built-in groups are those of its own kinds and of reviews, not those that others serve', () => {
  const remote = { group: 'stable.example.com', version: 'v1', resources: [] }
  const all = new Discovery(new ResourceTable(kinds, groupOrder), reviewResources, () => [remote])
  const groups = ['', 'apps', 'authorization.k8s.io', 'stable.example.com']
  expect(groups.map((group) => all.isBuiltIn(group))).toEqual([true, true, true, false])
})
