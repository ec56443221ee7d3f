import { expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { advance, settle } from '../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { startControllers } from './index.ts'
import { silent } from './testing/harness.ts'

it('all controllers share one list and one watch a resource, bring a deployment up, and stop', async () => {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const signal = new AbortController().signal
  const signer = { parse: () => Promise.reject(new Error('none')), sign: () => Promise.reject(new Error('none')) }
  const log = silent
  const ofServer = new Set<string>()
  const controllers = startControllers({
    transport: server,
    ofServer: {
      request(call) {
        if (call.verb !== 'list' && call.verb !== 'get') ofServer.add(call.resource.resource)
        return server.request(call)
      },
      watch: (call) => server.watch(call),
    },
    clock,
    signal,
    signer,
    log,
    clusterCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    rootCa: 'PEM',
  })
  await controllers.synced
  await settle()
  const lists = server.calls.filter((call) => call.verb === 'list').map((call) => call.resource.resource)
  expect(lists.length).toBe(new Set(lists).size)
  const labels = { app: 'web' }
  server.put(refs.deployments, {
    metadata: { name: 'web', namespace: 'a' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [] } },
    },
  })
  await advance(clock, 2000)
  expect(server.all(refs.pods)).toHaveLength(3)
  server.put(refs.customResourceDefinitions, {
    metadata: { name: 'crontabs.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'crontabs', kind: 'CronTab' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  })
  await advance(clock, 2000)
  expect(ofServer).toContain('customresourcedefinitions')
  expect(ofServer).not.toContain('pods')
  await server.request({ verb: 'delete', resource: refs.deployments, namespace: 'a', name: 'web' })
  await advance(clock, 2000)
  expect(server.all(refs.pods)).toEqual([])
  await controllers.stop()
  await settle()
  expect(clock.pending).toBe(0)
})
