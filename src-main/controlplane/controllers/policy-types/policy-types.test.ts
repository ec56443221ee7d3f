import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { policyTypeChecking } from './index.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([policyTypeChecking()])
  await h.start()
})
afterEach(() => h.finish())

const rule = (group: string, version: string, ...resources: string[]) => ({
  apiGroups: [group],
  apiVersions: [version],
  operations: ['*'],
  resources,
})
const deployments = rule('apps', 'v1', 'deployments')

/** Creates a policy; answers what its status says of its types. */
async function checked(spec: object, generation = 1) {
  h.server.put(refs.validatingAdmissionPolicies, {
    metadata: { name: 'p', generation },
    spec: { matchConstraints: { resourceRules: [deployments] }, ...spec },
  })
  await h.settle()
  return h.server.peek(refs.validatingAdmissionPolicies, 'p')?.status
}

it('a policy without errors is told so, with the generation that was looked at', async () => {
  const status = await checked({ validations: [{ expression: 'object.spec.replicas > 1' }] })
  expect(status).toEqual({ observedGeneration: 1, typeChecking: {} })
})

it('each expression that cannot be right is told with its place and the kind it fails for', async () => {
  const validations = [
    { expression: 'true' },
    { expression: "object.spec.replicas > '1'", messageExpression: "'want more than ' + object.spec.replicas" },
    { expression: 'object.foo == 1' },
  ]
  expect(await checked({ validations })).toMatchObject({
    typeChecking: {
      expressionWarnings: [
        {
          fieldRef: 'spec.validations[1].expression',
          warning:
            "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'\n | object.spec.replicas > '1'\n | .....................^",
        },
        { fieldRef: 'spec.validations[1].messageExpression' },
        {
          fieldRef: 'spec.validations[2].expression',
          warning:
            "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'foo'\n | object.foo == 1\n | ......^",
        },
      ],
    },
  })
})

it('it is looked at again when it changes, and only then', async () => {
  await checked({ validations: [{ expression: "object.spec.replicas == 'a'" }] })
  const status = await checked({ validations: [{ expression: 'object.spec.replicas == 1' }] }, 2)
  expect(status).toEqual({ observedGeneration: 2, typeChecking: {} })
})

it('variables and parameters have types of their own', async () => {
  const status = await checked({
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    variables: [
      { name: 'n', expression: 'object.spec.replicas' },
      { name: 'twice', expression: 'variables.n * 2' },
    ],
    validations: [
      { expression: "variables.twice > '1'" },
      { expression: 'variables.other' },
      { expression: 'params.data.x == 1' },
      { expression: 'params.data.x == object.metadata.__namespace__' },
      { expression: 'namespaceObject.x && request.y && authorizer.z' },
    ],
  })
  expect(status?.typeChecking?.expressionWarnings?.map(({ fieldRef }) => fieldRef)).toEqual([
    'spec.validations[0].expression',
    'spec.validations[1].expression',
    'spec.validations[2].expression',
  ])
})

it('what an asterisk stands for, subresources and kinds that are not there are not looked at', async () => {
  const resourceRules = [
    rule('*', 'v1', 'pods'),
    rule('', '*', 'pods'),
    rule('', 'v1', '*', 'pods/status', 'nothing'),
    rule('apps', 'v9', 'deployments'),
  ]
  const status = await checked({ matchConstraints: { resourceRules }, validations: [{ expression: 'object.foo' }] })
  expect(status?.typeChecking).toEqual({})
})

it('custom kinds have the types of their schema', async () => {
  const text = { type: 'string' }
  const properties = {
    spec: {
      type: 'object',
      properties: {
        n: { type: 'integer' },
        port: { 'x-kubernetes-int-or-string': true },
        names: { type: 'array', items: text },
        map: { type: 'object', additionalProperties: { type: 'number' } },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        until: { ...text, format: 'date-time' },
        on: { type: 'boolean' },
      },
    },
  }
  h.server.put(refs.customResourceDefinitions, {
    metadata: { name: 'tools.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'tools', kind: 'Tool' },
      scope: 'Namespaced',
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } },
      ],
    },
  })
  await h.settle()
  const expressions = [
    "object.spec.n > '1'",
    'object.spec.names[0] == 1',
    "object.spec.map.x > 'a'",
    "object.spec.until == 'today'",
    'object.none',
    "object.spec.port == 1 && object.spec.open.a.b == 'x' && object.spec.on && object.metadata.name == object.kind",
  ]
  const status = await checked({
    matchConstraints: { resourceRules: [rule('example.com', 'v1', 'tools'), rule('example.com', 'v2', 'tools')] },
    paramKind: { apiVersion: 'example.com/v1', kind: 'Tool' },
    validations: expressions.map((expression) => ({ expression })),
  })
  const warnings = status?.typeChecking?.expressionWarnings ?? []
  expect(warnings.map(({ fieldRef }) => fieldRef)).toEqual(
    [0, 1, 2, 3, 4].map((i) => `spec.validations[${i}].expression`),
  )
  expect(warnings[0]?.warning).toMatch(/^example.com\/v1, Kind=Tool: ERROR: <input>:1:15: found no matching overload/)
})
