import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { createAuthority, type KeyPair } from '../pki/x509.ts'
import { warningsOf } from './warnings.ts'

let one: KeyPair
let other: KeyPair
const DAY = 86_400_000

beforeAll(async () => {
  one = await createAuthority('one', 0, DAY)
  other = await createAuthority('other', 0, DAY)
})

const of = (certificate: string, key: string, type = 'kubernetes.io/tls'): string[] => {
  const data = {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(key).toString('base64'),
  }
  return warningsOf(partial({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type, data }))
}

test('A pair is nothing to be warned of, nor is what is no secret of TLS', () => {
  expect(of(`words\n${one.cert}${other.cert}`, one.key)).toEqual([])
  expect(of('a', 'b', 'Opaque')).toEqual([])
})

test('What is no pair is told as Go tells it', () => {
  const block = (type: string): string => `-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const skipped = 'after skipping PEM blocks of the following types'
  const cases: Array<[certificate: string, key: string, words: string]> = [
    ['x', 'y', 'tls: failed to find any PEM data in certificate input'],
    [
      one.key,
      one.cert,
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
    [block('A') + block('B'), '', `tls: failed to find "CERTIFICATE" PEM block in certificate input ${skipped}: [A B]`],
    [one.cert, 'y', 'tls: failed to find any PEM data in key input'],
    [one.cert, one.cert, 'tls: found a certificate rather than a key in the PEM for the private key'],
    [
      one.cert,
      block('EC PARAMETERS'),
      `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input ${skipped}: [EC PARAMETERS]`,
    ],
    [block('CERTIFICATE'), one.key, 'x509: malformed certificate'],
    [one.cert, block('PRIVATE KEY'), 'tls: failed to parse private key'],
    [one.cert, other.key, 'tls: private key does not match public key'],
    [
      one.cert,
      rsa.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'tls: private key type does not match public key type',
    ],
  ]
  for (const [certificate, key, words] of cases) expect(of(certificate, key)).toEqual([words])
})
