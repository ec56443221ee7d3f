import { expect, test } from 'vitest'
import { findKind } from '../../../../src-kube/kinds/index.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { status } from './status.ts'

const was = {
  labels: { a: 'old' },
  annotations: { a: 'old' },
  finalizers: ['a/old'],
  ownerReferences: [{ name: 'old' }],
}
const wanted = { labels: { a: 'new' }, annotations: { a: 'new' }, finalizers: ['a/new'] }
const owners = [{ name: 'new' }]

/** Whose metadata stands after a write of the status, by part; `-` where nothing does. */
function afterStatus(group: string, kind: string, sent: object): string {
  const descriptor = findKind(group, kind)!
  const object = (metadata: object, more: object) =>
    ({ apiVersion: 'v1', kind, metadata: { name: 'x', generation: 3, ...metadata }, ...more }) as KubeObject
  const target = { descriptor, served: descriptor.served[0]!, namespace: '', name: 'x', subresource: 'status' }
  const current = object(was, { spec: { kept: true }, status: { old: true } })
  const made = status.merge!(current, object(sent, { spec: {}, status: { new: true } }), target) as KubeObject
  expect(made).toMatchObject({ spec: { kept: true }, status: { new: true }, metadata: { generation: 3 } })
  const { labels, annotations, finalizers, ownerReferences } = made.metadata
  const told = [labels?.['a'], annotations?.['a'], finalizers?.[0]?.slice(2), ownerReferences?.[0]?.name]
  return told.map((one) => one ?? '-').join(' ')
}

test.each([
  ['', 'Node', 'new new new new'],
  ['batch', 'Job', 'new new new new'],
  ['', 'Pod', 'new new new old'],
  ['apps', 'Deployment', 'old new new new'],
  ['apiextensions.k8s.io', 'CustomResourceDefinition', 'old old new old'],
  ['storage.k8s.io', 'VolumeAttachment', 'old old old old'],
  ['flowcontrol.apiserver.k8s.io', 'FlowSchema', 'old old old old'],
])('The status of %s %s brings labels, annotations, finalizers and owners: %s', (group, kind, brought) => {
  expect(afterStatus(group, kind, { ...wanted, ownerReferences: owners })).toBe(brought)
})

test('What a status leaves out of what it brings is taken away', () => {
  expect(afterStatus('', 'Node', {})).toBe('- - - -')
  expect(afterStatus('', 'Pod', {})).toBe('- - - old')
})
