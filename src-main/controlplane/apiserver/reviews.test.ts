import { describe, expect, test } from 'vitest'
import { review, type ReviewOptions } from './reviews.ts'

const options: ReviewOptions = {
  authorize: ({ verb, user }) => Promise.resolve({ allowed: verb === 'get', reason: `for ${user.name}` }),
  authenticate: () => undefined,
  now: 0,
  rulesFor: (user, namespace) =>
    Promise.resolve({ resourceRules: [{ of: user.name, namespace }], nonResourceRules: [] }),
}
const jane = { name: 'jane', groups: ['dev'] }
const ask = (kind: string, spec: object, namespace = 'shop') => review(kind, { kind, spec }, namespace, jane, options)
const attributes = { verb: 'get', resource: 'pods', namespace: 'shop' }

test('A review says whether, and why', async () => {
  expect(await ask('SelfSubjectAccessReview', { resourceAttributes: attributes })).toMatchObject({
    status: { allowed: true, reason: 'for jane' },
  })
  expect(
    await ask('SubjectAccessReview', { user: 'joe', nonResourceAttributes: { path: '/', verb: 'put' } }),
  ).toMatchObject({
    status: { allowed: false, reason: 'for joe' },
  })
  expect(await ask('SelfSubjectRulesReview', { namespace: 'shop' })).toMatchObject({
    status: { resourceRules: [{ of: 'jane', namespace: 'shop' }], incomplete: false },
  })
  expect(await review('SelfSubjectReview', {}, '', jane, options)).toMatchObject({
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: '1970-01-01T00:00:00Z' },
    status: { userInfo: { username: 'jane', groups: ['dev'] } },
  })
})

describe('a review that asks nothing, or too much', () => {
  test.each([
    [
      'SelfSubjectAccessReview',
      {},
      'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ],
    [
      'SelfSubjectAccessReview',
      { resourceAttributes: attributes, nonResourceAttributes: {} },
      'cannot be specified in combination with resourceAttributes',
    ],
    [
      'SubjectAccessReview',
      { resourceAttributes: attributes },
      'spec.user: Invalid value: "": at least one of user or group must be specified',
    ],
    [
      'LocalSubjectAccessReview',
      { user: 'joe', resourceAttributes: { ...attributes, namespace: 'other' } },
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace (shop)',
    ],
    ['LocalSubjectAccessReview', { user: 'joe', nonResourceAttributes: {} }, 'disallowed on this kind of request'],
  ])('%s %j is refused', async (kind, spec, words) => {
    await expect(ask(kind, spec)).rejects.toMatchObject({ code: 422, message: expect.stringContaining(words) })
  })

  test('has a body and a namespace', async () => {
    await expect(review('TokenReview', undefined, '', jane, options)).rejects.toMatchObject({ code: 400 })
    await expect(ask('SelfSubjectRulesReview', {})).rejects.toThrow('no namespace on request')
    await expect(ask('TokenReview', {})).rejects.toThrow('token is required for TokenReview in authentication')
  })
})

test('A review of access has no name', async () => {
  const spec = { resourceAttributes: attributes }
  const made = (metadata: unknown) => review('SelfSubjectAccessReview', { spec, metadata }, '', jane, options)
  await expect(made({ name: 'x' })).rejects.toMatchObject({
    code: 422,
    message:
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"}: must be empty',
  })
  expect(await made({ creationTimestamp: null })).toMatchObject({ status: { allowed: true } })
})

test('A token that nobody knows is not authenticated', async () => {
  expect(await ask('TokenReview', { token: 'x' })).toMatchObject({
    status: { user: {}, error: 'invalid bearer token' },
  })
})
