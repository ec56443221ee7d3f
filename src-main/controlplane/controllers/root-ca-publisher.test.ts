import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import { rootCaPublisher } from './root-ca-publisher.ts'
import { harness } from './testing/harness.ts'

const CA = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n'
let h = harness([])
beforeEach(async () => {
  h = harness([rootCaPublisher(CA)])
  await h.start()
})
afterEach(() => h.finish())
const map = () => h.server.peek(refs.configMaps, 'kube-root-ca.crt', 'a')
const writes = () => h.server.calls.filter(({ verb }) => verb === 'create' || verb === 'update').length

// kubernetes.io, "Managing Service Accounts: Bound service account token volume mechanism".
describe('the config map kube-root-ca.crt', () => {
  it('holds the CA of the cluster in every namespace, and says what it is for', async () => {
    h.server.put(refs.namespaces, { metadata: { name: 'a' } })
    await h.settle()
    expect(map()?.data).toEqual({ 'ca.crt': CA })
    expect(map()?.metadata.annotations?.['kubernetes.io/description']).toMatch(/^Contains a CA bundle/)
  })

  it.each<[string, object]>([
    ['another CA', { data: { 'ca.crt': 'mine' } }],
    ['more beside it', { data: { 'ca.crt': CA, extra: 'x' } }],
    ['nothing', { data: undefined }],
    ['no description', { metadata: { name: 'kube-root-ca.crt', namespace: 'a', annotations: { note: 'kept' } } }],
  ])('is put right when somebody wrote %s', async (_what, change) => {
    h.server.put(refs.namespaces, { metadata: { name: 'a' } })
    await h.settle()
    h.server.put(refs.configMaps, { ...map(), ...change })
    await h.settle()
    expect(map()?.data).toEqual({ 'ca.crt': CA })
    expect(map()?.metadata.annotations?.['kubernetes.io/description']).toMatch(/^Contains a CA bundle/)
    if ('metadata' in change) expect(map()?.metadata.annotations?.['note']).toBe('kept')
  })

  it('is made again when it was deleted, and left alone while it is right', async () => {
    h.server.put(refs.namespaces, { metadata: { name: 'a' } })
    await h.settle()
    h.server.remove(refs.configMaps, 'kube-root-ca.crt', 'a')
    await h.settle()
    expect(map()?.data).toEqual({ 'ca.crt': CA })
    const before = writes()
    h.server.put(refs.namespaces, { metadata: { name: 'a', labels: { team: 'x' } } })
    await h.settle()
    expect(writes()).toBe(before)
  })

  it('is not asked for again in a namespace that has begun to end', async () => {
    h.server.intercept = ({ verb }) => {
      if (verb === 'create')
        throw new StatusError(403, 'Forbidden', 'ends', { causes: [{ reason: 'NamespaceTerminating', message: '' }] })
      return undefined
    }
    h.server.put(refs.namespaces, { metadata: { name: 'a' } })
    await h.pass(60_000)
    expect(writes()).toBe(1)
  })

  it.each([
    ['is deleted', { metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['test/hold'] } }],
    ['is terminating', { metadata: { name: 'a' }, status: { phase: 'Terminating' } }],
  ])('is not made in a namespace that %s', async (_what, namespace) => {
    h.server.put(refs.namespaces, namespace)
    await h.settle()
    expect(map()).toBeUndefined()
  })
})
