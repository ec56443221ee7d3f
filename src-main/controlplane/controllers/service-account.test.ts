import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { alreadyExists, StatusError } from '../../../src-kube/machinery/errors.ts'
import { serviceAccountController } from './service-account.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([serviceAccountController()])
  await h.start()
})
afterEach(() => h.finish())
const namespace = (name: string, more: object = {}, status: object = { phase: 'Active' }) =>
  h.server.put(refs.namespaces, { metadata: { name, ...more }, status })
const account = (namespaceName: string) => h.server.peek(refs.serviceAccounts, 'default', namespaceName)

// kubernetes.io, "Managing Service Accounts: ServiceAccount controller".
describe('the service account "default"', () => {
  it('is made in every namespace', async () => {
    namespace('a')
    namespace('b')
    await h.settle()
    expect([account('a')?.metadata.name, account('b')?.metadata.name]).toEqual(['default', 'default'])
  })

  it('is made again when it was deleted, and others are not', async () => {
    namespace('a')
    await h.settle()
    h.server.put(refs.serviceAccounts, { metadata: { name: 'builder', namespace: 'a' } })
    await h.settle()
    h.server.remove(refs.serviceAccounts, 'builder', 'a')
    h.server.remove(refs.serviceAccounts, 'default', 'a')
    await h.settle()
    expect(h.server.all(refs.serviceAccounts).map(({ metadata }) => metadata.name)).toEqual(['default'])
  })

  it.each([
    ['is deleted', { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['test/hold'] }, {}],
    ['is terminating', {}, { phase: 'Terminating' }],
  ])('is not made in a namespace that %s', async (_what, meta, status) => {
    namespace('a', meta, status)
    await h.settle()
    expect(account('a')).toBeUndefined()
  })

  it('is not asked for again in a namespace that has begun to end', async () => {
    h.server.intercept = ({ verb }) => {
      if (verb === 'create')
        throw new StatusError(403, 'Forbidden', 'ends', { causes: [{ reason: 'NamespaceTerminating', message: '' }] })
      return undefined
    }
    namespace('a')
    await h.pass(60_000)
    expect(h.server.calls.filter(({ verb }) => verb === 'create')).toHaveLength(1)
  })

  it('that cannot be made is tried again, with a word about it', async () => {
    let refuse = true
    h.server.intercept = ({ verb }) => {
      if (refuse && verb === 'create') throw new StatusError(500, 'InternalError', 'no')
      return undefined
    }
    namespace('a')
    await h.settle()
    expect(h.warnings).toHaveLength(1)
    h.warnings.length = 0
    refuse = false
    await h.pass(5000)
    expect(account('a')).toBeDefined()
  })

  it('that somebody else made first is as good', async () => {
    h.server.intercept = ({ verb, resource, name }) => {
      if (verb === 'create' && resource.resource === 'serviceaccounts')
        throw alreadyExists({ group: '', resource: 'serviceaccounts' }, name ?? 'default')
      return undefined
    }
    namespace('a')
    await h.settle()
    expect(h.warnings).toEqual([])
  })
})
