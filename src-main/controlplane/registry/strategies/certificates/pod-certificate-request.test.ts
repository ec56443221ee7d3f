import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  webcrypto,
} from 'node:crypto'
import 'reflect-metadata/lite'
import * as x509 from '@peculiar/x509'
import { describe, expect, it, test } from 'vitest'
import { refs } from '../../../../../src-kube/client/refs.ts'
import { formatTime } from '../../../../../src-kube/machinery/time.ts'
import { createAuthority, createLeaf } from '../../../pki/x509.ts'
import { type Arranged, arrange, at } from '../../testing/arrange.ts'

const HOUR = 3_600_000
const spki = (key: KeyObject): string => createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')
const uid = Buffer.from('pod-uid')
const ed = generateKeyPairSync('ed25519').privateKey
const pair = (key: KeyObject, proof: Buffer) => ({
  pkixPublicKey: spki(key),
  proofOfPossession: proof.toString('base64'),
})
const edPair = pair(ed, sign(null, uid, ed))

const target = (subresource = '') =>
  at('certificates.k8s.io/v1beta1', 'PodCertificateRequest', 'shop', 'req', subresource)
const body = (spec: object) => ({
  apiVersion: 'certificates.k8s.io/v1beta1',
  kind: 'PodCertificateRequest',
  metadata: { name: 'req', namespace: 'shop' },
  spec: {
    signerName: 'example.com/mine',
    podName: 'till',
    podUID: 'pod-uid',
    serviceAccountName: 'default',
    serviceAccountUID: 'account-uid',
    nodeName: 'n1',
    nodeUID: 'node-uid',
    ...spec,
  },
  status: { certificateChain: 'mine' },
})

async function create(spec: object): Promise<Arranged> {
  const arranged = await arrange()
  await arranged.registry.create(target(), body(spec), arranged.write)
  return arranged
}

async function stub(
  algorithm: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams,
  hash: string,
): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const signingAlgorithm = { name: algorithm.name, hash }
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm })
  return Buffer.from(request.rawData).toString('base64')
}

const good = await stub({ name: 'ECDSA', namedCurve: 'P-256' }, 'SHA-256')

describe('a request for the certificate of a pod', () => {
  it('lasts a day where nothing is said, and has no status of its own', async () => {
    const { client } = await create(edPair)
    const made = await client.resource(refs.podCertificateRequests).get('req', 'shop')
    expect(made).toMatchObject({ spec: { maxExpirationSeconds: 86_400 }, status: {} })
    expect(made).not.toHaveProperty('status.certificateChain')
  })

  it('proves that its key is held, by a signature over the uid or by a signed request', async () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey
    await create(pair(ec, sign('sha256', uid, ec)))
    const rsa = generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey
    await create(pair(rsa, sign('sha256', uid, { key: rsa, padding: constants.RSA_PKCS1_PSS_PADDING })))
    await create({ stubPKCS10Request: await stub({ name: 'ECDSA', namedCurve: 'P-521' }, 'SHA-512') })
    const more = { modulusLength: 3072, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' }
    await create({ stubPKCS10Request: await stub({ name: 'RSASSA-PKCS1-v1_5', ...more }, 'SHA-256') })
  })

  const weak = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const odd = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey
  const x = generateKeyPairSync('x25519').privateKey
  const broken = Buffer.from(good, 'base64')
  broken[broken.length - 1]! ^= 1

  test.each([
    [{ signerName: '' }, 'spec.signerName: Required value'],
    [{ podName: 'A' }, 'spec.podName: Invalid value: "A"'],
    [{ nodeUID: '' }, 'spec.nodeUID: Invalid value: "": must not be empty'],
    [{ podUID: 'u'.repeat(129) }, 'spec.podUID: Too long'],
    [
      { maxExpirationSeconds: 3599 },
      'spec.maxExpirationSeconds: Invalid value: 3599: must be in the range [3600, 7862400]',
    ],
    [{ signerName: 'kubernetes.io/a', maxExpirationSeconds: 90_000 }, 'must be in the range [3600, 86400]'],
    [{ unverifiedUserAnnotations: { plain: 'x' } }, 'must be a domain-prefixed key (such as "acme.io/foo")'],
    [{ unverifiedUserAnnotations: { 'a.io/b': 'x'.repeat(2 ** 18) } }, 'spec.unverifiedUserAnnotations: Too long'],
    [{ pkixPublicKey: '' }, 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set'],
    [{ stubPKCS10Request: good }, 'exactly one of'],
    [{ pkixPublicKey: 'AAAA' }, 'spec.pkixPublicKey: Invalid value: must be a valid PKIX-serialized'],
    [{ pkixPublicKey: Buffer.alloc(10_241).toString('base64') }, 'spec.pkixPublicKey: Too long'],
    [{ proofOfPossession: 'AAAA' }, 'spec.proofOfPossession: Invalid value: could not verify'],
    [pair(weak, uid), '"2048-bit modulus": RSA keys must have modulus size 3072 or 4096'],
    [pair(odd, uid), '"curve secp256k1": elliptic public keys must use curve P256, P384 or P521'],
    [pair(x, uid), 'unknown public key type; supported types are Ed25519, ECDSA, and RSA'],
    [{ pkixPublicKey: '', proofOfPossession: '', stubPKCS10Request: 'AAAA' }, 'must be a valid PKCS#10'],
    [
      { pkixPublicKey: '', proofOfPossession: '', stubPKCS10Request: broken.toString('base64') },
      'could not verify the signature of the certificate signing request',
    ],
  ])('%j is refused: %s', async (change, words) => {
    await expect(create({ ...edPair, ...change })).rejects.toThrow(words)
  })

  it('never changes', async () => {
    const { registry, write } = await create(edPair)
    const change = { spec: { podName: 'other' } }
    await expect(registry.patch(target(), 'application/merge-patch+json', change, write)).rejects.toThrow(
      'spec: Invalid value',
    )
  })
})

describe('whoever signs', () => {
  const now = Date.UTC(2026, 0, 1)
  const condition = (type: string, more: object = {}) => ({
    type,
    status: 'True',
    reason: 'Test',
    lastTransitionTime: formatTime(now),
    ...more,
  })

  async function asked() {
    const probe = await arrange()
    const at = probe.clock.now()
    const from = at - (at % 1000)
    const authority = await createAuthority('mine', from, from + 24 * HOUR)
    const till = { commonName: 'till', usage: 'both', notBefore: from, notAfter: from + 12 * HOUR } as const
    const issued = await createLeaf(authority, till)
    const key = createPrivateKey(issued.key)
    const arranged = await create(pair(key, sign('sha256', uid, key)))
    const times = (begin: number, end: number, refresh: number) => ({
      notBefore: formatTime(begin),
      notAfter: formatTime(end),
      beginRefreshAt: formatTime(refresh),
    })
    const status = {
      conditions: [condition('Issued')],
      certificateChain: `${issued.cert}\n${authority.cert}`,
      ...times(from, from + 12 * HOUR, from + 6 * HOUR),
    }
    const settle = (status: object) =>
      arranged.registry.patch(target('status'), 'application/merge-patch+json', { status }, arranged.write)
    return { settle, status, authority, issued, from, times }
  }

  it('issues once', async () => {
    const { settle, status } = await asked()
    const { object } = await settle(status)
    expect(object['status']).toEqual(status)
    await settle(status)
    await expect(settle({ conditions: [condition('Failed')] })).rejects.toThrow(
      'immutable after PodCertificateRequest is issued, denied, or failed',
    )
  })

  it('denies or fails without a certificate', async () => {
    const { settle, status } = await asked()
    await expect(settle({ ...status, conditions: [condition('Denied')] })).rejects.toThrow(
      'non-condition status fields must be empty when denying or failing the PodCertificateRequest',
    )
    const { object } = await settle({ conditions: [condition('Denied')] })
    expect(object).toMatchObject({ status: { conditions: [{ type: 'Denied' }] } })
  })

  it.each([
    [[condition('Odd')], 'Unsupported value: "Odd": supported values: "Denied", "Failed", "Issued"'],
    [[condition('Denied'), condition('Failed')], 'There may be at most one condition with type'],
    [[condition('Denied', { status: 'False' })], 'Unsupported value: "False": supported values: "True"'],
    [[condition('Denied', { reason: '' })], 'reason: Required value'],
    [[condition('Denied', { lastTransitionTime: null })], 'lastTransitionTime: Required value'],
    [[], 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"'],
  ])('writes no conditions %j: %s', async (conditions, words) => {
    const { settle } = await asked()
    await expect(settle({ conditions, certificateChain: 'x' })).rejects.toThrow(words)
  })

  it('issues only what was asked for, with its times', async () => {
    const { settle, status, authority, issued, from, times } = await asked()
    const refused = (change: object, words: string) => expect(settle({ ...status, ...change })).rejects.toThrow(words)
    await refused({ certificateChain: '' }, 'must contain at least one certificate')
    await refused({ certificateChain: 'x'.repeat(102_401) }, 'Too long')
    await refused(
      { certificateChain: `${issued.cert}\n${issued.key}` },
      'must consist entirely of CERTIFICATE PEM blocks',
    )
    const none = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    await refused({ certificateChain: none }, 'leaf certificate does not parse as valid X.509')
    await refused(
      { certificateChain: `${issued.cert}\n${none}` },
      'intermediate certificate does not parse as valid X.509',
    )
    await refused({ certificateChain: authority.cert }, 'leaf certificate was not issued to the requested public key')
    await refused({ notBefore: null, notAfter: null, beginRefreshAt: null }, 'status.beginRefreshAt: Required value')
    const [end, middle] = [from + 12 * HOUR, from + 6 * HOUR]
    await refused(times(from + 1000, end, middle), 'must be set to the NotBefore time encoded in the leaf certificate')
    await refused(times(from, end + 1000, middle), 'must be set to the NotAfter time encoded in the leaf certificate')
    await refused(times(from, end, from + 1000), 'must be at least 10 minutes after status.notBefore')
    await refused(times(from, end, end - 1000), 'must be at least 10 minutes before status.notAfter')
  })
})
