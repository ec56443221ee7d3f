import { expect, test } from 'vitest'
import { findKind, kinds } from '../../../../src-kube/kinds/index.ts'
import { columnDocs } from './column-docs.ts'

const docsOf = (group: string, kind: string): Record<string, string> => {
  const descriptor = findKind(group, kind)!
  return Object.fromEntries(descriptor.columns.map(({ name }, i) => [name, columnDocs(descriptor)![i]!]))
}

test('Columns of fields are described as the fields are', () => {
  const pod = docsOf('', 'Pod')
  expect(pod['Name']).toMatch(/^Name must be unique within a namespace/)
  expect(pod['Age']).toMatch(/^CreationTimestamp is a timestamp/)
  expect(pod['IP']).toMatch(/^podIP/)
  const service = docsOf('', 'Service')
  expect(service['Type']).toMatch(/^type determines how the Service is exposed/)
  expect(service['Cluster-IP']).toMatch(/^clusterIP is the IP address of the service/)
})

test('Columns of more than a field say what they show', () => {
  expect(docsOf('', 'Pod')['Ready']).toBe('How many of its containers are ready, of how many there are.')
  expect(docsOf('apps', 'ReplicaSet')['Desired']).toBe('How many replicas are wanted.')
})

test('Every kind has a description for each column, if an empty one, and others have none', () => {
  for (const descriptor of kinds) {
    const docs = columnDocs(descriptor)!
    expect(docs).toHaveLength(descriptor.columns.length)
    expect(docs[descriptor.columns.findIndex(({ name }) => name === 'Name')]).not.toBe('')
  }
  expect(columnDocs({ columns: [] })).toBeUndefined()
})
