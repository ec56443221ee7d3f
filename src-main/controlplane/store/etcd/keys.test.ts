import { describe, expect, it, test } from 'vitest'
import { endOf, registryKeys } from './keys.ts'
import { behind } from './testing/plain-keys.ts'

const builtIn = [
  { group: '', plural: 'pods' },
  { group: '', plural: 'services' },
  { group: '', plural: 'nodes' },
  { group: '', plural: 'events' },
  { group: 'apps', plural: 'deployments' },
  { group: 'networking.k8s.io', plural: 'ingresses' },
  { group: 'apiregistration.k8s.io', plural: 'apiservices' },
  { group: 'later.k8s.io', plural: 'pods' },
]

describe('keys of the registry', () => {
  const keys = registryKeys('/registry', builtIn)
  test.each([
    ['/registry/core/pods/default/web', '/registry/pods/default/web'],
    ['/registry/apps/deployments/default/web', '/registry/deployments/default/web'],
    ['/registry/core/services/default/web', '/registry/services/specs/default/web'],
    ['/registry/core/nodes/n1', '/registry/minions/n1'],
    ['/registry/networking.k8s.io/ingresses/a/b', '/registry/ingress/a/b'],
    ['/registry/apiregistration.k8s.io/apiservices/v1.', '/registry/apiregistration.k8s.io/apiservices/v1.'],
    ['/registry/shop.example.com/pods/a/b', '/registry/shop.example.com/pods/a/b'],
    // Of two of one name the later one keeps its group.
    ['/registry/later.k8s.io/pods/a/b', '/registry/later.k8s.io/pods/a/b'],
    ['/registry/core', '/registry/core'],
  ])('%s is %s in etcd, and found again', (ours, theirs) => {
    expect(keys.toEtcd(ours)).toBe(theirs)
    expect(keys.fromEtcd(theirs)).toBe(ours)
  })

  it('begin with what was asked for, and others are not ours', () => {
    const mine = registryKeys('/mine', builtIn)
    expect(mine.toEtcd('/registry/core/pods/a/b')).toBe('/mine/pods/a/b')
    expect(mine.fromEtcd('/mine/pods/a/b')).toBe('/registry/core/pods/a/b')
    expect(mine.fromEtcd('/minerals/pods/a/b')).toBeUndefined()
    expect([mine.prefix, endOf(mine.prefix)]).toEqual(['/mine/', '/mine0'])
  })
})

it('keys behind a prefix stay as they are', () => {
  const keys = behind('/test')
  expect(keys.toEtcd('/a')).toBe('/test/a')
  expect([keys.fromEtcd('/test/a'), keys.fromEtcd('/a')]).toEqual(['/a', undefined])
})
