import { describe, expect, it } from 'vitest'
import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { descriptorsOf } from '../../../../src-kube/kinds/custom/descriptors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { mutatingPolicy, validatingPolicy } from '../plugins/policies.ts'
import { mutatingWebhooks, validatingWebhooks } from '../plugins/webhooks.ts'
import { FakeObjects, may, run } from '../testing/arrange.ts'
import type { ConvertObject } from './seen.ts'

const GROUP = 'admissionregistration.k8s.io'
const text = {
  type: 'object',
  properties: { host: { type: 'string' }, port: { type: 'string' }, url: { type: 'string' } },
}
const version = (name: string, storage: boolean) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: text } } },
})

/** `tools.example.com`: `v1` has a host and a port, `v2` has both in one text, and only a webhook knows. */
const [v1] = descriptorsOf(
  partial<CustomResourceDefinition>({
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'tools', kind: 'Tool' },
      versions: [version('v1', true), version('v2', false)],
      conversion: { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] } },
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  }),
)

const convert: ConvertObject = (_descriptor, object, { version: to }) => {
  const { host = '', port = '', url = '' } = object['spec'] as Record<string, string>
  const [first, second] = url.split(':')
  const spec = to === 'v2' ? { url: `${host}:${port}` } : { host: first, port: second }
  return Promise.resolve({ ...object, apiVersion: `example.com/${to}`, spec } as KubeObject)
}

const rule = { operations: ['*'], apiGroups: ['example.com'], apiVersions: ['v2'], resources: ['tools'] }
const hook = {
  name: 'a.b.c',
  clientConfig: { url: 'https://h' },
  rules: [rule],
  failurePolicy: 'Fail',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  matchPolicy: 'Equivalent',
  matchConditions: [{ name: 'n', expression: "object.spec.url.startsWith('h:')" }],
}
const patch = [{ op: 'replace', path: '/spec/url', value: 'other:2' }]

function arrange() {
  const objects = new FakeObjects()
  const seen: unknown[] = []
  const post = (_to: unknown, body: string): Promise<string> => {
    const { request } = JSON.parse(body) as { request: { uid: string; object: KubeObject; requestKind: object } }
    seen.push([request.object.apiVersion, request.object['spec'], request.requestKind])
    const change = { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
    const response = { uid: request.uid, allowed: true, ...change }
    return Promise.resolve(JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response }))
  }
  const host = { read: objects, may, convert }
  const object = { apiVersion: 'example.com/v1', kind: 'Tool', metadata: { name: 't', namespace: 'd' } }
  const asked = {
    operation: 'CREATE' as const,
    descriptor: v1!,
    subresource: '',
    namespace: 'd',
    name: 't',
    object: partial<KubeObject>({ ...object, spec: { host: 'h', port: '1' } }),
    oldObject: undefined,
    user: { name: 'admin', groups: [] },
    dryRun: false,
    warn: () => undefined,
  }
  return { objects, seen, post, host, asked }
}

describe('a kind whose versions a webhook makes', () => {
  it('is shown to webhooks in the version they want, and what they change is taken back', async () => {
    const { objects, seen, post, host, asked } = arrange()
    objects.put(GROUP, 'mutatingwebhookconfigurations', { metadata: { name: 'c' }, webhooks: [hook] })
    await run([mutatingWebhooks(host, post)], asked)
    const kind = { group: 'example.com', version: 'v1', kind: 'Tool' }
    expect(seen).toEqual([['example.com/v2', { url: 'h:1' }, kind]])
    expect(asked.object).toMatchObject({ apiVersion: 'example.com/v1', spec: { host: 'other', port: '2' } })
  })

  it('is shown to those that only judge', async () => {
    const { objects, seen, post, host, asked } = arrange()
    objects.put(GROUP, 'validatingwebhookconfigurations', { metadata: { name: 'c' }, webhooks: [hook] })
    await run([validatingWebhooks(host, post)], asked)
    expect(seen).toMatchObject([['example.com/v2', { url: 'h:1' }, { version: 'v1' }]])
    const exact = { ...hook, matchPolicy: 'Exact' }
    objects.put(GROUP, 'validatingwebhookconfigurations', { metadata: { name: 'c' }, webhooks: [exact] })
    await run([validatingWebhooks(host, post)], asked)
    expect(seen).toHaveLength(1)
  })

  const matchConstraints = { resourceRules: [rule], matchPolicy: 'Equivalent' }
  it('is what expressions of policies speak of', async () => {
    const { objects, host, asked } = arrange()
    const validations = [{ expression: "object.spec.url == 'h:2'" }]
    const spec = { matchConstraints, validations, failurePolicy: 'Fail' }
    objects.put(GROUP, 'validatingadmissionpolicies', { metadata: { name: 'p' }, spec })
    const binding = { policyName: 'p', validationActions: ['Deny'] }
    objects.put(GROUP, 'validatingadmissionpolicybindings', { metadata: { name: 'b' }, spec: binding })
    await expect(run([validatingPolicy(host)], asked)).rejects.toThrow("failed expression: object.spec.url == 'h:2'")
  })

  it('is changed by policies as they see it', async () => {
    const { objects, host, asked } = arrange()
    const expression = "[JSONPatch{op: 'replace', path: '/spec/url', value: object.spec.url + '1'}]"
    const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression } }]
    const spec = { matchConstraints, mutations, failurePolicy: 'Fail' }
    objects.put(GROUP, 'mutatingadmissionpolicies', { metadata: { name: 'p' }, spec })
    objects.put(GROUP, 'mutatingadmissionpolicybindings', { metadata: { name: 'b' }, spec: { policyName: 'p' } })
    await run([mutatingPolicy(host)], asked)
    expect(asked.object).toMatchObject({ apiVersion: 'example.com/v1', spec: { host: 'h', port: '11' } })
  })
})
