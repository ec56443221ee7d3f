import { describe, expect, test } from 'vitest'
import { formatMetrics } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { attributes, FakeObjects, hostOf, run } from '../testing/arrange.ts'
import type { PostReview } from '../webhooks/dispatch.ts'
import { WebhookMetrics } from '../webhooks/metrics.ts'
import { mutatingWebhooks, validatingWebhooks } from './webhooks.ts'

interface Review {
  apiVersion: string
  request: { uid: string; name: string; operation: string; object: Record<string, unknown>; [field: string]: unknown }
}
type Respond = (review: Review, url: string) => object

const GROUP = 'admissionregistration.k8s.io'
const rule = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }
const hook = (more: object = {}) => ({
  name: 'a.b.c',
  clientConfig: { url: 'https://hook' },
  rules: [rule],
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  sideEffects: 'None',
  timeoutSeconds: 10,
  admissionReviewVersions: ['v1'],
  namespaceSelector: {},
  objectSelector: {},
  ...more,
})
const map = (more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm', namespace: 'shop' },
  ...more,
})
const jsonPatch = (operations: object[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
})

function arrange(hooks: object[], respond: Respond, kind: 'validating' | 'mutating' = 'validating') {
  const objects = new FakeObjects()
  const resource = `${kind}webhookconfigurations`
  objects.put(GROUP, resource, { metadata: { name: 'c' }, webhooks: hooks })
  const reviews: Review[] = []
  const post: PostReview = (to, body) => {
    const review = JSON.parse(body) as Review
    reviews.push(review)
    const response = { uid: review.request.uid, ...respond(review, to.url ?? '') }
    return Promise.resolve(JSON.stringify({ kind: 'AdmissionReview', apiVersion: review.apiVersion, response }))
  }
  const metrics = new WebhookMetrics()
  const make = kind === 'validating' ? validatingWebhooks : mutatingWebhooks
  const plugins = [make(hostOf(objects), post, metrics)]
  return {
    objects,
    reviews,
    plugins,
    counted: () => formatMetrics(metrics.metrics()),
    ask: (asked = attributes('', 'ConfigMap', map())) => run(plugins, asked),
  }
}

describe('what webhooks did is counted', () => {
  const BASE = 'apiserver_admission_webhook'
  const about = (type: string) => `name="a.b.c",type="${type}",operation="CREATE"`

  test('that let pass', async () => {
    const { ask, counted } = arrange([hook()], () => ({ allowed: true }), 'mutating')
    await ask()
    expect(counted()).toContain(`${BASE}_admission_duration_seconds_count{${about('admit')},rejected="false"} 1\n`)
    expect(counted()).not.toContain('_count{name="a.b.c",type="admit"}')
    expect(counted()).not.toContain('rejection_count')
  })

  test('that refuse, with the code they gave', async () => {
    const { ask, counted } = arrange([hook()], () => ({ allowed: false, status: { code: 999 } }))
    await expect(ask()).rejects.toThrow('denied the request')
    const of = about('validating')
    expect(counted()).toContain(`${BASE}_admission_duration_seconds_bucket{${of},rejected="true",le="25"} 1\n`)
    expect(counted()).toContain(`${BASE}_rejection_count{${of},error_type="no_error",rejection_code="600"} 1\n`)
  })

  test.each([
    [
      'Fail',
      `${BASE}_rejection_count{${about('validating')},error_type="calling_webhook_error",rejection_code="500"} 1\n`,
    ],
    ['Ignore', `${BASE}_fail_open_count{name="a.b.c",type="validating"} 1\n`],
  ])('that cannot be asked, whose policy is %s', async (failurePolicy, line) => {
    const { ask, counted } = arrange([hook({ failurePolicy })], () => {
      throw new Error('gone')
    })
    await Promise.allSettled([ask()])
    expect(counted()).toContain(line)
  })

  test('that a dry run may not reach', async () => {
    const { ask, counted } = arrange([hook({ sideEffects: 'Some' })], () => ({ allowed: true }))
    await expect(ask(attributes('', 'ConfigMap', map(), { dryRun: true }))).rejects.toMatchObject({ code: 400 })
    expect(counted()).toContain('error_type="apiserver_internal_error",rejection_code="0"} 1\n')
  })
})

describe('a validating webhook', () => {
  test('tells the audit what it answers for it, under its own name', async () => {
    const { ask } = arrange([hook()], () => ({ allowed: true, auditAnnotations: { key: 'value' } }))
    const told: string[][] = []
    await ask(attributes('', 'ConfigMap', map(), { annotate: (...said) => void told.push(said) }))
    expect(told).toEqual([[`${(hook() as { name: string }).name}/key`, 'value']])
  })

  test('is asked about what its rules match, and told all of it', async () => {
    const { ask, reviews, plugins } = arrange([hook()], () => ({ allowed: true, warnings: ['careful'] }))
    const asked = attributes('', 'ConfigMap', map({ data: { x: '1' } }))
    await ask(asked)
    expect(asked.warnings).toEqual(['careful'])
    expect(reviews[0]).toMatchObject({
      apiVersion: 'admission.k8s.io/v1',
      request: {
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        name: 'm',
        namespace: 'shop',
        operation: 'CREATE',
        userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
        object: { data: { x: '1' } },
        oldObject: null,
        dryRun: false,
        options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      },
    })
    await run(plugins, attributes('', 'Secret', map({ kind: 'Secret' })))
    expect(reviews).toHaveLength(1)
  })

  test.each<[object, number, string]>([
    [{ allowed: false }, 400, 'admission webhook "a.b.c" denied the request without explanation'],
    [
      { allowed: false, status: { message: 'no', code: 418, reason: 'Teapot' } },
      418,
      'admission webhook "a.b.c" denied the request: no',
    ],
    [{ allowed: false, status: { reason: 'Because' } }, 400, 'admission webhook "a.b.c" denied the request: Because'],
    [{ allowed: true, uid: 'x' }, 500, 'expected response.uid='],
    [{ allowed: true, patch: 'e30=' }, 500, 'webhook returned response.patch but not response.patchType'],
    [{ allowed: true, patch: 'e30=', patchType: 'Other' }, 500, 'invalid response.patchType of "Other"'],
  ])('that answers %j', async (response, code, words) => {
    const { ask } = arrange([hook()], () => response)
    await expect(ask()).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  })

  test('that cannot be asked holds up or lets pass, as it says', async () => {
    const broken: Respond = () => {
      throw new Error('failed to call webhook: Post "https://hook": gone')
    }
    await expect(arrange([hook()], broken).ask()).rejects.toMatchObject({
      code: 500,
      message:
        'Internal error occurred: failed calling webhook "a.b.c": failed to call webhook: Post "https://hook": gone',
    })
    await arrange([hook({ failurePolicy: 'Ignore' })], broken).ask()
    await expect(arrange([hook({ admissionReviewVersions: ['v2'] })], broken).ask()).rejects.toMatchObject({
      code: 500,
    })
  })

  test('whose condition cannot be evaluated forbids or lets pass, as it says, and is not asked', async () => {
    const matchConditions = [{ name: 'n', expression: 'object.foo.bar == 1' }]
    const { ask, reviews } = arrange([hook({ matchConditions })], () => ({ allowed: true }))
    await expect(ask()).rejects.toMatchObject({
      code: 403,
      message: 'configmaps "m" is forbidden: expression \'object.foo.bar == 1\' resulted in error: no such key: foo',
    })
    await arrange([hook({ matchConditions, failurePolicy: 'Ignore' })], () => ({ allowed: false })).ask()
    expect(reviews).toEqual([])
  })

  test('is asked on a dry run only when that has no effects', async () => {
    const dry = () => attributes('', 'ConfigMap', map(), { dryRun: true })
    const { ask } = arrange([hook({ sideEffects: 'Some' })], () => ({ allowed: true }))
    await expect(ask(dry())).rejects.toMatchObject({
      code: 400,
      message: 'admission webhook "a.b.c" does not support dry run',
    })
    await arrange([hook({ sideEffects: 'NoneOnDryRun' })], () => ({ allowed: true })).ask(dry())
  })

  test('is chosen by labels of the object and of its namespace', async () => {
    const selector = { matchLabels: { watched: 'yes' } }
    const byObject = arrange([hook({ objectSelector: selector })], () => ({ allowed: false }))
    await byObject.ask()
    const labelled = map({ metadata: { name: 'm', namespace: 'shop', labels: { watched: 'yes' } } })
    await expect(byObject.ask(attributes('', 'ConfigMap', labelled))).rejects.toMatchObject({ code: 400 })
    const byNamespace = arrange([hook({ namespaceSelector: selector })], () => ({ allowed: false }))
    await byNamespace.ask()
    byNamespace.objects.put('', 'namespaces', { metadata: { name: 'shop', labels: { watched: 'yes' } } })
    await expect(byNamespace.ask()).rejects.toMatchObject({ code: 400 })
  })

  test.each<[object, string, string, string, boolean]>([
    [{ resources: ['*'] }, 'ConfigMap', '', 'CREATE', true],
    [{ resources: ['*'] }, 'Pod', 'status', 'UPDATE', false],
    [{ resources: ['*/status'] }, 'Pod', 'status', 'UPDATE', true],
    [{ resources: ['pods/*'] }, 'Pod', 'exec', 'CONNECT', true],
    [{ resources: ['*/*'] }, 'Pod', '', 'UPDATE', true],
    [{ operations: ['DELETE'] }, 'ConfigMap', '', 'CREATE', false],
    [{ apiVersions: ['v2'] }, 'ConfigMap', '', 'CREATE', false],
    [{ apiGroups: ['*'], scope: 'Cluster' }, 'ConfigMap', '', 'CREATE', false],
    [{ apiGroups: ['*'], scope: 'Namespaced' }, 'ConfigMap', '', 'CREATE', true],
  ])('with the rule %j is asked about a %s/%s %s: %s', async (more, kind, subresource, operation, called) => {
    const { ask, reviews } = arrange([hook({ rules: [{ ...rule, ...more }] })], () => ({ allowed: true }))
    await ask(attributes('', kind, map({ kind }), { subresource, operation: operation as 'CREATE' }))
    expect(reviews).toHaveLength(called ? 1 : 0)
  })

  test('sees an object in the version that it knows, unless it wants the very request', async () => {
    const old = { ...rule, apiGroups: ['extensions'], apiVersions: ['v1beta1'], resources: ['deployments'] }
    const { plugins, reviews } = arrange([hook({ rules: [old] })], () => ({ allowed: true }))
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', namespace: 'shop' },
      spec: {},
    }
    await run(plugins, attributes('apps', 'Deployment', deployment))
    expect(reviews[0]?.request).toMatchObject({
      kind: { group: 'extensions', version: 'v1beta1' },
      requestKind: { group: 'apps', version: 'v1' },
      object: { apiVersion: 'extensions/v1beta1' },
    })
    const exact = arrange([hook({ rules: [old], matchPolicy: 'Exact' })], () => ({ allowed: true }))
    await run(exact.plugins, attributes('apps', 'Deployment', deployment))
    expect(exact.reviews).toEqual([])
  })

  test('has no say over the configuration of webhooks', async () => {
    const all = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }
    const { plugins, reviews } = arrange([hook({ rules: [all] })], () => ({ allowed: false }))
    await run(plugins, attributes(GROUP, 'ValidatingWebhookConfiguration', { metadata: { name: 'x' } }))
    expect(reviews).toEqual([])
  })

  test('is forgotten with its configuration', async () => {
    const { ask, objects } = arrange([hook()], () => ({ allowed: false }))
    await expect(ask()).rejects.toMatchObject({ code: 400 })
    objects.remove(GROUP, 'validatingwebhookconfigurations', '', 'c')
    await ask()
  })
})

describe('a mutating webhook', () => {
  const add = (path: string, value: unknown) => ({ op: 'add', path, value })

  test('changes the object, which is defaulted anew', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'shop' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }
    const sidecar = add('/spec/containers/-', { name: 'side', image: 'j' })
    const { plugins } = arrange(
      [hook({ rules: [{ ...rule, resources: ['pods'] }] })],
      () => jsonPatch([sidecar]),
      'mutating',
    )
    const asked = attributes('', 'Pod', pod)
    await run(plugins, asked)
    expect(asked.object).toMatchObject({
      spec: { containers: [{ name: 'c' }, { name: 'side', imagePullPolicy: 'Always' }], restartPolicy: 'Always' },
    })
  })

  test('sees what the one before it made, and looks again when it wants to', async () => {
    const first = hook({ name: 'first.b.c', clientConfig: { url: 'first' }, reinvocationPolicy: 'IfNeeded' })
    const second = hook({ name: 'second.b.c', clientConfig: { url: 'second' }, reinvocationPolicy: 'Never' })
    const { ask, reviews } = arrange(
      [first, second],
      ({ request }, url) =>
        jsonPatch([add('/data', { ...(request.object['data'] as object), [url]: String(reviews.length) })]),
      'mutating',
    )
    const asked = attributes('', 'ConfigMap', map())
    await ask(asked)
    expect(asked.object?.['data']).toEqual({ first: '3', second: '2' })
  })

  test.each([
    [[{ op: 'replace', path: '/kind', value: 'Secret' }], 'v1, Kind=Secret'],
    [[{ op: 'replace', path: '/apiVersion', value: 'v2' }], 'v2, Kind=ConfigMap'],
  ])('that makes the object one of another type holds up: %j', async (operations, type) => {
    const { ask } = arrange([hook({ failurePolicy: 'Ignore' })], () => jsonPatch(operations), 'mutating')
    const message = expect.stringContaining(`made an object of v1, Kind=ConfigMap one of ${type}`)
    await expect(ask()).rejects.toMatchObject({ code: 500, message })
  })

  test('that patches what is not there holds up, whatever it says: it has been asked', async () => {
    for (const failurePolicy of ['Fail', 'Ignore']) {
      const respond = () => jsonPatch([{ op: 'remove', path: '/nope' }])
      const { ask } = arrange([hook({ failurePolicy })], respond, 'mutating')
      await expect(ask()).rejects.toMatchObject({
        code: 500,
        reason: 'InternalError',
        message: expect.stringMatching(/^Internal error occurred: .*nope/),
      })
    }
  })

  test('that refuses refuses', async () => {
    await expect(arrange([hook()], () => ({ allowed: false }), 'mutating').ask()).rejects.toMatchObject({ code: 400 })
  })

  test('of an old object has nothing to change', async () => {
    const { ask, reviews } = arrange([hook()], () => jsonPatch([add('/a', 1)]), 'mutating')
    await ask(attributes('', 'ConfigMap', undefined, { operation: 'DELETE', oldObject: partial(map()) }))
    expect(reviews).toHaveLength(1)
  })
})
