import { describe, expect, test } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { ObjectReader } from '../../admission/admission.ts'
import { dialBackend, findBackend, parseProxyName } from './backend.ts'
import type { StreamingOptions } from './index.ts'

/** The backend of the pod `p` for a `proxy` to it. */
function ofPod(pod: object, name = 'p') {
  const read: Pick<ObjectReader, 'get'> = { get: () => Promise.resolve(partial({ metadata: { name: 'p' }, ...pod })) }
  const options = { read } as StreamingOptions
  return findBackend(options, { resource: 'pods', namespace: 'd', name } as Parameters<typeof findBackend>[1])
}

describe('a proxy to a pod', () => {
  const ports = [{ containerPort: 8080 }, { name: 'web', containerPort: 9090 }]
  const placed = { spec: { nodeName: 'n1', containers: [{ name: 'c', ports }] }, status: { podIP: '10.244.1.2' } }

  test.each<[string, number, boolean]>([
    ['p', 8080, false],
    ['p:web', 9090, false],
    ['https:p:7070', 7070, true],
  ])('%s goes to port %i', async (name, port, tls) => {
    expect(await ofPod(placed, name)).toEqual({ node: 'n1', host: '10.244.1.2', port, tls })
  })

  test('knows no port by a name that no container has', async () => {
    const message = 'error trying to reach service: dial tcp: lookup tcp/nope: unknown port'
    await expect(ofPod(placed, 'p:nope')).rejects.toMatchObject({ code: 503, message })
  })

  test('goes to port 80 where no container tells of one', async () => {
    expect(await ofPod({ ...placed, spec: { nodeName: 'n1', containers: [{ name: 'c' }] } })).toMatchObject({
      port: 80,
    })
  })

  test('that has no address is a mistake of whoever asks', async () => {
    const refused = { code: 400, message: 'address not allowed' }
    await expect(ofPod({ ...placed, status: {} })).rejects.toMatchObject(refused)
    await expect(ofPod({ spec: { containers: [{ name: 'c' }] } })).rejects.toMatchObject(refused)
  })
})

test('The target of a proxy is a name, with a port, with a scheme', () => {
  expect(parseProxyName('https:a:', 'pod')).toEqual({ name: 'a', port: '', tls: true })
  expect(() => parseProxyName('ftp:a:1', 'service')).toThrow('invalid service request "ftp:a:1"')
})

describe('a proxy to a service', () => {
  const service = {
    spec: {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    },
  }
  const slice = {
    metadata: { labels: { 'kubernetes.io/service-name': 's' } },
    ports: [
      { name: 'a', port: 8080 },
      { name: 'b', port: 8081 },
    ],
    endpoints: [{ addresses: ['10.244.1.2'], nodeName: 'n1' }],
  }
  const ofService = (name: string) => {
    const read = { get: () => Promise.resolve(service), list: () => Promise.resolve([slice]) }
    const options = partial<StreamingOptions>({ read, tunnels: { list: () => [] } })
    return findBackend(options, { resource: 'services', namespace: 'd', name } as Parameters<typeof findBackend>[1])
  }

  test.each([
    ['s:a', 8080],
    ['s:b', 8081],
    ['s:81', 8081],
  ])('%s goes to port %i of an endpoint', async (name, port) => {
    expect(await ofService(name)).toMatchObject({ node: 'n1', host: '10.244.1.2', port })
  })

  test('that does not have the port says so', async () => {
    const message = (name: string) => ofService(name).catch((error: Error) => error.message)
    expect(await message('s:99')).toBe('no service port 99 found for service "s"')
    expect(await message('s')).toBe('no endpoints available for service "s"')
    expect(await message('s:nope')).toBe('no endpoints available for service "s:nope"')
  })
})

test.each([
  ['connect ECONNREFUSED 10.244.1.2:80', 'dial tcp 10.244.1.2:80: connect: connection refused'],
  ['connect EHOSTUNREACH 10.244.1.2:80', 'dial tcp 10.244.1.2:80: connect: no route to host'],
  ['the node is away', 'the node is away'],
])('A backend that cannot be reached is told of in the words of Kubernetes: %s', async (said, words) => {
  const tunnels = { get: () => ({ dial: () => Promise.reject(new Error(`Internal error occurred: ${said}`)) }) }
  const to = { node: 'n1', host: '10.244.1.2', port: 80, tls: false }
  await expect(dialBackend(partial<StreamingOptions>({ tunnels }), to)).rejects.toMatchObject({
    code: 503,
    message: expect.stringMatching(new RegExp(`^error trying to reach service: .*${words}$`)) as string,
  })
})
