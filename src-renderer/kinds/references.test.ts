import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from './index.ts'

/** What the cells of an object lead to, by column. */
function referencesOf(view: string, object: unknown): Record<string, unknown> {
  const columns = views.find(({ id }) => id === view)!.columns
  const links = columns.map((column) => [column.id, column.link?.(partial<KubeObject>(object as object))] as const)
  return Object.fromEntries(links.filter(([, link]) => link !== undefined))
}
const metadata = { name: 'web', namespace: 'shop' }
const shop = { view: 'namespaces', name: 'shop' }
const ownedBy = (apiVersion: string, kind: string) => ({
  metadata: { ...metadata, ownerReferences: [{ apiVersion, kind, name: 'batch', uid: 'u', controller: true }] },
})

it('a pod leads to its namespace, its node and what controls it', () => {
  expect(referencesOf('pods', { ...ownedBy('batch/v1', 'Job'), spec: { nodeName: 'n1' } })).toEqual({
    namespace: shop,
    node: { view: 'nodes', name: 'n1' },
    owner: { view: 'jobs.batch', namespace: 'shop', name: 'batch' },
  })
  expect(referencesOf('pods', ownedBy('v1', 'ReplicationController'))['owner']).toMatchObject({
    view: 'replicationcontrollers',
  })
  expect(referencesOf('pods', { metadata })).toEqual({ namespace: shop })
})

it('a static pod leads to its node, which is in no namespace', () => {
  expect(referencesOf('pods', ownedBy('v1', 'Node'))['owner']).toEqual({ view: 'nodes', name: 'batch' })
})

it('a controller of another group leads nowhere, though its kind is called alike', () => {
  expect(referencesOf('pods', ownedBy('batch.volcano.sh/v1alpha1', 'Job'))).toEqual({ namespace: shop })
})

it('claims, volumes, ingresses and events lead to what they name', () => {
  expect(
    referencesOf('persistentvolumeclaims', { metadata, spec: { volumeName: 'v', storageClassName: 's' } }),
  ).toEqual({
    namespace: shop,
    volume: { view: 'persistentvolumes', name: 'v' },
    class: { view: 'storageclasses.storage.k8s.io', name: 's' },
  })
  const claimRef = { namespace: 'shop', name: 'data' }
  expect(referencesOf('persistentvolumes', { metadata: { name: 'v' }, spec: { claimRef } })).toEqual({
    claim: { view: 'persistentvolumeclaims', ...claimRef },
  })
  expect(referencesOf('ingresses.networking.k8s.io', { metadata, spec: { ingressClassName: 'c' } })).toMatchObject({
    class: { view: 'ingressclasses.networking.k8s.io', name: 'c' },
  })
  expect(referencesOf('events', { metadata, involvedObject: { kind: 'Pod', ...metadata } })).toMatchObject({
    object: { view: 'pods', ...metadata },
  })
})
