import { describe, expect, test } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { attributes, FakeObjects, hostOf, run } from '../testing/arrange.ts'
import { deploymentRule, GROUP } from '../testing/policies.ts'
import { validatingPolicy } from './policies.ts'

interface Arrangement {
  spec?: object
  binding?: object
  objects?: Array<[group: string, resource: string, object: object]>
}

/** One policy under one binding. */
function arrange({ spec = {}, binding = {}, objects: more = [] }: Arrangement) {
  const objects = new FakeObjects()
  const validations = [{ expression: 'object.spec.replicas <= 5' }]
  const whole = { matchConstraints: { resourceRules: [deploymentRule] }, failurePolicy: 'Fail', validations, ...spec }
  objects.put(GROUP, 'validatingadmissionpolicies', { metadata: { name: 'few' }, spec: whole })
  objects.put(GROUP, 'validatingadmissionpolicybindings', {
    metadata: { name: 'everywhere' },
    spec: { policyName: 'few', validationActions: ['Deny'], ...binding },
  })
  for (const [group, resource, object] of more) objects.put(group, resource, object)
  const plugins = [validatingPolicy(hostOf(objects))]
  const scale = (replicas: number, name = 'web') => {
    const metadata = { name, namespace: 'shop', labels: { app: name } }
    const asked = attributes('apps', 'Deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas },
    })
    return { asked, judged: run(plugins, asked) }
  }
  return { objects, plugins, scale }
}

const FORBIDDEN = 'deployments.apps "web" is forbidden: '
const HEAD = `${FORBIDDEN}ValidatingAdmissionPolicy 'few' with binding 'everywhere' denied request: `

describe('a validating admission policy', () => {
  test('refuses what its expression is false for', async () => {
    const { scale } = arrange({})
    await scale(5).judged
    await expect(scale(6).judged).rejects.toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: `${HEAD}failed expression: object.spec.replicas <= 5`,
      // What kubectl prints of a refusal for this reason.
      details: { causes: [{ message: `${HEAD.slice(FORBIDDEN.length)}failed expression: object.spec.replicas <= 5` }] },
    })
  })

  test.each<[object, number, string]>([
    [{ message: 'too many' }, 422, 'too many'],
    [
      { message: 'too many', messageExpression: '"at most 5, not " + string(object.spec.replicas)' },
      422,
      'at most 5, not 6',
    ],
    [{ message: 'too many', messageExpression: 'object.nope' }, 422, 'too many'],
    [{ message: 'too many', messageExpression: '"a\\nb"' }, 422, 'too many'],
    [{ message: 'too many', reason: 'Forbidden' }, 403, 'too many'],
  ])('says what %j says', async (more, code, words) => {
    const { scale } = arrange({ spec: { validations: [{ expression: 'object.spec.replicas <= 5', ...more }] } })
    await expect(scale(6).judged).rejects.toMatchObject({ code, message: HEAD + words })
  })

  test.each([
    ["authorizer.group('').resource('pods').check('get').allowed()", true],
    ["authorizer.group('').resource('pods').check('delete').allowed()", false],
    [
      "authorizer.group('').resource('slowpods').check('get').allowed() && authorizer.path('/x').check('get').allowed()",
      true,
    ],
    [
      "authorizer.serviceAccount('a', 'b').group('').resource('slowpods').check('delete').reason() == 'for delete'",
      true,
    ],
    ["authorizer.group('').resource('broken').check('get').error() == 'Error: nobody there'", true],
    [
      "authorizer.requestResource.check('get').allowed() && !authorizer.requestResource.check('update').allowed()",
      true,
    ],
  ])('asks whether who asks may: %s', async (expression, fits) => {
    const { scale } = arrange({ spec: { validations: [{ expression }] } })
    const { judged } = scale(1)
    if (fits) await judged
    else await expect(judged).rejects.toMatchObject({ code: 422 })
    const conditions = arrange({ spec: { matchConditions: [{ name: 'n', expression }] } })
    if (fits) await expect(conditions.scale(6).judged).rejects.toMatchObject({ code: 422 })
    else await conditions.scale(6).judged
  })

  test('works variables out once, and from one another', async () => {
    const variables = [
      { name: 'most', expression: '2 + 3' },
      { name: 'fits', expression: 'object.spec.replicas <= variables.most' },
    ]
    const validations = [{ expression: 'variables.fits && variables.fits' }]
    const { scale } = arrange({ spec: { variables, validations } })
    await scale(5).judged
    await expect(scale(6).judged).rejects.toMatchObject({ code: 422 })
  })

  test('knows the request, the object before and the namespace', async () => {
    const expression =
      'request.operation == "UPDATE" && request.userInfo.username == "admin" && oldObject.spec.replicas == 1 && namespaceObject.metadata.labels.env == "prod"'
    const { plugins } = arrange({
      spec: { validations: [{ expression }] },
      objects: [['', 'namespaces', { metadata: { name: 'shop', labels: { env: 'prod' } } }]],
    })
    const web = (replicas: number) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { replicas },
    })
    const asked = (before: number) =>
      attributes('apps', 'Deployment', web(2), { operation: 'UPDATE', oldObject: partial(web(before)) })
    await run(plugins, asked(1))
    await expect(run(plugins, asked(3))).rejects.toMatchObject({ code: 422 })
  })

  test.each<[Arrangement, boolean]>([
    [{ spec: { matchConditions: [{ name: 'a', expression: 'object.metadata.name != "web"' }] } }, true],
    [
      {
        spec: {
          matchConditions: [
            { name: 'a', expression: 'object.nope' },
            { name: 'b', expression: 'false' },
          ],
        },
      },
      true,
    ],
    [
      {
        spec: {
          matchConstraints: {
            resourceRules: [deploymentRule],
            excludeResourceRules: [{ ...deploymentRule, resourceNames: ['web'] }],
          },
        },
      },
      true,
    ],
    [{ spec: { matchConstraints: { resourceRules: [{ ...deploymentRule, resourceNames: ['other'] }] } } }, true],
    [{ spec: { matchConstraints: { resourceRules: [{ ...deploymentRule, apiGroups: ['batch'] }] } } }, true],
    [
      {
        spec: {
          matchConstraints: {
            resourceRules: [{ ...deploymentRule, apiGroups: ['extensions'], apiVersions: ['v1beta1'] }],
          },
        },
      },
      false,
    ],
    [{ binding: { matchResources: { objectSelector: { matchLabels: { app: 'other' } } } } }, true],
    [{ binding: { matchResources: { objectSelector: { matchLabels: { app: 'web' } } } } }, false],
    [{ binding: { policyName: 'unknown' } }, true],
    [{ binding: { validationActions: ['Audit'] } }, true],
  ])('is for what it matches: %j lets pass: %s', async (arrangement, passes) => {
    const { judged } = arrange(arrangement).scale(6)
    if (passes) await judged
    else await expect(judged).rejects.toMatchObject({ code: 422 })
  })

  test('warns where it is bound to', async () => {
    const { scale } = arrange({ binding: { validationActions: ['Warn'] } })
    const { asked, judged } = scale(6)
    await judged
    expect(asked.warnings).toEqual([
      "Validation failed for ValidatingAdmissionPolicy 'few' with binding 'everywhere': failed expression: object.spec.replicas <= 5",
    ])
  })

  test('that cannot be evaluated holds up or lets pass, as it says', async () => {
    const validations = [{ expression: 'object.spec.nope > 1' }]
    await expect(arrange({ spec: { validations } }).scale(1).judged).rejects.toMatchObject({
      message: `${HEAD}expression 'object.spec.nope > 1' resulted in error: no such key: nope`,
    })
    await arrange({ spec: { validations, failurePolicy: 'Ignore' } }).scale(1).judged
    const matchConditions = [{ name: 'a', expression: 'object.nope' }]
    await expect(arrange({ spec: { matchConditions } }).scale(1).judged).rejects.toMatchObject({
      message: `${HEAD}expression 'object.nope' resulted in error: no such key: nope`,
    })
    await arrange({ spec: { matchConditions, failurePolicy: 'Ignore' } }).scale(1).judged
  })

  test('that cannot be evaluated is dealt with as its binding says, and is invalid whatever its reason', async () => {
    const validations = [{ expression: 'object.spec.nope > 1', reason: 'Forbidden' }]
    await expect(arrange({ spec: { validations } }).scale(1).judged).rejects.toMatchObject({ code: 422 })
    const { asked, judged } = arrange({ spec: { validations }, binding: { validationActions: ['Warn'] } }).scale(1)
    await judged
    expect(asked.warnings).toHaveLength(1)
    // What it is judged by is not there: that is no validation.
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
    const binding = { validationActions: ['Warn'], paramRef: { name: 'none', parameterNotFoundAction: 'Deny' } }
    await expect(arrange({ spec: { paramKind }, binding }).scale(1).judged).rejects.toThrow(
      'failed to configure binding',
    )
  })

  test('that denies keeps no other from warning, and the first of those that deny is told of', async () => {
    const { scale, objects } = arrange({})
    for (const [name, action] of [
      ['later', 'Deny'],
      ['warning', 'Warn'],
    ])
      objects.put(GROUP, 'validatingadmissionpolicybindings', {
        metadata: { name },
        spec: { policyName: 'few', validationActions: [action] },
      })
    const { asked, judged } = scale(6)
    await expect(judged).rejects.toThrow("with binding 'everywhere' denied")
    expect(asked.warnings).toEqual([expect.stringContaining("with binding 'warning'")])
  })

  test('tells the audit what it notes and what failed, once a policy', async () => {
    const auditAnnotations = [
      { key: 'who', valueExpression: '"asked for " + string(object.spec.replicas)' },
      { key: 'nothing', valueExpression: 'object.spec.replicas > 100 ? "many" : null' },
    ]
    const { objects, plugins } = arrange({ spec: { auditAnnotations }, binding: { validationActions: ['Audit'] } })
    objects.put(GROUP, 'validatingadmissionpolicybindings', {
      metadata: { name: 'other' },
      spec: { policyName: 'few', validationActions: ['Audit'] },
    })
    const told = new Map<string, string>()
    const web = { metadata: { name: 'web', namespace: 'shop' }, spec: { replicas: 6 } }
    const annotate = (key: string, value: string) => void (told.has(key) || told.set(key, value))
    await run(plugins, attributes('apps', 'Deployment', web, { annotate }))
    expect(Object.fromEntries(told)).toEqual({
      'few/who': 'asked for 6',
      'validation.policy.admission.k8s.io/validation_failure':
        '[{"message":"failed expression: object.spec.replicas <= 5","policy":"few","binding":"everywhere","expressionIndex":0,"validationActions":["Audit"]}]',
    })
  })

  test('whose annotation cannot be evaluated denies whatever its bindings say, unless it may fail', async () => {
    const auditAnnotations = [{ key: 'who', valueExpression: 'object.nope' }]
    const arranged = (more: object) =>
      arrange({ spec: { auditAnnotations, ...more }, binding: { validationActions: ['Audit'] } }).scale(1).judged
    await expect(arranged({})).rejects.toThrow("expression 'object.nope' resulted in error: no such key: nope")
    await arranged({ failurePolicy: 'Ignore' })
  })

  test('is forgotten with its binding', async () => {
    const { scale, objects } = arrange({})
    await expect(scale(6).judged).rejects.toMatchObject({ code: 422 })
    objects.remove(GROUP, 'validatingadmissionpolicybindings', '', 'everywhere')
    await scale(6).judged
  })
})

describe('its parameters', () => {
  const spec = (paramKind: object) => ({
    paramKind,
    validations: [{ expression: 'object.spec.replicas <= int(params.data.most)' }],
  })
  const maps = { apiVersion: 'v1', kind: 'ConfigMap' }
  const limit = (name: string, most: string, namespace = 'shop'): [string, string, object] => [
    '',
    'configmaps',
    { metadata: { name, namespace, labels: { limit: 'yes' } }, data: { most } },
  ]

  test('are found by name, in the namespace of the request or one of their own', async () => {
    const own = arrange({ spec: spec(maps), binding: { paramRef: { name: 'l' } }, objects: [limit('l', '3')] })
    await own.scale(3).judged
    await expect(own.scale(4).judged).rejects.toMatchObject({ code: 422 })
    const paramRef = { name: 'l', namespace: 'central' }
    const other = arrange({ spec: spec(maps), binding: { paramRef }, objects: [limit('l', '3', 'central')] })
    await expect(other.scale(4).judged).rejects.toMatchObject({ code: 422 })
  })

  test('are all that a selector chooses', async () => {
    const paramRef = { selector: { matchLabels: { limit: 'yes' } }, parameterNotFoundAction: 'Deny' }
    const { scale } = arrange({ spec: spec(maps), binding: { paramRef }, objects: [limit('a', '9'), limit('b', '3')] })
    await expect(scale(4).judged).rejects.toMatchObject({ code: 422 })
    await scale(3).judged
  })

  test('that are missing deny, or allow where that is said', async () => {
    const missing = (parameterNotFoundAction: string) =>
      arrange({ spec: spec(maps), binding: { paramRef: { name: 'l', parameterNotFoundAction } } }).scale(1).judged
    await expect(missing('Deny')).rejects.toMatchObject({
      message: `${HEAD}failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
    })
    await missing('Allow')
  })

  test('may be of a kind that a definition brought; an unknown kind is an error', async () => {
    const kind = { apiVersion: 'shop.io/v1', kind: 'Limit' }
    const names = { kind: 'Limit', plural: 'limits' }
    const known = arrange({
      spec: { ...spec(kind), validations: [{ expression: 'object.spec.replicas <= params.most' }] },
      binding: { paramRef: { name: 'l' } },
      objects: [
        [
          'apiextensions.k8s.io',
          'customresourcedefinitions',
          { metadata: { name: 'd' }, spec: { group: 'shop.io', scope: 'Cluster', names } },
        ],
        ['shop.io', 'limits', { metadata: { name: 'l' }, most: 3 }],
      ],
    })
    await known.scale(3).judged
    await expect(known.scale(4).judged).rejects.toMatchObject({ code: 422 })
    const unknown = arrange({ spec: spec(kind), binding: { paramRef: { name: 'l' } } })
    await expect(unknown.scale(3).judged).rejects.toMatchObject({
      message: expect.stringContaining("failed to find resource referenced by paramKind: 'shop.io/v1, Kind=Limit'"),
    })
  })
})
