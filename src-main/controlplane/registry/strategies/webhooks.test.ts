import { describe, expect, test } from 'vitest'
import { refusal as refusalOf } from '../testing/refusals.ts'

const API_VERSION = 'admissionregistration.k8s.io/v1'
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const hook = (more: object = {}) => ({
  name: 'a.b.c',
  clientConfig: { url: 'https://hook' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  rules: [rule],
  ...more,
})

const refusal = (webhooks: object[], kind = 'ValidatingWebhookConfiguration') =>
  refusalOf(API_VERSION, kind, { webhooks })

describe('a webhook', () => {
  test.each<[object, string]>([
    [{}, ''],
    [{ clientConfig: { service: { name: 's', namespace: 'n', path: '/p' } } }, ''],
    [{ name: '' }, 'webhooks[0].name: Required value'],
    [
      { name: 'a' },
      'webhooks[0].name: Invalid value: "a": should be a domain with at least three segments separated by dots',
    ],
    [{ clientConfig: {} }, 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    [
      { clientConfig: { url: 'http://u:p@h/?q=1#f' } },
      `[${[
        `"http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
        '"u:p": user information is not permitted in the URL',
        '"f": fragments are not permitted in the URL',
        '"q=1": query parameters are not permitted in the URL',
      ]
        .map((words) => `webhooks[0].clientConfig.url: Invalid value: ${words}`)
        .join(', ')}]`,
    ],
    [{ clientConfig: { url: 'x' } }, 'webhooks[0].clientConfig.url: Invalid value: "": host must be provided'],
    [
      { clientConfig: { url: 'https://a b/' } },
      'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://a b/": ',
    ],
    [{ clientConfig: { url: 'https://host:8443/a/b' } }, ''],
    [
      { clientConfig: { service: { name: '', namespace: '', path: 'p', port: 0 } } },
      'webhooks[0].clientConfig.service.name: Required value: service name is required',
    ],
    [{ sideEffects: undefined }, 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    [
      { sideEffects: 'Some' },
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      { timeoutSeconds: 31 },
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
    ],
    [{ failurePolicy: 'x' }, 'webhooks[0].failurePolicy: Unsupported value: "x": supported values: "Fail", "Ignore"'],
    [{ matchPolicy: 'x' }, 'supported values: "Equivalent", "Exact"'],
    [
      { admissionReviewVersions: [] },
      'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
    [
      { admissionReviewVersions: ['v1', 'Old'] },
      'webhooks[0].admissionReviewVersions[1]: Invalid value: "Old": a DNS-1035 label must consist of',
    ],
    [{ admissionReviewVersions: ['v2', 'v2'] }, 'must include at least one of v1, v1beta1'],
    [{ rules: [{}] }, 'webhooks[0].rules[0].operations: Required value'],
    [{ rules: [{ ...rule, apiGroups: ['*', ''] }] }, "if '*' is present, must not specify other API groups"],
    [{ rules: [{ ...rule, operations: ['*', 'CREATE'] }] }, "if '*' is present, must not specify other operations"],
    [
      { rules: [{ ...rule, operations: ['LIST'], resources: [''], scope: 'Odd' }] },
      'webhooks[0].rules[0].scope: Unsupported value: "Odd"',
    ],
    [{ objectSelector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } }, 'not a valid selector operator'],
  ])('%j', async (more, words) => {
    const said = await refusal([hook(more)])
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })

  test('has a name of its own, and when it mutates a policy of being asked again', async () => {
    expect(await refusal([hook(), hook()])).toBe('webhooks[1].name: Duplicate value: "a.b.c"')
    expect(await refusal([hook({ reinvocationPolicy: 'Odd' })], 'MutatingWebhookConfiguration')).toContain(
      'supported values: "IfNeeded", "Never"',
    )
  })
})
