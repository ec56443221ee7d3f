import { expect, it } from 'vitest'
import { views } from '../kinds/index.ts'
import { ownerLink } from './owner-link.ts'

const owner = (apiVersion: string, kind: string) => ({ apiVersion, kind, name: 'one', uid: 'u' })

it('leads to an owner in the namespace of what it owns', () => {
  expect(ownerLink(owner('apps/v1', 'ReplicaSet'), 'shop', views)).toEqual({
    view: 'replicasets.apps',
    namespace: 'shop',
    name: 'one',
  })
})

it('leads to an owner that is in no namespace, as the node of a static pod', () => {
  expect(ownerLink(owner('v1', 'Node'), 'kube-system', views)).toEqual({ view: 'nodes', name: 'one' })
})

it('leads nowhere for a kind of another group that is called alike, and for one that nobody knows', () => {
  expect(ownerLink(owner('batch.volcano.sh/v1alpha1', 'Job'), 'shop', views)).toBeUndefined()
  expect(ownerLink(owner('v1', 'Nothing'), 'shop', views)).toBeUndefined()
})
