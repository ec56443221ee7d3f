import { expect, test } from 'vitest'
import { docsFrom, readDocs } from './docs.ts'

const docs = docsFrom(
  [
    'V1Pod\t\tA group of containers.',
    'V1Pod\tkind\tWhat it is.',
    'CoreV1Event\t\tAn event of the core group.',
    'EventsV1Event\t\tAn event.',
    'V1Ingress\t\tRules for requests.',
  ].join('\n'),
)

test('A type and its fields are found by version and name', () => {
  expect(docs({ groupVersion: 'v1', type: 'Pod' })).toBe('A group of containers.')
  expect(docs({ groupVersion: 'v1', type: 'Pod' }, 'kind')).toBe('What it is.')
  expect(docs({ groupVersion: 'v1', type: 'Pod' }, 'spec')).toBeUndefined()
})

test('A name that groups share is found under its group', () => {
  expect(docs({ groupVersion: 'v1', type: 'Event' })).toBe('An event of the core group.')
  expect(docs({ groupVersion: 'events.k8s.io/v1', type: 'Event' })).toBe('An event.')
})

test('An old version is explained by the newest one', () => {
  expect(docs({ groupVersion: 'extensions/v1beta1', type: 'Ingress' })).toBe('Rules for requests.')
})

test('The generated words cover the types that people ask for', () => {
  const generated = readDocs()
  expect(generated({ groupVersion: 'v1', type: 'PodSpec' }, 'containers')).toMatch(/^List of containers belonging/)
  expect(generated({ groupVersion: 'apps/v1', type: 'Deployment' })).toMatch(/declarative updates for Pods/)
  expect(generated({ groupVersion: 'meta/v1', type: 'ObjectMeta' }, 'labels')).toMatch(/organize and categorize/)
  expect(generated({ groupVersion: 'v1', type: 'Container' }, 'image')).not.toContain('\\')
})
