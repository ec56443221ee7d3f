import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { alreadyExists } from '../../../../src-kube/machinery/errors.ts'
import { harness } from '../testing/harness.ts'
import { customResourceApiServices } from './api-services.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([customResourceApiServices()])
  await h.start()
})
afterEach(() => h.finish())

const put = (plural: string, versions: string[], status = 'True') =>
  h.server.put(refs.customResourceDefinitions, {
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      names: { plural, kind: 'Tool' },
      versions: [...versions.map((name) => ({ name, served: true })), { name: 'v0', served: false }],
    },
    status: { conditions: [{ type: 'Established', status }] },
  })
const names = () =>
  h.server
    .all(refs.apiServices)
    .map(({ metadata }) => metadata.name)
    .toSorted()

it('each group version that definitions serve has an APIService', async () => {
  put('tools', ['v1', 'v2'])
  put('things', ['v2'])
  put('waiting', ['v3'], 'False')
  await h.settle()
  expect(names()).toEqual(['v1.example.com', 'v2.example.com'])
  expect(h.server.peek(refs.apiServices, 'v1.example.com')).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' } },
    spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
  })
})

it('it goes with the last of them', async () => {
  put('tools', ['v1'])
  put('things', ['v1', 'v2'])
  await h.settle()
  h.server.remove(refs.customResourceDefinitions, 'things.example.com')
  await h.settle()
  expect(names()).toEqual(['v1.example.com'])
  put('tools', [])
  await h.settle()
  expect(names()).toEqual([])
})

it('what others registered for the group is left alone', async () => {
  h.server.put(refs.apiServices, {
    metadata: { name: 'v9.example.com' },
    spec: { group: 'example.com', version: 'v9', service: { namespace: 'a', name: 'b' } },
  })
  put('tools', ['v9'])
  await h.settle()
  expect(h.server.peek(refs.apiServices, 'v9.example.com')?.spec).toHaveProperty('service')
  h.server.remove(refs.customResourceDefinitions, 'tools.example.com')
  await h.settle()
  expect(names()).toEqual(['v9.example.com'])
})

it('somebody may have been first', async () => {
  h.server.intercept = ({ verb, resource }) => {
    if (verb === 'create') throw alreadyExists(resource, 'v1.example.com')
    return undefined
  }
  put('tools', ['v1'])
  await h.settle()
  expect(names()).toEqual([])
})
