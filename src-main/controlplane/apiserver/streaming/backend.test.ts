import { describe, expect, test } from 'vitest'
import type { ObjectReader } from '../../admission/admission.ts'
import { findBackend, parseProxyName } from './backend.ts'
import type { StreamingOptions } from './index.ts'

/** The backend of the pod `p` for a `proxy` to it. */
function ofPod(pod: object, name = 'p') {
  const read: Pick<ObjectReader, 'get'> = { get: () => Promise.resolve({ metadata: { name: 'p' }, ...pod } as never) }
  const options = { read } as unknown as StreamingOptions
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
  expect(parseProxyName('https:a:')).toEqual({ name: 'a', port: '', tls: true })
  expect(() => parseProxyName('ftp:a:1')).toThrow('invalid proxy target "ftp:a:1"')
})
