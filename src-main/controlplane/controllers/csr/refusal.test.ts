import { describe, expect, it } from 'vitest'
import { refusalOf } from './refusal.ts'
import { CLIENT_SIGNER, KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, type ParsedRequest } from './signer.ts'
import { request } from './testing/parsed-request.ts'

const client = ['digital signature', 'client auth']
const server = ['digital signature', 'key encipherment', 'server auth']
const named = { dnsNames: ['n1'] }
const mismatch = (auth: string) =>
  `usages did not match [${[auth, 'digital signature', 'key encipherment'].toSorted().join(' ')}]`

// kubernetes.io, "Certificates and Certificate Signing Requests: Kubernetes signers".
describe('a signer of the cluster', () => {
  it.each<[string, Partial<ParsedRequest>, string[], string | undefined]>([
    [CLIENT_SIGNER, { commonName: 'jane', organizations: [] }, ['client auth'], undefined],
    [CLIENT_SIGNER, { ...named, commonName: 'jane' }, [...client, 'key encipherment'], undefined],
    [CLIENT_SIGNER, {}, ['client auth', 'server auth'], 'invalid usage for client certificate: server auth'],
    [CLIENT_SIGNER, {}, ['digital signature'], 'missing required usage for client certificate: client auth'],
    [KUBELET_CLIENT_SIGNER, {}, client, undefined],
    [KUBELET_CLIENT_SIGNER, {}, ['key encipherment', ...client], undefined],
    [KUBELET_CLIENT_SIGNER, { organizations: [] }, client, 'subject organization is not system:nodes'],
    [KUBELET_CLIENT_SIGNER, named, client, 'DNS subjectAltNames are not allowed'],
    [KUBELET_CLIENT_SIGNER, { emails: ['a@b'] }, client, 'Email subjectAltNames are not allowed'],
    [KUBELET_CLIENT_SIGNER, { ipAddresses: ['10.0.0.1'] }, client, 'IP subjectAltNames are not allowed'],
    [KUBELET_CLIENT_SIGNER, { uris: ['a:b'] }, client, 'URI subjectAltNames are not allowed'],
    [KUBELET_CLIENT_SIGNER, {}, server, mismatch('client auth')],
    [KUBELET_CLIENT_SIGNER, {}, ['client auth'], mismatch('client auth')],
    [KUBELET_CLIENT_SIGNER, { commonName: 'n1' }, client, 'subject common name does not begin with system:node:'],
    [KUBELET_SERVING_SIGNER, named, server, undefined],
    [KUBELET_SERVING_SIGNER, { ipAddresses: ['10.0.0.1'] }, ['digital signature', 'server auth'], undefined],
    [KUBELET_SERVING_SIGNER, { organizations: ['x'] }, server, 'subject organization is not system:nodes'],
    [KUBELET_SERVING_SIGNER, {}, server, 'DNS or IP subjectAltName is required'],
    [KUBELET_SERVING_SIGNER, { ...named, emails: ['a@b'] }, server, 'Email subjectAltNames are not allowed'],
    [KUBELET_SERVING_SIGNER, { ...named, uris: ['a:b'] }, server, 'URI subjectAltNames are not allowed'],
    [KUBELET_SERVING_SIGNER, named, client, mismatch('server auth')],
    [
      KUBELET_SERVING_SIGNER,
      { ...named, commonName: 'x' },
      server,
      'subject common name does not begin with system:node:',
    ],
    ['example.com/mine', {}, [], undefined],
  ])('%s judges %j for %j: %s', (signerName, more, usages, expected) => {
    expect(refusalOf(signerName, request(more), usages)).toBe(expected)
  })
})
