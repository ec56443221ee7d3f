import { describe, expect, test } from 'vitest'
import { review, type ReviewOptions } from './reviews.ts'

const options: ReviewOptions = {
  authorize: ({ verb, user }) => Promise.resolve({ allowed: verb === 'get', reason: `for ${user.name}` }),
  authenticate: () => undefined,
  now: 0,
  rulesFor: (user, namespace) =>
    Promise.resolve({ resourceRules: [{ of: user.name, namespace }], nonResourceRules: [], missing: [] }),
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

describe('a review of a list by selector', () => {
  const asked: Array<string | undefined> = []
  const noting: ReviewOptions = {
    ...options,
    authorize({ fieldSelector }) {
      asked.push(fieldSelector)
      return Promise.resolve({ allowed: true })
    },
  }
  const list = (selectors: object) =>
    review(
      'SelfSubjectAccessReview',
      { spec: { resourceAttributes: { ...attributes, verb: 'list', ...selectors } } },
      '',
      jane,
      noting,
    )

  test('is judged by what a request would say', async () => {
    await list({})
    await list({ fieldSelector: { rawSelector: 'spec.nodeName=n1' } })
    const requirements = [
      { key: 'a', operator: 'In', values: ['1'] },
      { key: 'b', operator: 'NotIn', values: ['2'] },
      { key: 'c', operator: 'In', values: ['3', '4'] },
      { key: 'd', operator: 'Exists' },
    ]
    await list({ fieldSelector: { requirements }, labelSelector: { requirements } })
    expect(asked).toEqual(['', 'spec.nodeName=n1', 'a=1,b!=2'])
  })

  test.each([
    [{ fieldSelector: {} }, 'requirements or rawSelector is required'],
    [
      { labelSelector: { rawSelector: 'a', requirements: [{ key: 'a', operator: 'Exists' }] } },
      'spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements',
    ],
    [{ fieldSelector: { requirements: [{}] } }, 'fieldSelector.requirements[0].key: Required value: must be specified'],
    [{ fieldSelector: { requirements: [{ key: 'a', operator: 'In' }] } }, "`operator` is 'In' or 'NotIn'"],
    [
      { fieldSelector: { requirements: [{ key: 'a', operator: 'Exists', values: ['x'] }] } },
      "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    ],
    [
      { labelSelector: { requirements: [{ key: '-', operator: 'In', values: ['!'] }] } },
      'spec.resourceAttributes.labelSelector.requirements[0].values[0]: Invalid value: "!": a valid label must be',
    ],
    [
      { labelSelector: { requirements: [{ operator: 'Exists' }] } },
      'key: Invalid value: "": name part must be non-empty',
    ],
  ])('%j: %s', async (selectors, words) => {
    await expect(list(selectors)).rejects.toThrow(words)
  })
})

describe('a selector that is not understood', () => {
  const known = { key: 'a', operator: 'In', values: ['1'] }
  const newer = { key: 'a', operator: 'Odd' }
  const several = { key: 'a', operator: 'In', values: ['1', '2'] }
  test.each([
    [{ fieldSelector: { rawSelector: 'a' } }, 'spec.resourceAttributes.fieldSelector ignored due to parse error'],
    [{ labelSelector: { rawSelector: '&&' } }, 'spec.resourceAttributes.labelSelector ignored due to parse error'],
    [
      { fieldSelector: { requirements: [known, several] }, labelSelector: { requirements: [known, newer] } },
      'spec.resourceAttributes.fieldSelector partially ignored due to parse error; spec.resourceAttributes.labelSelector partially ignored due to parse error',
    ],
    [{ labelSelector: { requirements: [several] }, fieldSelector: { rawSelector: 'a!=b' } }, undefined],
  ])('%j asks for more, and is told of', async (selectors, words) => {
    const answer = await ask('SelfSubjectAccessReview', { resourceAttributes: { ...attributes, ...selectors } })
    expect((answer as { status: object }).status).toEqual({
      allowed: true,
      reason: 'for jane',
      ...(words ? { evaluationError: words } : {}),
    })
  })
})

test('A list of rules says what is missing from it', async () => {
  const rulesFor = () => Promise.resolve({ resourceRules: [], nonResourceRules: [], missing: ['x not found'] })
  const list = async (user: typeof jane) => {
    const body = { spec: { namespace: 'shop' } }
    const answer = await review('SelfSubjectRulesReview', body, '', user, { ...options, rulesFor })
    return (answer as { status: object }).status
  }
  const none = { resourceRules: [], nonResourceRules: [] }
  expect(await list(jane)).toEqual({ ...none, incomplete: false, evaluationError: 'x not found' })
  expect(await list({ name: 'system:node:n1', groups: ['system:nodes'] })).toEqual({
    ...none,
    incomplete: true,
    evaluationError: '[node authorizer does not support user rule resolution, x not found]',
  })
})

describe('a review that asks nothing, or too much', () => {
  test.each([
    [
      'SelfSubjectAccessReview',
      {},
      'spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified',
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
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
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
    message: '.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"}: must be empty',
  })
  const local = { spec: { user: 'joe', ...spec }, metadata: { name: 'x' } }
  await expect(review('LocalSubjectAccessReview', local, 'shop', jane, options)).rejects.toThrow(
    /: must be empty except for namespace$/,
  )
  expect(await made({ creationTimestamp: null })).toMatchObject({ status: { allowed: true } })
})

test('A token that nobody knows is not authenticated', async () => {
  expect(await ask('TokenReview', { token: 'x' })).toMatchObject({
    status: { user: {}, error: 'invalid bearer token' },
  })
})

describe('The body of a review', () => {
  test('is one of its kind and has values of their types', async () => {
    const body = (sent: unknown) => review('SubjectAccessReview', sent, '', jane, options)
    await expect(body(undefined)).rejects.toMatchObject({
      code: 400,
      message:
        "the object provided is unrecognized (must be of type SubjectAccessReview): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
    })
    await expect(body({ kind: 'Pod', apiVersion: 'v1' })).rejects.toMatchObject({
      code: 400,
      message: 'Pod in version "v1" cannot be handled as a SubjectAccessReview',
    })
    await expect(body({ spec: { user: 5 } })).rejects.toThrow(
      'cannot unmarshal number into Go struct field SubjectAccessReviewSpec.spec.user of type string',
    )
    const unread =
      "the object provided is unrecognized (must be of type SubjectAccessReview): couldn't get version/kind; json parse error: json: cannot unmarshal"
    await expect(body([])).rejects.toThrow(`${unread} array into Go value of type struct {`)
    await expect(body({ apiVersion: 5 })).rejects.toMatchObject({
      code: 400,
      message: `${unread} number into Go struct field .apiVersion of type string ({"apiVersion":5})`,
    })
    expect(await body({ kind: '', spec: { user: 'joe', nonResourceAttributes: {}, odd: 1 } })).toEqual({
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: { user: 'joe', nonResourceAttributes: {} },
      status: { allowed: false, reason: 'for joe' },
    })
  })

  test('is of the namespace of its path when it is local', async () => {
    const spec = { user: 'joe', resourceAttributes: attributes }
    expect(await ask('LocalSubjectAccessReview', spec)).toMatchObject({ metadata: { namespace: 'shop' } })
    const elsewhere = { metadata: { namespace: 'other' }, spec }
    await expect(review('LocalSubjectAccessReview', elsewhere, 'shop', jane, options)).rejects.toMatchObject({
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    })
  })
})
