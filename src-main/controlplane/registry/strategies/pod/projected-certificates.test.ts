import { expect, it } from 'vitest'
import { arrange, at, pod } from '../../testing/arrange.ts'

const create = async (...sources: object[]) => {
  const { registry, write } = await arrange()
  const body = pod('p', {}, { volumes: [{ name: 'v', projected: { sources } }] })
  return registry.create(at('v1', 'Pod', 'shop', 'p'), body, write)
}
const bundle = (more: object) => ({ clusterTrustBundle: { path: 'ca.pem', ...more } })
const certificate = (more: object = {}) => ({
  podCertificate: {
    signerName: 'example.com/mine',
    keyType: 'ED25519',
    credentialBundlePath: 'credentials.pem',
    ...more,
  },
})

it('projects bundles by name or signer, and certificates', async () => {
  await create(bundle({ name: 'roots' }), certificate({ userAnnotations: { 'example.com/dns': 'a' } }))
  await create(
    bundle({ name: 'example.com:mine:roots' }),
    bundle({ signerName: 'example.com/mine', labelSelector: {} }),
  )
})

it.each([
  [bundle({}), 'spec.volumes[0].projected.sources[0].clusterTrustBundle: Required value: either name or signerName'],
  [bundle({ name: 'a', signerName: 'b.c/d' }), 'only one of name and signerName may be used'],
  [bundle({ name: '' }), 'clusterTrustBundle.name: Required value: must be a valid object name'],
  [bundle({ name: 'a:b' }), 'must not have ":" in its name'],
  [bundle({ name: 'a', labelSelector: {} }), 'labelSelector must be unset if name is specified'],
  [bundle({ signerName: '' }), 'signerName: Required value: must be a valid signer name'],
  [bundle({ signerName: 'x' }), 'must be a fully qualified domain and path'],
  [bundle({ signerName: 'b.c/d', labelSelector: { matchLabels: { a: 'b c' } } }), 'labelSelector.matchLabels'],
  [
    bundle({ name: 'a', path: '/ca.pem' }),
    'clusterTrustBundle.path: Invalid value: "/ca.pem": must be a relative path',
  ],
  [certificate({ signerName: '' }), 'podCertificate.signerName: Required value'],
  [certificate({ keyType: 'DSA' }), 'keyType: Unsupported value: "DSA": supported values: "ECDSAP256"'],
  [certificate({ maxExpirationSeconds: 1 }), 'maxExpirationSeconds must be >= 3600'],
  [certificate({ signerName: 'kubernetes.io/x', maxExpirationSeconds: 90_000 }), 'must be <= 86400'],
  [certificate({ credentialBundlePath: '' }), 'podCertificate: Required value: specify at least one of'],
  [certificate({ keyPath: '../key' }), 'podCertificate.keyPath: Invalid value: "../key": must not contain \'..\''],
  [certificate({ userAnnotations: { plain: 'x' } }), 'must be a domain-prefixed key'],
])('%j is refused: %s', async (source, words) => {
  await expect(create(source)).rejects.toThrow(words)
})
