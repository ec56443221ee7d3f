import { describe, expect, test } from 'vitest'
import { attributes, FakeObjects, hostOf, run } from '../testing/arrange.ts'
import { deploymentRule, GROUP } from '../testing/policies.ts'
import { mutatingPolicy, validatingPolicy } from './policies.ts'
import { validatingWebhooks } from './webhooks.ts'

/** Takes 801,000 units: less than one evaluation may, a twelfth of a budget, a third of one for match conditions. */
const DEAR = 'object.metadata.annotations.text.contains(object.metadata.annotations.part)'
/** Takes more than one evaluation may. */
const TOO_DEAR = 'object.metadata.annotations.text.contains(object.metadata.annotations.long)'
const annotations = { text: '-'.repeat(90_000), part: 'x'.repeat(890), long: 'x'.repeat(1200) }
const expressions = (count: number): Array<{ expression: string }> =>
  Array.from({ length: count }, () => ({ expression: `!${DEAR}` }))

const deployment = () =>
  attributes('apps', 'Deployment', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', annotations },
    spec: { replicas: 1 },
  })

const OUT = 'validation failed due to running out of cost budget, no further validation rules will be run'

function judge(spec: object): Promise<void> {
  const objects = new FakeObjects()
  const whole = { matchConstraints: { resourceRules: [deploymentRule] }, failurePolicy: 'Fail', ...spec }
  objects.put(GROUP, 'validatingadmissionpolicies', { metadata: { name: 'few' }, spec: whole })
  objects.put(GROUP, 'validatingadmissionpolicybindings', {
    metadata: { name: 'all' },
    spec: { policyName: 'few', validationActions: ['Deny'] },
  })
  return run([validatingPolicy(hostOf(objects))], deployment())
}

const HEAD = `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'all' denied request: `
const none = [{ expression: 'true' }]

// KEP-3488, "Resource constraints"; kubernetes.io, "Common Expression Language in Kubernetes".
describe('a policy that judges', () => {
  test('has room for twelve dear expressions, and refuses what it cannot judge', async () => {
    await judge({ validations: expressions(12) })
    await expect(judge({ validations: expressions(13) })).rejects.toMatchObject({ code: 422, message: HEAD + OUT })
    await judge({ validations: expressions(13), failurePolicy: 'Ignore' })
  })

  test('counts its variables, once', async () => {
    const variables = Array.from({ length: 13 }, (_, i) => ({ name: `v${i}`, expression: DEAR }))
    const use = (count: number) => ({
      variables,
      validations: variables.slice(0, count).map(({ name }) => ({ expression: `!variables.${name} && !variables.v0` })),
    })
    await judge(use(12))
    await expect(judge(use(13))).rejects.toMatchObject({ message: HEAD + OUT })
  })

  test('tells of one expression that takes more than one may', async () => {
    const words = `expression '${TOO_DEAR}' resulted in error: operation cancelled: actual cost limit exceeded`
    await expect(judge({ validations: [{ expression: TOO_DEAR }] })).rejects.toMatchObject({ message: HEAD + words })
    await judge({ validations: [{ expression: TOO_DEAR }], failurePolicy: 'Ignore' })
  })

  test('has what is left for its messages, and as much again for its annotations', async () => {
    const auditAnnotations = [{ key: 'k', valueExpression: `string(${DEAR})` }]
    await judge({ validations: expressions(12), auditAnnotations })
    const failing = { expression: DEAR, messageExpression: `string(${DEAR})` }
    const told = judge({ validations: [...expressions(11), failing] })
    await expect(told).rejects.toMatchObject({ message: `${HEAD}failed messageExpression: ${OUT}` })
  })

  test('has a quarter for its conditions', async () => {
    const conditions = (count: number) => expressions(count).map(({ expression }, i) => ({ name: `c${i}`, expression }))
    await judge({ validations: none, matchConditions: conditions(3) })
    await expect(judge({ validations: none, matchConditions: conditions(4) })).rejects.toMatchObject({
      code: 422,
      message: HEAD + OUT,
    })
    await judge({ validations: none, matchConditions: conditions(4), failurePolicy: 'Ignore' })
  })
})

test('A policy that changes has as much for each of its mutations', async () => {
  const objects = new FakeObjects()
  const mutate = (count: number): Promise<void> => {
    const condition = expressions(count)
      .map(({ expression }) => expression)
      .join(' && ')
    const expression = `${condition} ? [JSONPatch{op: "add", path: "/spec/paused", value: true}] : []`
    const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression } }]
    const spec = { matchConstraints: { resourceRules: [deploymentRule] }, failurePolicy: 'Fail', mutations }
    objects.put(GROUP, 'mutatingadmissionpolicies', { metadata: { name: 'few' }, spec })
    objects.put(GROUP, 'mutatingadmissionpolicybindings', { metadata: { name: 'all' }, spec: { policyName: 'few' } })
    return run([mutatingPolicy(hostOf(objects))], deployment())
  }
  await mutate(1)
  await expect(mutate(2)).rejects.toThrow('operation cancelled: actual cost limit exceeded')
})

test('A webhook has a quarter for its conditions', async () => {
  const objects = new FakeObjects()
  const ask = (count: number, failurePolicy: string): Promise<void> => {
    const hook = {
      name: 'a.b.c',
      clientConfig: { url: 'https://h' },
      rules: [deploymentRule],
      failurePolicy,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      matchConditions: [...expressions(count), { expression: 'false' }].map(({ expression }, i) => ({
        name: `c${i}`,
        expression,
      })),
    }
    objects.put(GROUP, 'validatingwebhookconfigurations', { metadata: { name: 'c' }, webhooks: [hook] })
    const post = () => Promise.reject(new Error('nobody there'))
    return run([validatingWebhooks(hostOf(objects), post)], deployment())
  }
  await ask(3, 'Fail')
  await expect(ask(4, 'Fail')).rejects.toMatchObject({
    code: 403,
    message: `deployments.apps "web" is forbidden: ${OUT}`,
  })
  await ask(4, 'Ignore')
})
