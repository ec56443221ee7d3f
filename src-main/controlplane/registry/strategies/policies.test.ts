import { describe, expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'
import { refusal as refusalOf } from '../testing/refusals.ts'

const API_VERSION = 'admissionregistration.k8s.io/v1'
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const good = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] }

const refusal = (kind: string, spec: object) => refusalOf(API_VERSION, kind, { spec })

describe('a policy', () => {
  test.each<[object, string]>([
    [{}, ''],
    [{ matchConstraints: undefined }, 'spec.matchConstraints: Required value'],
    [{ matchConstraints: {} }, 'spec.matchConstraints.resourceRules: Required value'],
    [
      { matchConstraints: { resourceRules: [{}], matchPolicy: 'Odd' } },
      'spec.matchConstraints.resourceRules[0].operations: Required value',
    ],
    [
      { validations: [] },
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
    ],
    [
      { validations: [{ expression: ' ' }] },
      'spec.validations[0].expression: Required value: expression is not specified',
    ],
    [
      { validations: [{ expression: '1 +' }] },
      'spec.validations[0].expression: Invalid value: "1 +": compilation failed: ERROR: <input>:1:4: Syntax error',
    ],
    [{ validations: [{ expression: '1 + 1' }] }, 'expression: Invalid value: "1 + 1": must evaluate to bool'],
    [{ validations: [{ expression: 'true', messageExpression: '1' }] }, 'must evaluate to string'],
    [
      { validations: [{ expression: "1 > 'a'" }] },
      "compilation failed: ERROR: <input>:1:3: found no matching overload for '_>_' applied to '(int, string)'",
    ],
    [
      { validations: [{ expression: "request.name.matches('[')" }] },
      'compilation failed: ERROR: <input>:1:22: invalid matches argument',
    ],
    [
      { validations: [{ expression: "object.metadata.name.find('[') == ''" }] },
      'program instantiation failed: error parsing regexp: missing closing ]: `[`',
    ],
    [{ matchConditions: [{ name: 'a', expression: "'a'" }] }, 'must evaluate to bool'],
    [{ validations: [{ expression: "request.namex == ''" }] }, "undefined field 'namex'"],
    [{ validations: [{ expression: "request.userInfo.groups.exists(g, g == 'x')" }] }, ''],
    [{ validations: [{ expression: 'namespaceObject.data.x' }] }, "undefined field 'data'"],
    [{ validations: [{ expression: 'params.x' }] }, "undeclared reference to 'params'"],
    [{ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression: 'params.x' }] }, ''],
    [{ validations: [{ expression: 'variables.x' }] }, "undefined field 'x'"],
    [
      {
        variables: [
          { name: 'a', expression: 'variables.b' },
          { name: 'b', expression: '1' },
        ],
      },
      'spec.variables[0].expression: Invalid value: "variables.b": compilation failed',
    ],
    [
      {
        variables: [
          { name: 'a', expression: '1' },
          { name: 'b', expression: 'variables.a + 1' },
        ],
        validations: [{ expression: 'variables.b' }],
      },
      'must evaluate to bool',
    ],
    [
      { variables: [{ name: 'a', expression: 'true' }], matchConditions: [{ name: 'a', expression: 'variables.a' }] },
      "undeclared reference to 'variables'",
    ],
    [{ auditAnnotations: [{ key: 'high', valueExpression: "'x' + string(object.spec.replicas)" }] }, ''],
    [
      { auditAnnotations: [{ key: 'a b', valueExpression: 'null' }] },
      'spec.auditAnnotations[0].key: Invalid value: "a b"',
    ],
    [
      { auditAnnotations: [{ key: 'a', valueExpression: '1' }] },
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type]',
    ],
    [{ auditAnnotations: [{ key: 'a', valueExpression: ' ' }] }, 'Required value: valueExpression is not specified'],
    [
      {
        auditAnnotations: [
          { key: 'a', valueExpression: "''" },
          { key: 'a', valueExpression: "''" },
        ],
      },
      'spec.auditAnnotations[1].key: Duplicate value: "a"',
    ],
    [
      { auditAnnotations: [{ key: 'a', valueExpression: `'${'x'.repeat(5200)}'` }] },
      'spec.auditAnnotations[0].valueExpression: Too long: may not be more than 5120 bytes',
    ],
    [
      { auditAnnotations: Array.from({ length: 21 }, (_, i) => ({ key: `a${i}`, valueExpression: "''" })) },
      'must not have more than 20 auditAnnotations',
    ],
    [{ validations: [{ expression: 'authorizer.x' }] }, "undefined field 'x'"],
    [
      { validations: [{ expression: 'true', messageExpression: '(', message: 'a\nb', reason: 'Odd' }] },
      'must not contain line breaks',
    ],
    [{ failurePolicy: 'Odd' }, 'spec.failurePolicy: Unsupported value: "Odd": supported values: "Fail", "Ignore"'],
    [{ paramKind: { apiVersion: '', kind: '' } }, 'spec.paramKind.apiVersion: Required value'],
    [
      {
        variables: [
          { name: 'a', expression: '1' },
          { name: 'a', expression: '1' },
        ],
      },
      'spec.variables[1].name: Duplicate value: "a"',
    ],
    [
      {
        variables: [
          { name: '1a', expression: '' },
          { name: '', expression: '1' },
        ],
      },
      'name is not a valid CEL identifier',
    ],
    [
      {
        matchConditions: [
          { name: 'a', expression: 'x' },
          { name: 'a', expression: 'true' },
        ],
      },
      'spec.matchConditions[1].name: Duplicate value: "a"',
    ],
    [
      {
        matchConditions: [
          { name: '_', expression: 'true' },
          { name: '', expression: 'true' },
        ],
      },
      'spec.matchConditions[1].name: Required value',
    ],
    [
      { matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: `a${i}`, expression: 'true' })) },
      'spec.matchConditions: Too many: 65: must have at most 64 items',
    ],
  ])('%j', async (more, words) => {
    const said = await refusal('ValidatingAdmissionPolicy', { ...good, ...more })
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })
})

describe('a policy that changes', () => {
  const { validations: _, ...scope } = good
  const mutation = { patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }
  test.each<[object, string]>([
    [{}, ''],
    [{ mutations: [] }, 'spec.mutations: Required value: mutations must contain at least one item'],
    [
      { mutations: [{ patchType: 'Odd' }] },
      'spec.mutations[0].patchType: Unsupported value: "Odd": supported values: "ApplyConfiguration", "JSONPatch"',
    ],
    [
      { mutations: [{ patchType: 'JSONPatch' }] },
      'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
    ],
    [
      { mutations: [{ ...mutation, applyConfiguration: { expression: 'object' } }] },
      'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    ],
    [
      { mutations: [{ ...mutation, patchType: 'ApplyConfiguration', applyConfiguration: { expression: '(' } }] },
      'spec.mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
    ],
    [
      { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: '(' } }] },
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "(": compilation failed',
    ],
    [
      { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: '1' } }] },
      'applyConfiguration.expression: Invalid value: "1": must evaluate to Object',
    ],
    [
      {
        mutations: [
          { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'true ? Object{} : Object{}' } },
        ],
      },
      '',
    ],
    [
      { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[Object{a: 1}]' } }] },
      'jsonPatch.expression: Invalid value: "[Object{a: 1}]": must evaluate to list(JSONPatch)',
    ],
    [{ mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'test'}] + []" } }] }, ''],
    [{ reinvocationPolicy: undefined }, 'spec.reinvocationPolicy: Required value'],
    [{ reinvocationPolicy: 'Odd' }, 'spec.reinvocationPolicy: Unsupported value: "Odd"'],
    [{ matchConstraints: undefined }, 'spec.matchConstraints: Required value'],
  ])('%j', async (more, words) => {
    const said = await refusal('MutatingAdmissionPolicy', {
      ...scope,
      mutations: [mutation],
      reinvocationPolicy: 'Never',
      ...more,
    })
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })
})

test('a mutation that names no type is told that alone', async () => {
  const { validations: _, ...scope } = good
  const said = await refusal('MutatingAdmissionPolicy', { ...scope, reinvocationPolicy: 'Never', mutations: [{}] })
  expect(said).toBe('spec.mutations[0].patchType: Required value')
})

describe('its binding', () => {
  const bound = { policyName: 'p', validationActions: ['Deny'] }
  test.each<[object, string]>([
    [{}, ''],
    [{ policyName: '' }, 'spec.policyName: Required value'],
    [{ validationActions: [] }, 'spec.validationActions: Required value'],
    [{ validationActions: ['Deny', 'Deny'] }, 'spec.validationActions[1]: Duplicate value: "Deny"'],
    [{ validationActions: ['Odd'] }, 'supported values: "Audit", "Deny", "Warn"'],
    [{ validationActions: ['Deny', 'Warn'] }, 'must not contain both Deny and Warn'],
    [
      { paramRef: { parameterNotFoundAction: 'Allow' } },
      'spec.paramRef: Required value: one of name or selector must be specified',
    ],
    [
      { paramRef: { name: 'a', selector: {} } },
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
    ],
    [{ matchResources: { matchPolicy: 'Odd' } }, 'supported values: "Equivalent", "Exact"'],
  ])('%j', async (more, words) => {
    const said = await refusal('ValidatingAdmissionPolicyBinding', { ...bound, ...more })
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })
})

test('A webhook with a condition that is no expression is refused', async () => {
  const { registry, write } = await arrange()
  const kind = 'ValidatingWebhookConfiguration'
  const hook = {
    name: 'a.b.c',
    clientConfig: { url: 'https://h' },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    matchConditions: [{ name: 'n', expression: '... [] bad expression' }],
  }
  const body = { apiVersion: API_VERSION, kind, metadata: { name: 'x' }, webhooks: [hook] }
  await expect(registry.create(at(API_VERSION, kind), body, write)).rejects.toMatchObject({
    code: 422,
    message: expect.stringContaining(
      'webhooks[0].matchConditions[0].expression: Invalid value: "... [] bad expression": compilation failed',
    ),
  })
})
