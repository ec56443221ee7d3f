import { describe, expect, test } from 'vitest'
import { attributes, FakeObjects, hostOf, run } from '../testing/arrange.ts'
import { deploymentRule, GROUP } from '../testing/policies.ts'
import { mutatingPolicy } from './policies.ts'

describe('a mutating admission policy', () => {
  const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
  const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })

  async function mutated(mutations: object[], more: object = {}): Promise<object> {
    const objects = new FakeObjects()
    const spec = { matchConstraints: { resourceRules: [deploymentRule] }, failurePolicy: 'Fail', mutations, ...more }
    objects.put(GROUP, 'mutatingadmissionpolicies', { metadata: { name: 'tidy' }, spec })
    objects.put(GROUP, 'mutatingadmissionpolicybindings', { metadata: { name: 'all' }, spec: { policyName: 'tidy' } })
    const asked = attributes('apps', 'Deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop', labels: { a: 'b' } },
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } },
    })
    await run([mutatingPolicy(hostOf(objects))], asked)
    return asked.object!
  }

  test('lays a configuration over the object, items of lists by their keys', async () => {
    const source = `Object{
      metadata: Object.metadata{labels: {"x": "y"}},
      spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
        containers: [Object.spec.template.spec.containers{name: "side", image: "s"}]}}}}`
    expect(await mutated([apply(source)])).toMatchObject({
      metadata: { labels: { a: 'b', x: 'y' } },
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ name: 'c', imagePullPolicy: 'Always' }, { name: 'side' }] } },
      },
    })
  })

  test('patches it, each mutation on what the one before made', async () => {
    const more = 'JSONPatch{op: "replace", path: "/spec/replicas", value: object.spec.replicas + 1}'
    const label = 'JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("x.io/y"), value: "z"}'
    expect(await mutated([patch(`[${more}]`), patch(`[${more}, ${label}]`)])).toMatchObject({
      metadata: { labels: { a: 'b', 'x.io/y': 'z' } },
      spec: { replicas: 4 },
    })
  })

  test.each([
    'JSONPatch{op: "test", path: "/spec/replicas", value: 3}',
    'JSONPatch{op: "test", path: "/spec/paused", value: true}',
  ])('changes nothing by a patch whose test finds something else: %s', async (found) => {
    const more = 'JSONPatch{op: "replace", path: "/spec/replicas", value: 9}'
    expect(await mutated([patch(`[${found}, ${more}]`)])).toMatchObject({ spec: { replicas: 2 } })
  })

  test.each([
    [
      patch('[JSONPatch{op: "remove", path: "/nope"}]'),
      'JSONPath: remove operation does not apply: doc is missing path',
    ],
    [patch('[JSONPatch{op: "replace", path: "/kind", value: "Pod"}]'), 'one of apps/v1, Kind=Pod'],
    [apply('object.nope'), "expression 'object.nope' resulted in error: no such key: nope"],
    [apply('object.spec.replicas'), 'unsupported return type from ApplyConfiguration expression'],
    [
      apply('Object{spec: Object.spec{nope: 1}}'),
      'error applying patch: failed to convert patch object to typed object: .spec.nope: field not declared in schema',
    ],
    [
      apply('Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"a": "b"}}}}'),
      'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector',
    ],
  ])('that cannot be applied holds up or lets pass, as it says: %j', async (mutation, words) => {
    const told = { message: expect.stringContaining(words) }
    await expect(mutated([mutation])).rejects.toMatchObject({
      code: 403,
      reason: 'Invalid',
      message: expect.stringMatching(/^policy 'tidy' with binding 'all' denied request: /),
      details: { name: 'web', group: 'apps', kind: 'deployments', causes: [told] },
    })
    expect(await mutated([mutation], { failurePolicy: 'Ignore' })).toMatchObject({ spec: { replicas: 2 } })
  })

  test('makes the mutations beside one that it may ignore', async () => {
    const more = patch('[JSONPatch{op: "replace", path: "/spec/replicas", value: 9}]')
    const made = mutated([patch('[JSONPatch{op: "remove", path: "/nope"}]'), more], { failurePolicy: 'Ignore' })
    expect(await made).toMatchObject({ spec: { replicas: 9 } })
  })

  test('tells of each mutation that fails', async () => {
    const words = "policy 'tidy' with binding 'all' denied request: expression"
    await expect(mutated([apply('object.a'), apply('object.b')])).rejects.toMatchObject({
      message: `${words} 'object.a' resulted in error: no such key: a`,
      details: {
        causes: [
          { message: `${words} 'object.a' resulted in error: no such key: a` },
          { message: `${words} 'object.b' resulted in error: no such key: b` },
        ],
      },
    })
  })

  test('whose conditions or parameters cannot be settled says so', async () => {
    const matchConditions = [{ name: 'n', expression: 'object.nope' }]
    const refused = "policy 'tidy' with binding 'all' denied request: "
    await expect(mutated([patch('[]')], { matchConditions })).rejects.toMatchObject({
      reason: 'Invalid',
      message: `${refused}expression 'object.nope' resulted in error: no such key: nope`,
    })
  })

  test('leaves alone what is not for it', async () => {
    const matchConditions = [{ name: 'n', expression: 'object.spec.replicas > 5' }]
    expect(await mutated([patch('[]')], { matchConditions })).toMatchObject({ spec: { replicas: 2 } })
  })
})
