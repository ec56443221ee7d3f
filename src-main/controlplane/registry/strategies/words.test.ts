import { describe, expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'

/** What the server says of an object that is wrong, without the head of the message. */
async function refusal(apiVersion: string, kind: string, body: object): Promise<string> {
  const { registry, write } = await arrange()
  const target = at(apiVersion, kind, 'd')
  if (target.descriptor.scope === 'Cluster') target.namespace = ''
  try {
    await registry.create(target, { apiVersion, kind, metadata: { name: 'x' }, ...body }, write)
    return ''
  } catch (error) {
    return (error as Error).message.replace(/^.*? is invalid: /, '')
  }
}

/** What it says of a change from one object to another. */
async function change(apiVersion: string, kind: string, from: object, to: object): Promise<string> {
  const { registry, write } = await arrange()
  const target = at(apiVersion, kind, 'd', 'x')
  if (target.descriptor.scope === 'Cluster') target.namespace = ''
  await registry.create({ ...target, name: '' }, { apiVersion, kind, metadata: { name: 'x' }, ...from }, write)
  try {
    await registry.update(target, { apiVersion, kind, metadata: { name: 'x' }, ...to }, write)
    return ''
  } catch (error) {
    return (error as Error).message.replace(/^.*? is invalid: /, '')
  }
}

const backend = { service: { name: 's', port: { number: 80 } } }
const path = (more: object) => ({
  spec: { rules: [{ http: { paths: [{ pathType: 'Prefix', path: '/', backend, ...more }] } }] },
})
const at0 = 'spec.rules[0].http.paths[0]'

describe('an Ingress', () => {
  test.each<[object, string]>([
    [path({}), ''],
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
    [path({ pathType: undefined }), `${at0}.pathType: Required value: pathType must be specified`],
    [path({ pathType: 'Other' }), 'supported values: "Exact", "ImplementationSpecific", "Prefix"'],
    [path({ path: 'a' }), `${at0}.path: Invalid value: "a": must be an absolute path`],
    [path({ path: '/a//b' }), "must not contain '//'"],
    [path({ path: '/a/..' }), "cannot end with '/..'"],
    [path({ path: 'a', pathType: 'ImplementationSpecific' }), 'must be an absolute path'],
    [path({ path: undefined, pathType: 'ImplementationSpecific' }), ''],
    [path({ backend: {} }), `${at0}.backend: Required value: resource or service backend is required`],
    [
      path({ backend: { ...backend, resource: { kind: 'K', name: 'n' } } }),
      'cannot set both resource and service backends',
    ],
    [
      path({ backend: { resource: { kind: '', name: '' } } }),
      'backend.resource.kind: Required value: kind is required',
    ],
    [
      path({ backend: { service: { name: '1a', port: { name: 'http' } } } }),
      `${at0}.backend.service.name: Invalid value: "1a"`,
    ],
    [
      path({ backend: { service: { name: '', port: {} } } }),
      'service.port: Required value: port name or number is required',
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

const hard = (amounts: object, more: object = {}) => ({ spec: { hard: amounts, ...more } })
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
    'spec.finalizers[0]: Invalid value: "nope": name is neither a standard finalizer name nor is it fully qualified',
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
    'spec.taints[1]: Duplicate value: {"key":"a","value":"","effect":"NoSchedule"}: taints must be unique by key and effect pair',
  ],
  [
    'Node',
    { spec: { taints: [{ key: '_', value: '/', effect: 'Never' }] } },
    'spec.taints[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
  ],
])('%s %j: %s', async (kind, body, words) => {
  const said = await refusal('v1', kind, body)
  if (words === '') expect(said).toBe('')
  else expect(said).toContain(words)
})

const template = (labels: object, spec: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
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
    { spec: { leaseDurationSeconds: 0, leaseTransitions: -1, holderIdentity: '' } },
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

describe('an autoscaler', () => {
  const spec = { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 2 }
  const metric = (one: object) => ({ spec: { ...spec, metrics: [one] } })
  test.each<[object, string]>([
    [{ spec }, ''],
    [{ spec: { ...spec, minReplicas: 0 } }, 'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1'],
    [{ spec: { ...spec, maxReplicas: 0 } }, 'spec.maxReplicas: Invalid value: 0: must be greater than 0'],
    [
      { spec: { ...spec, minReplicas: 3 } },
      'spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`',
    ],
    [{ spec: { ...spec, scaleTargetRef: { kind: '', name: '' } } }, 'spec.scaleTargetRef.kind: Required value'],
    [metric({ type: '' }), 'spec.metrics[0].type: Required value: must specify a metric source type'],
    [
      metric({ type: 'Resource' }),
      'spec.metrics[0].resource: Required value: must populate information for the given metric source',
    ],
    [
      metric({
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Odd' } },
        pods: { metric: { name: 'm' }, target: { type: 'Value' } },
      }),
      'spec.metrics[0].pods: Forbidden: must populate the given metric source only',
    ],
    [
      metric({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } } }),
      'must be greater than 0',
    ],
    [
      metric({ type: 'Pods', pods: { metric: { name: 'm' }, target: { type: '' } } }),
      'must specify a positive target averageValue',
    ],
    [
      metric({ type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value' } } }),
      'must set either a target value or averageValue',
    ],
    [
      {
        spec: {
          ...spec,
          behavior: {
            scaleUp: {
              stabilizationWindowSeconds: -1,
              selectPolicy: 'Odd',
              policies: [{ type: 'Odd', value: 0, periodSeconds: 0 }],
            },
          },
        },
      },
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
    ],
    [
      {
        spec: {
          ...spec,
          behavior: {
            scaleDown: {
              stabilizationWindowSeconds: 4000,
              policies: [{ type: 'Pods', value: 1, periodSeconds: 2000 }],
            },
          },
        },
      },
      'must be less than or equal to 3600',
    ],
  ])('%j', async (body, words) => {
    const said = await refusal('autoscaling/v2', 'HorizontalPodAutoscaler', body)
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })
})

test('The API server itself may be at a loopback address', async () => {
  const { registry, write } = await arrange()
  const metadata = { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } }
  const ip = '127.0.0.1'
  await registry.create(
    at('v1', 'Endpoints', 'default'),
    { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets: [{ addresses: [{ ip }] }] },
    write,
  )
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints: [{ addresses: [ip] }],
  }
  await registry.create(at('discovery.k8s.io/v1', 'EndpointSlice', 'default'), slice, write)
})

test('The phase of a namespace follows its deletion', async () => {
  const { registry, write } = await arrange()
  const target = at('v1', 'Namespace', '', 'x')
  await registry.create(
    { ...target, name: '' },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } },
    write,
  )
  const phase = { status: { phase: 'Terminating' } }
  await expect(
    registry.patch({ ...target, subresource: 'status' }, 'application/merge-patch+json', phase, write),
  ).rejects.toMatchObject({ message: expect.stringContaining("may only be 'Active' if `deletionTimestamp` is empty") })
})

test('A status does not have more ready pods than pods', async () => {
  const { registry, write } = await arrange()
  const target = at('v1', 'ReplicationController', 'd', 'x')
  const body = {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'x' },
    spec: { template: template({ a: 'b' }) },
  }
  await registry.create({ ...target, name: '' }, body, write)
  const status = { ...target, subresource: 'status' }
  const merge = 'application/merge-patch+json'
  await expect(
    registry.patch(status, merge, { status: { replicas: 1, readyReplicas: 2 } }, write),
  ).rejects.toMatchObject({
    message: expect.stringContaining('status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas'),
  })
  const quota = at('v1', 'ResourceQuota', 'd', 'q')
  await registry.create(
    { ...quota, name: '' },
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, ...hard({ pods: '1' }) },
    write,
  )
  await expect(
    registry.patch({ ...quota, subresource: 'status' }, merge, { status: { used: { pods: '-1' } } }, write),
  ).rejects.toMatchObject({ message: expect.stringContaining('status.used[pods]: Invalid value: "-1"') })
})

describe('an APIService', () => {
  const service = { name: 's', namespace: 'n' }
  const spec = { group: 'a.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 }
  const named = (more: object) => ({ metadata: { name: 'v1.a.io' }, spec: { ...spec, ...more } })

  test.each<[object, string]>([
    [named({ service }), ''],
    [
      named({ group: 'b.io' }),
      'metadata.name: Invalid value: "v1.a.io": must be `spec.version+"."+spec.group`: "v1.b.io"',
    ],
    [
      named({ groupPriorityMinimum: 0 }),
      'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
    ],
    [
      named({ versionPriority: 1001 }),
      'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
    ],
    [named({ caBundle: 'eA==' }), 'local APIServices may not have a caBundle'],
    [named({ insecureSkipTLSVerify: true }), 'local APIServices may not have insecureSkipTLSVerify'],
    [named({ service: {} }), 'spec.service.namespace: Required value'],
    [named({ service, insecureSkipTLSVerify: true, caBundle: 'eA==' }), 'may not be true if caBundle is present'],
    [named({ version: '1' }), 'spec.version: Invalid value: "1": a DNS-1035 label'],
  ])('%j', async (body, words) => {
    const said = await refusal('apiregistration.k8s.io/v1', 'APIService', body)
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })

  test('of this server is available at once', async () => {
    const { registry, write } = await arrange()
    const target = at('apiregistration.k8s.io/v1', 'APIService')
    const body = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', ...named({}) }
    const { object } = await registry.create(target, body, write)
    expect(object['status']).toMatchObject({ conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] })
  })
})
