import { describe, expect, it, test } from 'vitest'
import { createAuthority, createLeaf } from '../../../pki/x509.ts'
import { arrange, at } from '../../testing/arrange.ts'

const DAY = 86_400_000
const [from, until] = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)]
/** Each ends with its line. */
const pemOf = async (name: string) => `${(await createAuthority(name, from, until)).cert}\n`
const [one, two] = [await pemOf('one'), await pemOf('two')]
const authority = await createAuthority('three', from, until)
const leaf = await createLeaf(authority, { commonName: 'x', usage: 'client', notBefore: from, notAfter: from + DAY })

const create = async (name: string, spec: object) => {
  const { registry, write } = await arrange()
  const body = {
    apiVersion: 'certificates.k8s.io/v1beta1',
    kind: 'ClusterTrustBundle',
    metadata: { name },
    spec,
  }
  return registry.create(at(body.apiVersion, body.kind, '', name), body, write)
}

describe('a trust bundle', () => {
  it('is named as it likes without a signer, and after its signer with one', async () => {
    await create('roots', { trustBundle: one + two })
    await create('example.com:mine:roots', { signerName: 'example.com/mine', trustBundle: one })
  })

  test.each([
    [
      'a:b',
      {},
      'metadata.name: Invalid value: "a:b": ClusterTrustBundle without signer name must not have ":" in its name',
    ],
    ['A', {}, 'a lowercase RFC 1123 subdomain must consist of'],
    [
      'roots',
      { signerName: 'example.com/mine' },
      'ClusterTrustBundle for signerName example.com/mine must be named with prefix example.com:mine:',
    ],
    ['example.com:mine:A', { signerName: 'example.com/mine' }, 'a lowercase RFC 1123 subdomain'],
    [
      'mine:a',
      { signerName: 'mine' },
      "must be a fully qualified domain and path of the form 'example.com/signer-name'",
    ],
    ['mine:a:b', { signerName: 'mine/a' }, 'should be a domain with at least two segments separated by dots'],
    ['a.B:c:d', { signerName: 'a.B/c' }, '"a.B": validating label "B": a lowercase RFC 1123 label'],
    ['a', { trustBundle: '' }, 'at least one trust anchor must be provided'],
    ['a', { trustBundle: authority.key }, 'entry 0 has bad block type: PRIVATE KEY'],
    ['a', { trustBundle: one + leaf.cert }, 'entry 1 does not have the CA bit set'],
    ['a', { trustBundle: one + two + one }, 'duplicate trust anchor (indices [0 2])'],
    [
      'a',
      { trustBundle: one.replace('-----\n', '-----\nKey: value\n\n') },
      'spec.trustBundle: Invalid value: "<value omitted>": entry 0 has PEM block headers',
    ],
    [
      'a',
      { trustBundle: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      'entry 0 does not parse as X.509',
    ],
    ['a', { trustBundle: 'x'.repeat(2 ** 20 + 1) }, 'Too long'],
  ])('%s with %j is refused: %s', async (name, spec, words) => {
    await expect(create(name, { trustBundle: one, ...spec })).rejects.toThrow(words)
  })

  it('keeps its signer', async () => {
    const { registry, write } = await arrange()
    const target = at('certificates.k8s.io/v1beta1', 'ClusterTrustBundle', '', 'a')
    const body = { metadata: { name: 'a' }, spec: { trustBundle: one } }
    await registry.create(
      target,
      { apiVersion: 'certificates.k8s.io/v1beta1', kind: 'ClusterTrustBundle', ...body },
      write,
    )
    const merge = 'application/merge-patch+json'
    await expect(registry.patch(target, merge, { spec: { signerName: 'example.com/a' } }, write)).rejects.toThrow(
      'field is immutable',
    )
    const { object } = await registry.patch(target, merge, { spec: { trustBundle: two } }, write)
    expect(object['spec']).toEqual({ trustBundle: two })
  })
})
