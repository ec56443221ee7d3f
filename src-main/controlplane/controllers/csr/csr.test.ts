import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { harness } from '../testing/harness.ts'
import { csrApprover, csrCleaner, csrSigner } from './controllers.ts'
import type { CertificateSigner, ParsedRequest } from './signer.ts'
import { request } from './testing/parsed-request.ts'

/** Requests are JSON here. */
const signer: CertificateSigner = {
  parse: async (text) => JSON.parse(text) as ParsedRequest,
  sign: async ({ requestPem, usages }) => {
    if (requestPem.includes('weak')) throw new Error('key is too weak')
    return `certificate for ${usages.join('+')}`
  },
}
let h = harness([])
const csr = (spec: object, body: ParsedRequest = request()) =>
  h.server.put(refs.certificateSigningRequests, {
    metadata: { name: 'csr' },
    spec: {
      request: btoa(JSON.stringify(body)),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers'],
      ...spec,
    },
    status: {},
  })
const status = () => h.server.peek(refs.certificateSigningRequests, 'csr')?.status
const asNode = { username: 'system:node:n1', groups: ['system:nodes'] }
const serving = { ...asNode, signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] }

beforeEach(async () => {
  h = harness([csrApprover(signer), csrSigner(signer), csrCleaner()])
  await h.start()
})
afterEach(() => h.finish())

describe('certificate signing requests', () => {
  it("of a bootstrap token for a node's client certificate are approved and signed", async () => {
    csr({})
    await h.settle()
    expect(status()?.conditions).toMatchObject([{ type: 'Approved', reason: 'AutoApproved' }])
    expect(atob(status()?.certificate ?? '')).toBe('certificate for digital signature+client auth')
  })

  it('of a node for its own renewal are approved', async () => {
    csr(asNode)
    await h.settle()
    expect(status()?.certificate).toBeDefined()
  })

  it.each([
    ['another node', asNode, request({ commonName: 'system:node:n2' })],
    ['a group beside the nodes', {}, request({ organizations: ['system:nodes', 'system:masters'] })],
    ['a person', {}, request({ commonName: 'admin' })],
    ['further names', {}, request({ dnsNames: ['kubernetes'] })],
    ['usages beyond the client', { usages: ['digital signature', 'client auth', 'server auth'] }, request()],
    ['anybody by a user who is no bootstrapper', { groups: ['system:authenticated'] }, request()],
  ])('for %s wait for a person', async (_what, spec, body) => {
    csr(spec, body)
    await h.pass(10_000)
    expect(status()).toEqual({})
  })

  it("for a node's serving certificate are approved once its node has those addresses", async () => {
    csr(serving, request({ ipAddresses: ['172.20.0.2'], dnsNames: ['n1'] }))
    await h.pass(10_000)
    expect(status()?.certificate).toBeUndefined()
    h.server.put(refs.nodes, {
      metadata: { name: 'n1' },
      status: { addresses: [{ type: 'InternalIP', address: '172.20.0.2' }] },
    })
    await h.pass(10_000)
    expect(status()?.certificate).toBeDefined()
  })

  it('that cannot be signed fail with the reason', async () => {
    csr({}, request({ organizations: ['system:nodes'], commonName: 'system:node:weak' }))
    await h.settle()
    expect(status()?.conditions?.at(-1)).toMatchObject({
      type: 'Failed',
      reason: 'SignerValidationFailure',
      message: 'key is too weak',
    })
  })

  it('that a person has approved are not signed beyond what their signer may', async () => {
    const given = csr({ signerName: 'kubernetes.io/kube-apiserver-client', usages: ['server auth'] })
    const lastUpdateTime = formatTime(h.clock.now())
    const conditions = [{ type: 'Approved', status: 'True' as const, lastUpdateTime }]
    h.server.put(refs.certificateSigningRequests, { ...given, status: { conditions } })
    await h.settle()
    expect(status()?.certificate).toBeUndefined()
    expect(status()?.conditions?.at(-1)).toMatchObject({
      type: 'Failed',
      reason: 'SignerValidationFailure',
      message: 'invalid usage for client certificate: server auth',
    })
  })

  it('are cleaned up an hour after they are settled', async () => {
    csr({})
    await h.pass(3_500_000)
    expect(status()).toBeDefined()
    await h.pass(200_000)
    expect(status()).toBeUndefined()
  })

  it('that say not when they were settled count from when they were made', async () => {
    const given = csr({ signerName: 'example.com/mine' })
    const metadata = { ...given.metadata, creationTimestamp: formatTime(h.clock.now()) }
    const conditions = [{ type: 'Denied', status: 'True' as const }]
    h.server.put(refs.certificateSigningRequests, { ...given, metadata, status: { conditions } })
    await h.pass(3_500_000)
    expect(status()).toBeDefined()
    await h.pass(200_000)
    expect(status()).toBeUndefined()
  })

  it('that nobody decides on are cleaned up after a day', async () => {
    csr({}, request({ commonName: 'admin' }))
    await h.pass(86_000_000)
    expect(status()).toBeDefined()
    await h.pass(500_000)
    expect(status()).toBeUndefined()
  })

  it.each([
    ['denied', { conditions: [{ type: 'Denied', status: 'True' }] }, {}],
    ['approved and denied', { conditions: [{ type: 'Approved' }, { type: 'Denied' }] }, {}],
    ['failed before', { conditions: [{ type: 'Approved' }, { type: 'Failed' }] }, {}],
    ['of a signer that is not the cluster', { conditions: [{ type: 'Approved' }] }, { signerName: 'example.com/mine' }],
  ])('%s are not signed', async (_what, before, spec) => {
    const given = csr(spec)
    const now = formatTime(h.clock.now())
    const conditions = before.conditions.map((condition) => ({ status: 'True', lastUpdateTime: now, ...condition }))
    h.server.put(refs.certificateSigningRequests, { ...given, status: { conditions } })
    await h.pass(10_000)
    expect(status()?.certificate).toBeUndefined()
  })

  it('that a person approved are signed for what they ask, for the time they ask', async () => {
    const given = csr(
      { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
      request({ commonName: 'jane', organizations: [] }),
    )
    await h.pass(10_000)
    expect(status()?.certificate).toBeUndefined()
    const approved = { type: 'Approved', status: 'True', lastUpdateTime: formatTime(h.clock.now()) }
    h.server.put(refs.certificateSigningRequests, { ...given, status: { conditions: [approved] } })
    await h.settle()
    expect(atob(status()?.certificate ?? '')).toBe('certificate for client auth')
  })

  it("that cannot be read are nobody's to approve", async () => {
    h.server.put(refs.certificateSigningRequests, {
      metadata: { name: 'unreadable' },
      spec: { ...csr({}).spec, request: btoa('garbage') },
      status: {},
    })
    await h.pass(10_000)
    expect(h.server.peek(refs.certificateSigningRequests, 'unreadable')?.status).toEqual({})
  })
})
