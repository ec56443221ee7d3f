import { describe, expect, it } from 'vitest'
import { refusalOf } from './refusal.ts'
import { clientSigner, kubeletClientSigner, kubeletServingSigner, type ParsedRequest } from './signer.ts'
import { request } from './testing/parsed-request.ts'

const client = ['digital signature', 'client auth']
const server = ['digital signature', 'key encipherment', 'server auth']
const named = { dnsNames: ['n1'] }
const mismatch = (auth: string) =>
  `usages did not match [${[auth, 'digital signature', 'key encipherment'].toSorted().join(' ')}]`

// kubernetes.io, "Certificates and Certificate Signing Requests: Kubernetes signers".
describe('a signer of the cluster', () => {
  it.each<[string, Partial<ParsedRequest>, string[], string | undefined]>([
    [clientSigner, { commonName: 'jane', organizations: [] }, ['client auth'], undefined],
    [clientSigner, { ...named, commonName: 'jane' }, [...client, 'key encipherment'], undefined],
    [clientSigner, {}, ['client auth', 'server auth'], 'invalid usage for client certificate: server auth'],
    [clientSigner, {}, ['digital signature'], 'missing required usage for client certificate: client auth'],
    [kubeletClientSigner, {}, client, undefined],
    [kubeletClientSigner, {}, ['key encipherment', ...client], undefined],
    [kubeletClientSigner, { organizations: [] }, client, 'subject organization is not system:nodes'],
    [kubeletClientSigner, named, client, 'DNS subjectAltNames are not allowed'],
    [kubeletClientSigner, { emails: ['a@b'] }, client, 'Email subjectAltNames are not allowed'],
    [kubeletClientSigner, { ipAddresses: ['10.0.0.1'] }, client, 'IP subjectAltNames are not allowed'],
    [kubeletClientSigner, { uris: ['a:b'] }, client, 'URI subjectAltNames are not allowed'],
    [kubeletClientSigner, {}, server, mismatch('client auth')],
    [kubeletClientSigner, {}, ['client auth'], mismatch('client auth')],
    [kubeletClientSigner, { commonName: 'n1' }, client, 'subject common name does not begin with system:node:'],
    [kubeletServingSigner, named, server, undefined],
    [kubeletServingSigner, { ipAddresses: ['10.0.0.1'] }, ['digital signature', 'server auth'], undefined],
    [kubeletServingSigner, { organizations: ['x'] }, server, 'subject organization is not system:nodes'],
    [kubeletServingSigner, {}, server, 'DNS or IP subjectAltName is required'],
    [kubeletServingSigner, { ...named, emails: ['a@b'] }, server, 'Email subjectAltNames are not allowed'],
    [kubeletServingSigner, { ...named, uris: ['a:b'] }, server, 'URI subjectAltNames are not allowed'],
    [kubeletServingSigner, named, client, mismatch('server auth')],
    [
      kubeletServingSigner,
      { ...named, commonName: 'x' },
      server,
      'subject common name does not begin with system:node:',
    ],
    ['example.com/mine', {}, [], undefined],
  ])('%s judges %j for %j: %s', (signerName, more, usages, expected) => {
    expect(refusalOf(signerName, request(more), usages)).toBe(expected)
  })
})
