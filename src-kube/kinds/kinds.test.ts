import { expect, test } from 'vitest'
import type { KubeObject } from '../machinery/meta.ts'
import { formatApiVersion } from '../machinery/gvk.ts'
import type { KindDescriptor, ServedVersion } from './descriptor.ts'
import { deprecationWarning } from './deprecation.ts'
import { findKind, groupOrder, kinds } from './index.ts'

const now = Date.UTC(2026, 0, 1)

function served(group: string, version: string, kind: string): [KindDescriptor, ServedVersion] {
  const descriptor = findKind(group, kind)
  const found = descriptor?.served.find((s) => s.group === group && s.version === version)
  if (!descriptor || !found) throw new Error(`${group}/${version} ${kind} is not served`)
  return [descriptor, found]
}

function object(apiVersion: string, kind: string, rest: Record<string, unknown>): KubeObject {
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'd', uid: 'u', resourceVersion: '1' }, ...rest }
}

const container = { name: 'c', image: 'busybox' }
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [container] } }

test('every group of the table has a place in discovery', () => {
  const groups = new Set(kinds.flatMap((k) => k.served.map((s) => s.group)))
  groups.delete('')
  const reviews = ['authentication.k8s.io', 'authorization.k8s.io']
  expect([...groups, ...reviews].toSorted()).toEqual(groupOrder.toSorted())
})

test.each([
  [
    'extensions',
    'v1beta1',
    'Ingress',
    'extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
  ],
  [
    'extensions',
    'v1beta1',
    'Deployment',
    'extensions/v1beta1 Deployment is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 Deployment',
  ],
  [
    'node.k8s.io',
    'v1beta1',
    'RuntimeClass',
    'node.k8s.io/v1beta1 RuntimeClass is deprecated in v1.22+, unavailable in v1.25+',
  ],
  [
    'autoscaling',
    'v2beta2',
    'HorizontalPodAutoscaler',
    'autoscaling/v2beta2 HorizontalPodAutoscaler is deprecated in v1.23+, unavailable in v1.26+; use autoscaling/v2 HorizontalPodAutoscaler',
  ],
  [
    'apiregistration.k8s.io',
    'v1beta1',
    'APIService',
    'apiregistration.k8s.io/v1beta1 APIService is deprecated in v1.19+, unavailable in v1.22+; use apiregistration.k8s.io/v1 APIService',
  ],
  ['apps', 'v1', 'Deployment', undefined],
  ['', 'v1', 'Endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
])('the warning for %s/%s %s', (group, version, kind, words) => {
  expect(deprecationWarning(served(group, version, kind)[1], kind)).toBe(words)
})

test.each([
  ['extensions', 'v1beta1', 1, 2147483647, 2147483647],
  ['apps', 'v1beta1', '25%', 2, 600],
  ['apps', 'v1', '25%', 10, 600],
])('a Deployment of %s/%s defaults its rollout', (group, version, step, history, deadline) => {
  const [, v] = served(group, version, 'Deployment')
  const deployment = object(formatApiVersion(group, version), 'Deployment', {
    spec: { template: structuredClone(template) },
  })
  v.defaults?.(deployment)
  expect(deployment['spec']).toMatchObject({
    replicas: 1,
    revisionHistoryLimit: history,
    progressDeadlineSeconds: deadline,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: step, maxUnavailable: step } },
    ...(version === 'v1' ? {} : { selector: { matchLabels: { app: 'a' } } }),
  })
  expect(deployment.metadata.labels).toEqual(version === 'v1' ? undefined : { app: 'a' })
})

test.each([
  ['busybox', 'Always'],
  ['busybox:latest', 'Always'],
  ['localhost:5000/busybox', 'Always'],
  ['k8s-demo:0.0.1-SNAPSHOT', 'IfNotPresent'],
  ['busybox@sha256:0', 'IfNotPresent'],
])('a container of %s is pulled %s', (image, policy) => {
  const pod = object('v1', 'Pod', {
    spec: {
      containers: [{ name: 'c', image, resources: { limits: { cpu: '1' } } }],
      volumes: [{ name: 'v', secret: { secretName: 's' } }],
    },
  })
  served('', 'v1', 'Pod')[1].defaults?.(pod)
  expect(pod['spec']).toMatchObject({
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    enableServiceLinks: true,
    securityContext: {},
    containers: [{ imagePullPolicy: policy, resources: { requests: { cpu: '1' } }, terminationMessagePolicy: 'File' }],
    volumes: [{ secret: { defaultMode: 420 } }],
  })
})

const oldObjects: Array<[string, string, string, Record<string, unknown>]> = [
  [
    'extensions',
    'v1beta1',
    'Ingress',
    {
      spec: {
        backend: { serviceName: 's', servicePort: 'web' },
        rules: [{ host: 'h', http: { paths: [{ path: '/', backend: { serviceName: 's', servicePort: 80 } }] } }],
      },
    },
  ],
  ['extensions', 'v1beta1', 'Deployment', { spec: { template, selector: {}, rollbackTo: { revision: 3 } } }],
  ['extensions', 'v1beta1', 'DaemonSet', { spec: { template, selector: {}, templateGeneration: 2 } }],
  [
    'events.k8s.io',
    'v1',
    'Event',
    { regarding: { kind: 'Pod', name: 'p' }, note: 'n', reportingController: 'c', deprecatedCount: 2 },
  ],
  [
    'discovery.k8s.io',
    'v1beta1',
    'EndpointSlice',
    {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['1.2.3.4'], topology: { 'topology.kubernetes.io/zone': 'z', rack: 'r' } }],
    },
  ],
]

test.each(oldObjects)('%s/%s %s survives the way to storage and back', (group, version, kind, rest) => {
  const [descriptor, v] = served(group, version, kind)
  const before = object(formatApiVersion(group, version), kind, rest)
  const stored = v.toStorage?.(structuredClone(before))
  expect(stored?.apiVersion).toBe(formatApiVersion(descriptor.group, descriptor.storageVersion))
  expect(v.fromStorage?.(structuredClone(stored ?? before))).toEqual(before)
})

test('an old Ingress backend becomes a service with a port by number or name', () => {
  const [, v] = served('extensions', 'v1beta1', 'Ingress')
  const stored = v.toStorage?.(object('extensions/v1beta1', 'Ingress', oldObjects[0]?.[3] ?? {}))
  expect(stored?.['spec']).toMatchObject({
    defaultBackend: { service: { name: 's', port: { name: 'web' } } },
    rules: [{ http: { paths: [{ backend: { service: { name: 's', port: { number: 80 } } } }] } }],
  })
})

const waiting = (reason: string) => ({ name: 'c', restartCount: 0, ready: false, state: { waiting: { reason } } })
const running = { name: 'c', ready: true, restartCount: 0, state: { running: {} } }

test.each<[string, Record<string, unknown>, string, string, string]>([
  ['runs', { phase: 'Running', containerStatuses: [running] }, '1/1', 'Running', '0'],
  [
    'waits for its first init container',
    { phase: 'Pending', initContainerStatuses: [waiting('PodInitializing')] },
    '0/1',
    'Init:0/1',
    '0',
  ],
  [
    'crashes',
    {
      phase: 'Running',
      containerStatuses: [
        {
          ...waiting('CrashLoopBackOff'),
          restartCount: 2,
          lastState: { terminated: { exitCode: 1, finishedAt: '2025-12-31T23:55:00Z' } },
        },
      ],
    },
    '0/1',
    'CrashLoopBackOff',
    '2 (5m ago)',
  ],
  [
    'is done',
    {
      phase: 'Succeeded',
      containerStatuses: [
        { name: 'c', ready: false, restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
      ],
    },
    '0/1',
    'Completed',
    '0',
  ],
])('a pod that %s says so', (_, status, ready, word, restarts) => {
  const [descriptor] = served('', 'v1', 'Pod')
  const spec = {
    containers: [container],
    ...(status['initContainerStatuses'] ? { initContainers: [{ name: 'c' }] } : {}),
  }
  expect(descriptor.row(object('v1', 'Pod', { spec, status }), now).slice(1, 4)).toEqual([ready, word, restarts])
})

const specs: Record<string, unknown> = { containers: [], source: {}, accessModes: [] }

test.each(kinds.map((k) => [k.kind, k] as const))(
  'a row of %s has a cell for every column, whatever is missing',
  (_, k) => {
    const bare = object('v1', k.kind, { spec: specs, roleRef: {}, addressType: '', handler: '', provisioner: '' })
    const row = k.row(bare, now)
    expect(row).toHaveLength(k.columns.length)
  },
)
