import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { containersOf } from './containers.ts'

const container = {
  name: 'web',
  image: 'web:1',
  command: ['sh', '-c'],
  args: ['echo "hi"; sleep 5'],
  ports: [{ containerPort: 80 }, { name: 'dns', containerPort: 53, protocol: 'UDP' }],
  resources: { requests: { cpu: '100m' }, limits: { memory: '1Gi' } },
  readinessProbe: { httpGet: { path: '/healthz', port: 80 }, periodSeconds: 5 },
  livenessProbe: { tcpSocket: { port: 'http' } },
  startupProbe: { exec: { command: ['test', '-f', '/ready'] } },
  envFrom: [{ configMapRef: { name: 'settings' } }, { prefix: 'DB_', secretRef: { name: 'db' } }],
  env: [
    { name: 'LEVEL', value: 'info' },
    { name: 'URL', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } },
    { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
  ],
  volumeMounts: [
    { name: 'data', mountPath: '/data' },
    { name: 'settings', mountPath: '/etc/app.yaml', subPath: 'app.yaml', readOnly: true },
  ],
}
const spec = {
  initContainers: [
    { name: 'migrate' },
    { name: 'proxy', restartPolicy: 'Always', livenessProbe: { grpc: { port: 9 } } },
  ],
  containers: [container],
  ephemeralContainers: [{ name: 'debug' }],
}
const pod = partial<KubeObject>({
  metadata: { name: 'web', uid: 'u' },
  spec,
  status: {
    initContainerStatuses: [{ name: 'migrate', state: { terminated: { reason: 'Completed', exitCode: 0 } } }],
    containerStatuses: [
      {
        name: 'web',
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      },
    ],
  },
})
const factsOf = (object: KubeObject, name: string, ...path: string[]) =>
  Object.fromEntries(
    containersOf(object, ...path)
      .parts!.find((part) => part.name === name)!
      .facts.map(({ label, value }) => [label, value]),
  )

it('a pod has its containers in the order they start, each with what it is for', () => {
  expect(containersOf(pod).parts!.map(({ name, note }) => `${name} ${note}`)).toEqual([
    'migrate init',
    'proxy sidecar',
    'web ',
    'debug ephemeral',
  ])
})

it('a container tells how it fares and how it ended last', () => {
  expect(factsOf(pod, 'web')).toMatchObject({
    state: 'waiting: CrashLoopBackOff\nback-off 40s',
    lastState: 'terminated: Error (1)',
    restarts: 3,
  })
  expect(factsOf(pod, 'migrate')).toMatchObject({ state: 'terminated: Completed (0)' })
  expect(factsOf(pod, 'debug')).toMatchObject({ state: '', restarts: 0 })
})

it('a container tells what it runs, what it may use and what it is given', () => {
  expect(factsOf(pod, 'web')).toMatchObject({
    image: 'web:1',
    ports: ['80/TCP', 'dns 53/UDP'],
    requests: ['cpu=100m'],
    limits: ['memory=1Gi'],
    command: String.raw`sh -c "echo \"hi\"; sleep 5"`,
    env: [
      '* ← ConfigMap settings',
      'DB_* ← Secret db',
      'LEVEL=info',
      'URL ← Secret db: url',
      'MODE ← ConfigMap settings: mode',
      'NODE ← spec.nodeName',
      'CPUS ← limits.cpu',
    ],
    mounts: ['/data ← data', '/etc/app.yaml ← settings/app.yaml (ro)'],
  })
})

it('a container tells how it is probed', () => {
  expect(factsOf(pod, 'web')['probes']).toEqual([
    'startup: test -f /ready, 10 s',
    'readiness: GET :80/healthz, 5 s',
    'liveness: TCP :http, 10 s',
  ])
  expect(factsOf(pod, 'proxy')['probes']).toEqual(['liveness: gRPC :9, 10 s'])
})

it('a template has containers that have not been started', () => {
  const deployment = partial<KubeObject>({ metadata: pod.metadata, spec: { template: { spec } } })
  const facts = factsOf(deployment, 'web', 'spec', 'template')
  expect(facts['image']).toBe('web:1')
  expect(facts).not.toHaveProperty('restarts')
})
