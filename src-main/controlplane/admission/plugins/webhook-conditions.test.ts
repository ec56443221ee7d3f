import { expect, test } from 'vitest'
import { attributes, FakeObjects, hostOf, run } from '../testing/arrange.ts'
import { deploymentRule, GROUP } from '../testing/policies.ts'
import { validatingWebhooks } from './webhooks.ts'

test('Conditions of a webhook decide whether it is asked', async () => {
  const objects = new FakeObjects()
  const asked: string[] = []
  const hook = (expression: string, failurePolicy = 'Fail') => ({
    name: 'a.b.c',
    clientConfig: { url: 'https://h' },
    rules: [deploymentRule],
    failurePolicy,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    matchConditions: [{ name: 'n', expression }],
  })
  const plugins = [
    validatingWebhooks(hostOf(objects), (_to, body) => {
      const { request } = JSON.parse(body) as { request: { uid: string; name: string } }
      asked.push(request.name)
      const response = { uid: request.uid, allowed: true }
      return Promise.resolve(JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response }))
    }),
  ]
  const configure = (...args: Parameters<typeof hook>) =>
    objects.put(GROUP, 'validatingwebhookconfigurations', { metadata: { name: 'c' }, webhooks: [hook(...args)] })
  const create = (name: string) =>
    run(
      plugins,
      attributes('apps', 'Deployment', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace: 'shop' },
      }),
    )
  configure('object.metadata.name != "skip-me"')
  await create('skip-me')
  await create('web')
  expect(asked).toEqual(['web'])
  configure('object.nope')
  await expect(create('web')).rejects.toMatchObject({ code: 403 })
  configure('object.nope', 'Ignore')
  await create('web')
  expect(asked).toEqual(['web'])
})
