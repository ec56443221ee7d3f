import { describe, expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'
import { hard, refusal, template } from '../testing/refusals.ts'

describe('an autoscaler', () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
  const spec = { scaleTargetRef, maxReplicas: 2 }
  const aimedAt = (target: object) => ({
    spec: { ...spec, scaleTargetRef: { kind: 'Deployment', name: 'd', ...target } },
  })
  const NO_GROUP = 'apiVersion must specify API group'
  const metric = (one: object) => ({ spec: { ...spec, metrics: [one] } })
  test.each<[object, string]>([
    [{ spec }, ''],
    [
      { spec: { ...spec, minReplicas: 0 } },
      '[spec.minReplicas: Invalid value: 0: must be greater than or equal to 1, spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas]',
    ],
    [aimedAt({}), `spec.scaleTargetRef.apiVersion: Invalid value: "": ${NO_GROUP}`],
    [aimedAt({ apiVersion: 'v1' }), `spec.scaleTargetRef.apiVersion: Invalid value: "v1": ${NO_GROUP}`],
    [aimedAt({ kind: 'ReplicationController' }), ''],
    [
      aimedAt({ apiVersion: 'a/b/c' }),
      'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ],
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
      'must set either a target value for metric or a per-pod target',
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
      { spec: { ...spec, behavior: { scaleUp: { policies: [] } } } },
      'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy',
    ],
    [
      { spec: { ...spec, behavior: { scaleUp: { tolerance: '-1' } } } },
      'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
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

test('A namespace keeps its name as a label, whatever is written there', async () => {
  const { registry, write } = await arrange()
  const target = at('v1', 'Namespace', '', 'n')
  const own = { 'kubernetes.io/metadata.name': 'n' }
  await registry.create(
    { ...target, name: '' },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } },
    write,
  )
  for (const value of ['other', null]) {
    const labels = { 'kubernetes.io/metadata.name': value, a: 'b' }
    const changed = await registry.patch(target, 'application/merge-patch+json', { metadata: { labels } }, write)
    expect(changed.object.metadata.labels).toEqual({ ...own, a: 'b' })
  }
})

test('A replication controller without labels has those of its pods', async () => {
  const { registry, write } = await arrange()
  const target = at('v1', 'ReplicationController', 'd', 'r')
  const template = { metadata: { labels: { app: 'r' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  const metadata = { name: 'r', namespace: 'd' }
  const made = { apiVersion: 'v1', kind: 'ReplicationController', metadata, spec: { template } }
  await registry.create({ ...target, name: '' }, made, write)
  const labels = { app: null }
  const changed = await registry.patch(target, 'application/merge-patch+json', { metadata: { labels } }, write)
  expect(changed.object.metadata.labels).toEqual({ app: 'r' })
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
