import { afterEach, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { endpointsController } from './endpoints/legacy.ts'
import { ownServiceController } from './own-service.ts'
import { harness, type Harness } from './testing/harness.ts'

let h: Harness
afterEach(() => h.finish())

const at = { name: 'kubernetes', namespace: 'default' }
const kinds = [refs.services, refs.endpoints, refs.endpointSlices]
const address = () => h.server.peek(refs.endpoints, 'kubernetes', 'default')?.subsets?.[0]?.addresses?.[0]?.ip
const sliced = () => h.server.peek(refs.endpointSlices, 'kubernetes', 'default')?.endpoints?.[0]?.addresses

async function begin(reached: string | undefined) {
  h = harness([endpointsController(), ownServiceController({ address: reached, port: 6443 })])
  await h.start()
  await h.pass(100)
}

it("what is deleted of the server's own service comes back", async () => {
  await begin('172.28.0.1')
  for (const resource of kinds) {
    await h.server.request({ verb: 'delete', resource, ...at })
    await h.pass(1_000)
    for (const ref of kinds) expect(h.server.peek(ref, 'kubernetes', 'default')).toBeDefined()
  }
  expect(h.server.peek(refs.services, 'kubernetes', 'default')?.spec).toMatchObject({
    clusterIP: '10.96.0.1',
    ports: [{ name: 'https', port: 443, targetPort: 6443 }],
  })
  expect([address(), sliced()]).toEqual(['172.28.0.1', ['172.28.0.1']])
})

it("endpoints of it are the server's whatever somebody writes", async () => {
  await begin('172.28.0.1')
  const endpoints = h.server.peek(refs.endpoints, 'kubernetes', 'default')!
  const slice = h.server.peek(refs.endpointSlices, 'kubernetes', 'default')!
  h.server.put(refs.endpoints, { ...endpoints, subsets: [] })
  h.server.put(refs.endpointSlices, { ...slice, endpoints: [{ addresses: ['10.0.0.9'] }] })
  await h.pass(1_000)
  expect([address(), sliced()]).toEqual(['172.28.0.1', ['172.28.0.1']])
})

it('a server that pods do not reach leaves endpoints to the one that they do', async () => {
  await begin(undefined)
  expect(h.server.peek(refs.services, 'kubernetes', 'default')).toBeDefined()
  expect(address()).toBeUndefined()
})
