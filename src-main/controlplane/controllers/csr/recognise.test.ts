import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'
import type { Node } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { judge } from './recognise.ts'
import type { ParsedRequest } from './signer.ts'
import { request } from './testing/parsed-request.ts'

const csr = (spec: object) => ({ spec }) as CertificateSigningRequest
const client = (more: object = {}) =>
  csr({
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['digital signature', 'client auth'],
    username: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers'],
    ...more,
  })
const serving = (more: object = {}) =>
  csr({
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
    username: 'system:node:n1',
    groups: ['system:nodes'],
    ...more,
  })
const node = { status: { addresses: [{ type: 'InternalIP', address: '172.28.0.11' }] } } as Node
const verdict = (given: CertificateSigningRequest, body: ParsedRequest, known: Node | undefined = node) => {
  const told = judge(given, body, known)
  return told.approve ? told.message : told.wait ? 'wait' : 'no'
}
const FIRST = 'Auto approving kubelet client certificate after SubjectAccessReview.'
const RENEWAL = 'Auto approving self kubelet client certificate after SubjectAccessReview.'
const SERVED = 'Auto approving kubelet serving certificate for addresses of its node.'
const asNode = { username: 'system:node:n1', groups: ['system:nodes'] }
const address = request({ ipAddresses: ['172.28.0.11'] })

// kubernetes.io, "Certificates and Certificate Signing Requests: Kubernetes signers": what each signer permits.
describe('a client certificate of a node', () => {
  it.each<[string, object, Partial<ParsedRequest>, string]>([
    ['the first, by a bootstrap token', {}, {}, FIRST],
    ['a renewal, by the node itself', asNode, {}, RENEWAL],
    ['with key encipherment (RSA)', { usages: ['digital signature', 'key encipherment', 'client auth'] }, {}, FIRST],
    ['without usages', { usages: undefined }, {}, 'no'],
    ['without client auth', { usages: ['digital signature'] }, {}, 'no'],
    ['with server auth besides', { usages: ['digital signature', 'client auth', 'server auth'] }, {}, 'no'],
    ['by a node for another', { ...asNode, username: 'system:node:n2' }, {}, 'no'],
    ['by somebody named like a node outside its group', { ...asNode, groups: ['system:authenticated'] }, {}, 'no'],
    ['by nobody in particular', { username: undefined, groups: undefined }, {}, 'no'],
    ['for a node without a name', {}, { commonName: 'system:node:' }, 'no'],
    ['for a person', {}, { commonName: 'admin' }, 'no'],
    ['for no group', {}, { organizations: [] }, 'no'],
    ['for another group', {}, { organizations: ['system:masters'] }, 'no'],
    ['for a further group', {}, { organizations: ['system:nodes', 'system:masters'] }, 'no'],
    ['with a DNS name', {}, { dnsNames: ['n1'] }, 'no'],
    ['with an address', {}, { ipAddresses: ['172.28.0.11'] }, 'no'],
    ['with a mail address', {}, { emails: ['a@b'] }, 'no'],
    ['with a URI', {}, { uris: ['spiffe://a'] }, 'no'],
  ])('%s', (_what, spec, body, expected) => {
    expect(verdict(client(spec), request(body))).toBe(expected)
  })
})

describe('a serving certificate of a node', () => {
  it.each<[string, object, ParsedRequest, string]>([
    ['for its address', {}, address, SERVED],
    ['for its name and address', {}, request({ dnsNames: ['n1'], ipAddresses: ['172.28.0.11'] }), SERVED],
    ['for an address it does not have (yet)', {}, request({ ipAddresses: ['10.0.0.1'] }), 'wait'],
    ['for nothing', {}, request(), 'no'],
    ['with a mail address besides', {}, { ...address, emails: ['a@b'] }, 'no'],
    ['with a URI besides', {}, { ...address, uris: ['spiffe://a'] }, 'no'],
    ['with client auth besides', { usages: ['digital signature', 'server auth', 'client auth'] }, address, 'no'],
    ['by a bootstrap token', { username: 'system:bootstrap:abcdef', groups: ['system:bootstrappers'] }, address, 'no'],
    ['by another signer', { signerName: 'example.com/mine' }, address, 'no'],
  ])('%s', (_what, spec, body, expected) => {
    expect(verdict(serving(spec), body)).toBe(expected)
  })

  it('waits for its Node object', () => {
    expect(judge(serving(), address, undefined)).toEqual({ approve: false, wait: true })
    expect(verdict(serving(), address, {} as Node)).toBe('wait')
  })
})
