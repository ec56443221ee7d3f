import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { FakeObjects } from '../../admission/testing/arrange.ts'
import { authenticators } from './authenticators.ts'
import { issuerDocuments } from './issuer-discovery.ts'
import { ISSUER, serviceAccountTokens } from './service-account-tokens.ts'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let clock: FakeClock
let objects: FakeObjects
let tokens: ReturnType<typeof serviceAccountTokens>

beforeEach(() => {
  clock = new FakeClock()
  objects = new FakeObjects()
  tokens = serviceAccountTokens({ key, read: objects, clock })
  objects.put('', 'serviceaccounts', { metadata: { name: 'till', namespace: 'shop', uid: 'sa-1' } })
  objects.put('', 'pods', { metadata: { name: 'p', namespace: 'shop', uid: 'pod-1' } })
})

const till = { namespace: 'shop', name: 'till', uid: 'sa-1' }
const inPod = {
  ...till,
  bound: { kind: 'Pod', name: 'p', uid: 'pod-1', node: { name: 'n1', uid: 'node-1' } },
}
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as object
const unauthorized = { code: 401 }

describe('what a token says', () => {
  it('names issuer, audience, times and what it is bound to', async () => {
    const now = Math.floor(clock.now() / 1000)
    const { token, expirationTimestamp } = await tokens.issue({ ...inPod, expirationSeconds: 3607 })
    expect(claimsOf(token)).toMatchObject({
      iss: ISSUER,
      aud: [ISSUER],
      sub: 'system:serviceaccount:shop:till',
      iat: now,
      nbf: now,
      exp: now + 3607,
      'kubernetes.io': {
        namespace: 'shop',
        serviceaccount: { name: 'till', uid: 'sa-1' },
        pod: { name: 'p', uid: 'pod-1' },
        node: { name: 'n1', uid: 'node-1' },
      },
    })
    expect(expirationTimestamp).toBe(formatTime((now + 3607) * 1000))
  })

  it('makes its bearer the account, in its groups, with pod and node told', async () => {
    const { token } = await tokens.issue(inPod)
    const user = await tokens.authenticate(token)
    expect(user).toMatchObject({
      name: 'system:serviceaccount:shop:till',
      uid: 'sa-1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/pod-name': ['p'],
        'authentication.kubernetes.io/pod-uid': ['pod-1'],
        'authentication.kubernetes.io/node-name': ['n1'],
        'authentication.kubernetes.io/node-uid': ['node-1'],
      },
    })
    expect(await tokens.authenticate(token)).toBe(user)
  })
})

describe('when a token is no good', () => {
  it('expires to the second, whatever is remembered of it', async () => {
    const { token } = await tokens.issue({ ...till, expirationSeconds: 600 })
    await clock.advance(599_000)
    expect(await tokens.authenticate(token)).toBeDefined()
    await clock.advance(1000)
    await expect(tokens.authenticate(token)).rejects.toMatchObject(unauthorized)
  })

  it.each([
    ['the account is gone', () => objects.remove('', 'serviceaccounts', 'shop', 'till')],
    [
      'the account is another of the same name',
      () => objects.put('', 'serviceaccounts', { metadata: { name: 'till', namespace: 'shop', uid: 'sa-2' } }),
    ],
    ['the pod is gone', () => objects.remove('', 'pods', 'shop', 'p')],
    [
      'the pod is another of the same name',
      () => objects.put('', 'pods', { metadata: { name: 'p', namespace: 'shop', uid: 'pod-2' } }),
    ],
  ])('dies at once when %s', async (_, happens) => {
    const { token } = await tokens.issue(inPod)
    expect(await tokens.authenticate(token)).toBeDefined()
    happens()
    await expect(tokens.authenticate(token)).rejects.toMatchObject(unauthorized)
  })

  it('lives a minute longer than the grace of a pod that ends', async () => {
    const { token } = await tokens.issue({ ...inPod, expirationSeconds: 3600 })
    const metadata = { name: 'p', namespace: 'shop', uid: 'pod-1', deletionTimestamp: formatTime(clock.now()) }
    objects.put('', 'pods', { metadata })
    await clock.advance(59_000)
    expect(await tokens.authenticate(token)).toBeDefined()
    await clock.advance(3000)
    await expect(tokens.authenticate(token)).rejects.toMatchObject(unauthorized)
  })

  it('dies with the node or the secret it is bound to', async () => {
    for (const [kind, plural, namespace] of [
      ['Node', 'nodes', undefined],
      ['Secret', 'secrets', 'shop'],
    ] as const) {
      objects.put('', plural, { metadata: { name: 'x', namespace, uid: 'x-1' } })
      const { token } = await tokens.issue({ ...till, bound: { kind, name: 'x', uid: 'x-1' } })
      expect(await tokens.authenticate(token)).toBeDefined()
      objects.remove('', plural, namespace ?? '', 'x')
      await expect(tokens.authenticate(token)).rejects.toMatchObject(unauthorized)
    }
  })

  it('of a secret is used until the secret is marked invalid, and every use is told of', async () => {
    const used: string[] = []
    const telling = serviceAccountTokens({
      key,
      read: objects,
      clock,
      onLegacyUse: ({ metadata }) => void used.push(metadata.name),
    })
    const metadata = { name: 's', namespace: 'shop', uid: 's-1' }
    const type = 'kubernetes.io/service-account-token'
    objects.put('', 'secrets', { metadata, type })
    const { token } = await telling.issue({ ...till, bound: { kind: 'Secret', name: 's', uid: 's-1' } })
    expect(await telling.authenticate(token)).toBeDefined()
    expect(used).toEqual(['s'])
    const labels = { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' }
    objects.put('', 'secrets', { metadata: { ...metadata, labels }, type })
    await expect(telling.authenticate(token)).rejects.toMatchObject(unauthorized)
    expect(used).toEqual(['s'])
  })

  it('is refused by whom it is not meant for', async () => {
    const { token } = await tokens.issue({ ...till, audiences: ['vault'] })
    await expect(tokens.authenticate(token)).rejects.toMatchObject(unauthorized)
    expect(await tokens.authenticate(token, ['vault', 'other'])).toBeDefined()
    await expect(tokens.authenticate(token, ['other'])).rejects.toMatchObject(unauthorized)
  })

  it('is refused when another key signed it, and unknown when it is no token at all', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { token } = await serviceAccountTokens({ key: other, read: objects, clock }).issue(till)
    await expect(tokens.authenticate(token)).rejects.toMatchObject(unauthorized)
    expect(await tokens.authenticate('nonsense')).toBeUndefined()
  })
})

describe('authenticators', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const put = (data: Record<string, string>, more: object = {}) =>
    objects.put('', 'secrets', {
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(
        Object.entries({
          'token-id': 'abcdef',
          'token-secret': '0123456789abcdef',
          'usage-bootstrap-authentication': 'true',
          ...data,
        }).map(([name, value]) => [name, base64(value)]),
      ),
      ...more,
    })
  const ask = (token: string | undefined, certificate?: { commonName: string; organizations: string[] }) =>
    authenticators({ read: objects, tokens, clock })({ token, certificate, impersonate: undefined })
  const good = 'abcdef.0123456789abcdef'

  it('takes nobody in particular for anonymous, a certificate for its subject', async () => {
    expect(await ask(undefined)).toEqual({ name: 'system:anonymous', groups: ['system:unauthenticated'] })
    const authenticate = authenticators({ read: objects, tokens, clock })
    const certificate = { commonName: 'jane', organizations: ['dev'] }
    const first = await authenticate({ token: undefined, certificate, impersonate: undefined })
    expect(first).toEqual({ name: 'jane', groups: ['dev', 'system:authenticated'] })
    expect(await authenticate({ token: undefined, certificate, impersonate: undefined })).toBe(first)
  })

  it('tells which certificate it was, and the uid in it', async () => {
    const certificate = { commonName: 'jane', organizations: ['dev'], uid: 'u-1', fingerprint: 'ab12' }
    const user = await authenticators({ read: objects, tokens, clock })({
      token: undefined,
      certificate,
      impersonate: undefined,
    })
    expect(user?.extra).toEqual({ 'authentication.kubernetes.io/credential-id': ['X509SHA256=ab12'] })
    expect(user?.uid).toBe('u-1')
  })

  it('refuses a token that nobody knows', async () => {
    await expect(ask('nonsense')).rejects.toMatchObject(unauthorized)
    await expect(ask('')).rejects.toMatchObject(unauthorized)
    await expect(ask('nonsense', { commonName: '', organizations: [] })).rejects.toMatchObject(unauthorized)
  })

  it('goes by the certificate, whatever token comes along', async () => {
    const jane = { name: 'jane', groups: ['system:authenticated'] }
    for (const token of ['nonsense', good])
      expect(await ask(token, { commonName: 'jane', organizations: [] })).toEqual(jane)
  })

  it('takes a bootstrap token for its user, its extra groups as far as they are bootstrappers', async () => {
    put({ 'auth-extra-groups': 'system:bootstrappers:w1,system:masters,system:bootstrappers:' })
    expect(await ask(good)).toEqual({
      name: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:w1', 'system:authenticated'],
    })
  })

  it.each([
    ['its secret is wrong', { 'token-secret': 'fedcba9876543210' }, {}],
    ['it is not for authentication', { 'usage-bootstrap-authentication': 'false' }, {}],
    ['it has expired', { expiration: '1999-01-01T00:00:00Z' }, {}],
    ['its expiry cannot be read', { expiration: 'soon' }, {}],
    ['its id is not its name', { 'token-id': 'fedcba' }, {}],
    ['it is another type of secret', {}, { type: 'Opaque' }],
  ])('refuses a bootstrap token when %s', async (_, data, more) => {
    put(data, more)
    await expect(ask(good)).rejects.toMatchObject(unauthorized)
  })
})

it('names the key of its tokens as it is published', async () => {
  const { token } = await tokens.issue({ namespace: 'shop', name: 'till', uid: 'sa-1' })
  const { keys } = issuerDocuments(ISSUER, key.publicKey) as { keys: { keys: Array<{ kid: string }> } }
  expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())).toEqual({
    alg: 'ES256',
    kid: keys.keys[0]?.kid,
  })
})
