import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { createAuthority } from '../../pki/x509.ts'
import { arrange, at, type Arranged } from '../testing/arrange.ts'

const csr = (subresource = '') => at('certificates.k8s.io/v1', 'CertificateSigningRequest', '', 'c', subresource)
const PEM = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'
const spec = {
  request: Buffer.from(PEM).toString('base64'),
  signerName: 'example.com/signer',
  usages: ['client auth'],
}
const block = (inside: string): string => `-----BEGIN CERTIFICATE-----\n${inside}\n-----END CERTIFICATE-----\n`
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const body = (change: object = {}) => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'c' },
  spec: { ...spec, ...change },
})
const MERGE = 'application/merge-patch+json'
const is = (type: string, status = 'True') => ({ type, status, reason: 'Test' })

/** Writes conditions through a subresource; answers what stands then. */
async function judge({ registry, write }: Arranged, subresource: string, ...conditions: object[]): Promise<KubeObject> {
  return (await registry.patch(csr(subresource), MERGE, { status: { conditions } }, write)).object
}

async function requested(): Promise<Arranged> {
  const arranged = await arrange()
  await arranged.registry.create(csr(), body(), arranged.write)
  return arranged
}

describe('a certificate signing request', () => {
  test.each([
    [{ request: 'eA==' }, 'spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST'],
    [{ usages: [] }, 'spec.usages: Required value'],
    [{ usages: ['odd'] }, 'spec.usages[0]: Unsupported value: "odd": supported values: "any", "cert sign"'],
    [{ usages: ['any', 'any'] }, 'spec.usages[1]: Duplicate value: "any"'],
    [{ signerName: '' }, 'spec.signerName: Required value'],
    [{ signerName: 'kubernetes.io/legacy-unknown' }, 'the legacy signerName is not allowed via this API version'],
    [{ signerName: 'x' }, 'spec.signerName: Invalid value: "x": must be a fully qualified domain'],
    [
      { signerName: 'example.com/a/b' },
      `"example.com/a/b": must be a fully qualified domain and path of the form 'example`,
    ],
    [{ signerName: 'x/y' }, 'spec.signerName: Invalid value: "x": should be a domain with at least two segments'],
    [{ signerName: 'a.b/c_D' }, 'Invalid value: "c_D": validating label "c_D": a lowercase RFC 1123 subdomain must'],
    [
      { expirationSeconds: 5 },
      'spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)',
    ],
  ])('with %j is refused', async (change, words) => {
    const { registry, write } = await arrange()
    await expect(registry.create(csr(), body(change), write)).rejects.toThrow(words)
  })

  test('has times in its conditions, though nobody wrote them, and keeps those it has', async () => {
    const arranged = await requested()
    const first = await judge(arranged, 'approval', is('Approved'))
    const time = '2026-01-01T00:00:00Z'
    expect(first['status']).toEqual({
      conditions: [{ ...is('Approved'), lastUpdateTime: time, lastTransitionTime: time }],
    })
    await arranged.clock.advance(5_000)
    const later = await judge(arranged, 'approval', { ...is('Approved'), message: 'm' })
    expect(later['status']).toMatchObject({
      conditions: [{ lastTransitionTime: time, lastUpdateTime: '2026-01-01T00:00:05Z' }],
    })
  })

  test('is judged through approval alone, once and for all', async () => {
    const arranged = await requested()
    await expect(judge(arranged, 'status', is('Approved'))).rejects.toThrow(
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    )
    await judge(arranged, 'approval', is('Approved'))
    await expect(judge(arranged, 'approval', is('Approved'), is('Denied'))).rejects.toThrow(
      'Approved and Denied conditions are mutually exclusive',
    )
    await expect(judge(arranged, 'approval', is('Other'))).rejects.toThrow(
      'updates may not remove a condition of type "Approved"',
    )
    const { status } = await judge(arranged, 'status', { ...is('Approved'), reason: 'Changed' }, is('Seen'))
    expect(status).toMatchObject({ conditions: [{ reason: 'Test' }, { type: 'Seen' }] })
  })

  test.each([
    [[is('Approved', 'False')], 'status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
    [[is('X', 'Odd')], 'status.conditions[0].status: Unsupported value: "Odd"'],
    [[is('X'), is('X')], 'status.conditions[1].type: Duplicate value: "X"'],
    [[is('')], 'status.conditions[0].type: Required value'],
    [[is('X', '')], 'status.conditions[0].status: Required value'],
  ])('is not judged by %j', async (conditions, words) => {
    await expect(judge(await requested(), 'approval', ...conditions)).rejects.toThrow(words)
  })

  test('keeps the certificate it was given', async () => {
    const { registry, write } = await requested()
    const sign = (certificate: string) => registry.patch(csr('status'), MERGE, { status: { certificate } }, write)
    const { cert } = await createAuthority('test', 0, 86_400_000)
    const certificate = Buffer.from(cert).toString('base64')
    await sign(certificate)
    await expect(sign('BBBB')).rejects.toThrow(
      'status.certificate: Forbidden: updates may not modify existing certificate content',
    )
    const { object } = await registry.patch(csr('approval'), MERGE, { status: { certificate: 'CCCC' } }, write)
    expect(object['status']).toMatchObject({ certificate })
  })

  test.each([
    ['YQ==', 'must contain at least one CERTIFICATE PEM block'],
    [spec.request, 'only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"'],
    [base64(block('Proc-Type: 4,ENCRYPTED\n\nAAAA')), 'no PEM block headers are permitted'],
    [base64(block('AAAA')), 'x509: malformed certificate: '],
  ])('is signed with certificates only: %s', async (certificate, words) => {
    const { registry, write } = await requested()
    await expect(registry.patch(csr('status'), MERGE, { status: { certificate } }, write)).rejects.toThrow(
      `status.certificate: Invalid value: "<certificate data>": ${words}`,
    )
  })

  test('loses no judgement, by whatever way it is written', async () => {
    const arranged = await requested()
    await judge(arranged, 'approval', is('Approved'))
    const words = 'status.conditions: Forbidden: updates may not remove a condition of type "Approved"'
    await expect(judge(arranged, 'approval')).rejects.toThrow(words)
    await expect(judge(arranged, 'status', is('Failed'))).rejects.toThrow(words)
  })
})
