import { expect, test } from 'vitest'
import { shapeOfObject } from '../fields-v1/shape.ts'
import { findSchema } from '../schema/index.ts'
import { atomicPlaces } from './atomic-places.ts'

const places = (configuration: object): string[] => atomicPlaces(configuration, shapeOfObject(findSchema('v1', 'Pod')!))

test('tells of lists, maps and objects that are one value', () => {
  const spec = {
    nodeSelector: { disk: 'ssd' },
    containers: [
      { name: 'c', args: ['a'], env: [{ name: 'e', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
    ],
  }
  expect(places({ spec })).toEqual([
    '.spec.nodeSelector',
    '.spec.containers[0].args',
    '.spec.containers[0].env[0].valueFrom.fieldRef',
  ])
})

test('is silent of what is merged part by part', () => {
  const metadata = { labels: { a: 'b' }, finalizers: ['a.b/c'] }
  expect(
    places({ metadata, spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'e', value: 'v' }] }] } }),
  ).toEqual([])
})
