import { describe, expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'
import { change, hard, refusal, template } from '../testing/refusals.ts'

const backend = { service: { name: 's', port: { number: 80 } } }
const path = (more: object) => ({
  spec: { rules: [{ http: { paths: [{ pathType: 'Prefix', path: '/', backend, ...more }] } }] },
})
const AT0 = 'spec.rules[0].http.paths[0]'

test('a Service may begin with a digit, and is a label', async () => {
  const made = (name: string) => refusal('v1', 'Service', { metadata: { name }, spec: { ports: [{ port: 80 }] } })
  expect(await made('1a')).toBe('')
  expect(await made('a.b')).toContain('metadata.name: Invalid value: "a.b": must not contain dots')
})

describe('an Ingress', () => {
  test.each<[object, string]>([
    [path({}), ''],
    [path({ backend: { service: { name: '1a', port: { name: 'http' } } } }), ''],
    [{ spec: {} }, 'spec: Invalid value: []: either `defaultBackend` or `rules` must be specified'],
    [
      { spec: { rules: [{ host: '10.0.0.1' }] } },
      'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ],
    [{ spec: { rules: [{ host: '*.ok.org' }] } }, ''],
    [{ spec: { rules: [{ host: 'a.*.org' }] } }, 'a wildcard DNS-1123 subdomain must start with'],
    [{ spec: { rules: [{ http: { paths: [] } }] } }, 'spec.rules[0].http.paths: Required value'],
    [
      { spec: { defaultBackend: backend, tls: [{ hosts: ['A'], secretName: 'b' }] } },
      'spec.tls[0].hosts[0]: Invalid value: "A"',
    ],
    [{ spec: { defaultBackend: backend, tls: [{ secretName: '_' }] } }, 'spec.tls[0].secretName: Invalid value: "_"'],
    [{ spec: { defaultBackend: backend, ingressClassName: '_' } }, 'spec.ingressClassName: Invalid value: "_"'],
    [
      {
        metadata: { name: 'x', annotations: { 'kubernetes.io/ingress.class': 'a' } },
        spec: { defaultBackend: backend, ingressClassName: 'a' },
      },
      'can not be set when the class field is also set',
    ],
    [path({ pathType: undefined }), `${AT0}.pathType: Required value: pathType must be specified`],
    [path({ pathType: 'Other' }), 'supported values: "Exact", "ImplementationSpecific", "Prefix"'],
    [path({ path: 'a' }), `${AT0}.path: Invalid value: "a": must be an absolute path`],
    [path({ path: '/a//b' }), "must not contain '//'"],
    [path({ path: '/a/..' }), "cannot end with '/..'"],
    [path({ path: 'a', pathType: 'ImplementationSpecific' }), 'must be an absolute path'],
    [path({ path: undefined, pathType: 'ImplementationSpecific' }), ''],
    [path({ backend: {} }), `${AT0}.backend: Invalid value: "": resource or service backend is required`],
    [
      path({ backend: { ...backend, resource: { kind: 'K', name: 'n' } } }),
      'cannot set both resource and service backends',
    ],
    [
      path({ backend: { resource: { kind: '', name: '' } } }),
      'backend.resource.kind: Required value: kind is required',
    ],
    [
      path({ backend: { service: { name: '-a', port: { name: 'http' } } } }),
      `${AT0}.backend.service.name: Invalid value: "-a"`,
    ],
    [
      path({ backend: { service: { name: '', port: {} } } }),
      'backend: Required value: port name or number is required',
    ],
    [
      path({ backend: { service: { name: 's', port: { name: 'a', number: 1 } } } }),
      'cannot set both port name & port number',
    ],
    [path({ backend: { service: { name: 's', port: { number: 70_000 } } } }), 'must be between 1 and 65535, inclusive'],
    [path({ backend: { service: { name: 's', port: { name: '-' } } } }), 'must not begin or end with a hyphen'],
  ])('%j', async (body, words) => {
    const said = await refusal('networking.k8s.io/v1', 'Ingress', body)
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })
})

test.each<[string, object, string]>([
  [
    'IngressClass',
    { spec: { controller: 'acme' } },
    'spec.controller: Invalid value: "acme": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [
    'IngressClass',
    { spec: { controller: 'a.io/b', parameters: { kind: 'K', name: 'n', scope: 'Namespace' } } },
    "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
  ],
  [
    'IngressClass',
    { spec: { controller: 'a.io/b', parameters: { kind: 'K', name: 'n', namespace: 'n' } } },
    "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
  ],
  [
    'IngressClass',
    { spec: { controller: `a.io/${'b'.repeat(250)}`, parameters: { kind: '', name: 'n' } } },
    'Too long: may not be more than 250 bytes',
  ],
])('%s %j is refused', async (kind, body, words) => {
  expect(await refusal('networking.k8s.io/v1', kind, body)).toContain(words)
})

const limit = (item: object) => ({ spec: { limits: [item] } })

test.each<[string, object, string]>([
  ['ResourceQuota', hard({ pods: '5', 'requests.cpu': '1', 'count/jobs.batch': '2', 'example.com/x': '1' }), ''],
  [
    'ResourceQuota',
    hard({ teapots: '5' }),
    'spec.hard[teapots]: Invalid value: "teapots": must be a standard resource for quota',
  ],
  ['ResourceQuota', hard({ pods: '-1' }), 'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
  ['ResourceQuota', hard({ pods: '500m' }), 'spec.hard[pods]: Invalid value: "500m": must be an integer'],
  [
    'ResourceQuota',
    hard({ pods: '1' }, { scopes: ['BestEffort', 'NotBestEffort'] }),
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
  ],
  ['ResourceQuota', hard({ cpu: '1' }, { scopes: ['BestEffort'] }), 'unsupported scope applied to resource'],
  ['ResourceQuota', hard({ services: '1' }, { scopes: ['Terminating'] }), 'unsupported scope applied to resource'],
  [
    'ResourceQuota',
    hard(
      { services: '1' },
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } },
    ),
    'unsupported scope applied to resource',
  ],
  [
    'ResourceQuota',
    hard(
      { pods: '1' },
      { scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'Exists' }] } },
    ),
    'unsupported scope applied to resource',
  ],
  [
    'ResourceQuota',
    hard({ pods: '1' }, { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } }),
    'must be at least one value',
  ],
  [
    'ResourceQuota',
    hard(
      { pods: '1' },
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }] } },
    ),
    'must be no value when',
  ],
  [
    'ResourceQuota',
    hard(
      { pods: '1' },
      { scopeSelector: { matchExpressions: [{ scopeName: 'Terminating', operator: 'In', values: ['a'] }] } },
    ),
    "must be 'Exist' when scope is any of",
  ],
  ['LimitRange', limit({ type: 'Container', min: { cpu: '1' }, max: { cpu: '2' } }), ''],
  [
    'LimitRange',
    limit({ type: 'Teapot' }),
    'spec.limits[0].type: Invalid value: "Teapot": must be a standard limit type or fully qualified',
  ],
  [
    'LimitRange',
    { spec: { limits: [{ type: 'Pod' }, { type: 'Pod' }] } },
    'spec.limits[1].type: Duplicate value: "Pod"',
  ],
  [
    'LimitRange',
    limit({ type: 'Pod', default: { cpu: '1' } }),
    "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
  ],
  [
    'LimitRange',
    limit({ type: 'PersistentVolumeClaim' }),
    'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
  ],
  [
    'LimitRange',
    limit({ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }),
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
  ],
  [
    'LimitRange',
    limit({ type: 'Container', default: { cpu: '3' }, max: { cpu: '1' } }),
    'spec.limits[0].default[cpu]: Invalid value: "3": default value 3 is greater than max value 1',
  ],
  [
    'LimitRange',
    limit({ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '2' } }),
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1',
  ],
  [
    'LimitRange',
    limit({ type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } }),
    'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
  ],
  [
    'LimitRange',
    limit({ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }),
    'ratio 3 is greater than max/min = 2.000000',
  ],
  ['Endpoints', { subsets: [{}] }, 'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  [
    'Endpoints',
    { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] },
    'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    'Endpoints',
    { subsets: [{ notReadyAddresses: [{ ip: 'x', hostname: '_' }] }] },
    'subsets[0].notReadyAddresses[0].ip: Invalid value: "x": must be a valid IP address',
  ],
  [
    'Endpoints',
    { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 1 }, { name: 'b', port: 2 }] }] },
    'subsets[0].ports[0].name: Required value',
  ],
  ['ReplicationController', { spec: { selector: { a: 'b' } } }, 'spec.template: Required value'],
  [
    'Namespace',
    { metadata: { name: 'x' }, spec: { finalizers: ['nope'] } },
    'spec.finalizers: Invalid value: "nope": name is neither a standard finalizer name nor is it fully qualified',
  ],
  [
    'Node',
    {
      spec: {
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoSchedule' },
        ],
      },
    },
    'metadata.taints[1]: Duplicate value: {"key":"a","value":"","effect":"NoSchedule"}: taints must be unique by key and effect pair',
  ],
  [
    'Node',
    { spec: { taints: [{ key: '_', value: '/', effect: 'Never' }] } },
    'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
])('%s %j: %s', async (kind, body, words) => {
  const said = await refusal('v1', kind, body)
  if (words === '') expect(said).toBe('')
  else expect(said).toContain(words)
})

test('A lease is given up by a holder with no name', async () => {
  const { registry, write } = await arrange()
  const target = at('coordination.k8s.io/v1', 'Lease', 'd')
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'lock' } }
  const held = { ...lease, spec: { holderIdentity: 'a', leaseDurationSeconds: 15 } }
  const { object: before } = await registry.create(target, held, write)
  const given = { ...before, spec: { holderIdentity: '', leaseDurationSeconds: 1 } }
  const { object } = await registry.update({ ...target, name: 'lock' }, given, write)
  expect(object['spec']).toEqual({ holderIdentity: '', leaseDurationSeconds: 1 })
})

test('A replication controller makes pods that it finds again', async () => {
  const words = await refusal('v1', 'ReplicationController', {
    spec: {
      replicas: -1,
      selector: { a: 'b' },
      template: template({ a: 'c' }, { restartPolicy: 'Never', activeDeadlineSeconds: 5 }),
    },
  })
  for (const part of [
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    '`selector` does not match template `labels`',
    'Unsupported value: "Never": supported values: "Always"',
    'activeDeadlineSeconds in ReplicationController is not Supported',
  ])
    expect(words).toContain(part)
  expect(await refusal('v1', 'ReplicationController', { spec: { template: template({}) } })).toContain(
    'spec.selector: Required value',
  )
})

test.each<[string, string, object, string]>([
  ['storage.k8s.io/v1', 'StorageClass', {}, 'provisioner: Required value'],
  [
    'storage.k8s.io/v1',
    'StorageClass',
    { provisioner: 'a b', reclaimPolicy: 'Recycle', volumeBindingMode: 'Later' },
    'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
  ],
  ['storage.k8s.io/v1', 'VolumeAttributesClass', {}, 'driverName: Required value'],
  [
    'node.k8s.io/v1',
    'RuntimeClass',
    { handler: 'A' },
    'handler: Invalid value: "A": a lowercase RFC 1123 label must consist of',
  ],
  ['node.k8s.io/v1', 'RuntimeClass', {}, 'handler: Invalid value: ""'],
  [
    'coordination.k8s.io/v1',
    'Lease',
    { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { addressType: 'IPv4', endpoints: [{ addresses: ['127.0.0.1'], hostname: '_' }] },
    'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range',
  ],
  [
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { addressType: 'IPv4', endpoints: Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] })) },
    'endpoints: Too many: 1001: must have at most 1000 items',
  ],
])('%s %s %j is refused', async (apiVersion, kind, body, words) => {
  expect(await refusal(apiVersion, kind, body)).toContain(words)
})

test.each<[string, string, object, object, string]>([
  [
    'storage.k8s.io/v1',
    'StorageClass',
    { provisioner: 'a' },
    { provisioner: 'b' },
    'provisioner: Forbidden: updates to provisioner are forbidden.',
  ],
  [
    'storage.k8s.io/v1',
    'StorageClass',
    { provisioner: 'a' },
    { provisioner: 'a', volumeBindingMode: 'WaitForFirstConsumer' },
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ],
  [
    'storage.k8s.io/v1',
    'VolumeAttributesClass',
    { driverName: 'a' },
    { driverName: 'a', parameters: { b: 'c' } },
    'parameters: Forbidden: updates to parameters are forbidden.',
  ],
  [
    'node.k8s.io/v1',
    'RuntimeClass',
    { handler: 'a' },
    { handler: 'b' },
    'handler: Invalid value: "b": field is immutable',
  ],
  [
    'networking.k8s.io/v1',
    'IngressClass',
    { spec: { controller: 'a.b/c' } },
    { spec: { controller: 'a.b/d' } },
    'spec.controller: Invalid value: "a.b/d": field is immutable',
  ],
  [
    'v1',
    'ResourceQuota',
    hard({ pods: '1' }, { scopes: ['BestEffort'] }),
    hard({ pods: '1' }),
    'spec.scopes: Invalid value: []: field is immutable',
  ],
])('%s %s: a change is refused: %s', async (apiVersion, kind, from, to, words) => {
  expect(await change(apiVersion, kind, from, to)).toBe(words)
})
