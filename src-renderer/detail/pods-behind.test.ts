import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from '../kinds/index.ts'
import { podsBehind } from './pods-behind.ts'

const view = (id: string) => views.find((one) => one.id === id)!
const pod = (name: string, app: string, more: object = {}, namespace = 'shop'): KubeObject =>
  partial<KubeObject>({ metadata: { name, namespace, labels: { app } }, status: { phase: 'Running' }, ...more })
const pods = [
  pod('b', 'web'),
  pod('a', 'web', { spec: { nodeName: 'n1', volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } }),
  pod('c', 'web', { status: { phase: 'Failed' } }),
  pod('d', 'other', { spec: { nodeName: 'n1' } }),
  pod('e', 'web', {}, 'elsewhere'),
]
const names = (id: string, object: object): string[] =>
  podsBehind(view(id), object as KubeObject, pods).map((one) => one.metadata.name)

it('finds the pods of a selector in the same namespace, what failed first', () => {
  const spec = { selector: { matchLabels: { app: 'web' } } }
  expect(names('deployments.apps', { metadata: { name: 'web', namespace: 'shop' }, spec })).toEqual(['c', 'a', 'b'])
})

it('finds the pods of a node and those that mount a claim', () => {
  expect(names('nodes', { metadata: { name: 'n1' } })).toEqual(['a', 'd'])
  expect(names('persistentvolumeclaims', { metadata: { name: 'data', namespace: 'shop' } })).toEqual(['a'])
})

it('finds none for a service without a selector and for kinds that have no pods', () => {
  expect(names('services', { metadata: { name: 'x', namespace: 'shop' }, spec: {} })).toEqual([])
  expect(names('configmaps', { metadata: { name: 'x', namespace: 'shop' } })).toEqual([])
})
