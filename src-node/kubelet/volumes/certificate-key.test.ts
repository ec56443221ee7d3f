import { createPrivateKey, createPublicKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { readSigningRequest } from '../../../src-main/controlplane/registry/strategies/certificates/signing-request.ts'
import { makeCertificateKey } from './certificate-key.ts'

it.each([
  ['RSA3072', 'rsa', { modulusLength: 3072 }],
  ['RSA4096', 'rsa', { modulusLength: 4096 }],
  ['ECDSAP256', 'ec', { namedCurve: 'prime256v1' }],
  ['ECDSAP384', 'ec', { namedCurve: 'secp384r1' }],
  ['ECDSAP521', 'ec', { namedCurve: 'secp521r1' }],
  ['ED25519', 'ed25519', {}],
])('a key of type %s comes with a request that the API server takes', async (keyType, type, details) => {
  const { key, request } = await makeCertificateKey(keyType)
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  const made = createPrivateKey(key)
  expect([made.asymmetricKeyType, made.asymmetricKeyDetails]).toMatchObject([type, details])
  const read = readSigningRequest(request)
  expect(read?.verified).toBe(true)
  expect(read?.key.equals(createPublicKey(key))).toBe(true)
})

it('no key is made of a type that is not known', async () => {
  await expect(makeCertificateKey('DSA')).rejects.toThrow('unknown key type "DSA"')
})
