import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { expect, it } from 'vitest'
import { informerFactory } from '../../../src-kube/client/informer-factory.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { settle } from '../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { resourceSource } from './discovery.ts'

const crd = (more: Partial<CustomResourceDefinition['spec']> = {}, { established = true } = {}) => ({
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      { name: 'v1beta1', served: true, storage: false },
      { name: 'v1', served: true, storage: true },
    ],
    ...more,
  },
  status: { conditions: [{ type: 'Established', status: established ? 'True' : 'False' }] },
})
const thing = { group: 'example.com', version: 'v1', resource: 'things', kind: 'Thing', namespaced: true }

function arrange() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const client = createClient(server)
  const informers = informerFactory({ client, clock, signal: new AbortController().signal })
  const source = resourceSource([refs.configMaps], informers.informer(refs.customResourceDefinitions))
  const heard: string[] = []
  source.on({
    add: (ref) => heard.push(`+${ref.resource}`),
    remove: (ref) => heard.push(`-${ref.resource}`),
  })
  return { server, source, heard }
}

it('custom resources count from the moment they are established, by the version they are stored in', async () => {
  const { server, source, heard } = arrange()
  await source.synced
  server.put(refs.customResourceDefinitions, crd({}, { established: false }))
  await settle()
  expect(source.list()).toEqual([refs.configMaps])
  server.put(refs.customResourceDefinitions, crd())
  server.put(refs.customResourceDefinitions, crd({ scope: 'Namespaced' }))
  await settle()
  expect(source.find('example.com/v1beta1', 'Thing')).toEqual(thing)
  server.remove(refs.customResourceDefinitions, 'things.example.com')
  await settle()
  expect(source.find('example.com/v1', 'Thing')).toBeUndefined()
  expect(heard).toEqual(['+configmaps', '+things', '-things'])
})

it('a custom resource is asked for in a version that is served', async () => {
  const { server, source, heard } = arrange()
  await source.synced
  server.put(refs.customResourceDefinitions, crd())
  await settle()
  const versions = [
    { name: 'v1beta1', served: true, storage: false },
    { name: 'v1', served: false, storage: true },
  ]
  server.put(refs.customResourceDefinitions, crd({ versions }))
  await settle()
  expect(source.find('example.com/v1', 'Thing')).toEqual({ ...thing, version: 'v1beta1' })
  expect(heard).toEqual(['+configmaps', '+things', '-things', '+things'])
})

it('a definition of what is built in is no resource of its own', async () => {
  const { server, source } = arrange()
  const names = { plural: 'configmaps', kind: 'ConfigMap' }
  server.put(refs.customResourceDefinitions, crd({ group: '', names }))
  await settle()
  expect(source.list()).toEqual([refs.configMaps])
})

it('a definition that stores no version is no resource', async () => {
  const { server, source } = arrange()
  server.put(refs.customResourceDefinitions, crd({ versions: [] }))
  await settle()
  expect(source.list()).toEqual([refs.configMaps])
})

it('without custom resources only what is built in is known, whatever the version asked for', async () => {
  const source = resourceSource([refs.deployments], undefined)
  await source.synced
  expect(source.find('apps/v1beta1', 'Deployment')).toBe(refs.deployments)
  expect(source.find('v1', 'Deployment')).toBeUndefined()
})
