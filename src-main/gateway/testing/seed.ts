import type { FakeApiServer } from './fake-api-server.ts'

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+Z/, 'Z')

/** A cluster as one meets it: three nodes, one of them lost; workloads that run, crash, and wait. */
export function seed(api: FakeApiServer): void {
  for (const name of ['default', 'kube-system', 'shop']) {
    const labels = { 'kubernetes.io/metadata.name': name }
    api.put('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels, creationTimestamp: ago(7200) },
      status: { phase: 'Active' },
    })
  }
  for (const [at, name] of ['n1', 'n2', 'n3'].entries()) api.put('nodes', node(name, at))
  for (const [app, replicas, namespace] of [
    ['web', 3, 'default'],
    ['catalog', 4, 'shop'],
    ['cart', 2, 'shop'],
    ['mailer', 1, 'shop'],
  ] as const) {
    const ready = app === 'mailer' ? 0 : replicas
    api.put('deployments', deployment(app, namespace, replicas, ready))
    api.put('services', service(app, namespace))
    for (let i = 0; i < replicas; i++)
      api.put(
        'pods',
        pod({
          name: `${app}-7c9f6d8b4-${'bcdfg'[i]}x${i}kq`,
          namespace,
          app,
          at: i,
          trouble: app === 'mailer' ? 'CrashLoopBackOff' : '',
        }),
      )
  }
  api.put(
    'pods',
    pod({ name: 'report-x2x9f', namespace: 'default', app: 'report', at: 1, trouble: 'ImagePullBackOff' }),
  )
  api.put('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'shop', creationTimestamp: ago(4000) },
    data: { greeting: 'hello', 'app.yaml': 'a: 1\nb: 2\n' },
  })
  api.put('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'login', namespace: 'shop', creationTimestamp: ago(4000) },
    type: 'Opaque',
    data: { user: 'YWRtaW4=' },
  })
  warn(api, {
    name: 'mailer-7c9f6d8b4-bx0kq',
    namespace: 'shop',
    reason: 'BackOff',
    message: 'Back-off restarting failed container mailer in pod mailer-7c9f6d8b4-bx0kq',
  })
  warn(api, {
    name: 'report-x2x9f',
    namespace: 'default',
    reason: 'Failed',
    message: 'Failed to pull image "report:2": no registry has it, nor has this desktop',
  })
}

function node(name: string, at: number) {
  const lost = name === 'n3'
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      creationTimestamp: ago(7200),
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' },
    },
    spec: { podCIDR: `10.244.${at}.0/24` },
    status: {
      addresses: [
        { type: 'InternalIP', address: `172.30.0.${at + 2}` },
        { type: 'Hostname', address: name },
      ],
      capacity: { cpu: '2', memory: '8028Mi', pods: '110' },
      allocatable: { cpu: '2', memory: '7916Mi', pods: '110' },
      conditions: [
        lost
          ? {
              type: 'Ready',
              status: 'Unknown',
              reason: 'NodeStatusUnknown',
              message: 'Kubelet stopped posting node status.',
            }
          : { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.36.0+drydock',
        containerRuntimeVersion: 'docker://26.1.5',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        kernelVersion: '6.12.38',
        architecture: 'amd64',
      },
    },
  }
}

function deployment(name: string, namespace: string, replicas: number, ready: number) {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels, creationTimestamp: ago(3600), generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels },
        spec: { containers: [{ name, image: `${name}:1.4.2`, ports: [{ containerPort: 8080 }] }] },
      },
    },
    status: {
      replicas,
      readyReplicas: ready,
      updatedReplicas: replicas,
      availableReplicas: ready,
      conditions: [
        {
          type: 'Available',
          status: ready ? 'True' : 'False',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
      ],
    },
  }
}

const service = (name: string, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, creationTimestamp: ago(3600) },
  spec: {
    type: 'ClusterIP',
    clusterIP: `10.96.${name.length}.17`,
    selector: { app: name },
    ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
  },
})

/** A pod of a workload. */
interface SeedPod {
  name: string
  namespace: string
  app: string
  /** Which of the workload's pods. */
  at: number
  /** Why its container waits; empty for one that runs. */
  trouble: string
}

function pod({ name, namespace, app, at, trouble }: SeedPod) {
  const state = trouble
    ? {
        waiting: {
          reason: trouble,
          message:
            trouble === 'CrashLoopBackOff'
              ? 'back-off 40s restarting failed container'
              : 'Back-off pulling image "report:2"',
        },
      }
    : { running: { startedAt: ago(3500 - at * 100) } }
  const ready = trouble ? 'False' : 'True'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { app, 'pod-template-hash': '7c9f6d8b4' },
      creationTimestamp: ago(3600 - at * 100),
    },
    spec: {
      nodeName: `n${(at % 2) + 1}`,
      serviceAccountName: 'default',
      restartPolicy: 'Always',
      containers: [
        {
          name: app,
          image: `${app}:1.4.2`,
          ports: [{ containerPort: 8080, protocol: 'TCP' }],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        },
        ...(app === 'catalog' ? [{ name: 'sidecar', image: 'busybox:1.37' }] : []),
      ],
      volumes: [{ name: 'config', configMap: { name: 'settings' } }],
    },
    status: {
      phase: trouble === 'ImagePullBackOff' ? 'Pending' : 'Running',
      podIP: `10.244.${at % 2}.${at + app.length * 3}`,
      qosClass: 'Burstable',
      startTime: ago(3590 - at * 100),
      conditions: [
        { type: 'Ready', status: ready },
        { type: 'PodScheduled', status: 'True' },
      ],
      containerStatuses: [
        { name: app, ready: !trouble, restartCount: trouble === 'CrashLoopBackOff' ? 12 : 0, state },
        ...(app === 'catalog' ? [{ name: 'sidecar', ready: true, restartCount: 0, state }] : []),
      ],
    },
  }
}

/** What a pod is warned of. */
interface Warning {
  name: string
  namespace: string
  reason: string
  message: string
}

function warn(api: FakeApiServer, { name, namespace, reason, message }: Warning): void {
  const object = api.find('pods', name, namespace)
  api.put('events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.1`, namespace, creationTimestamp: ago(900) },
    involvedObject: { kind: 'Pod', name, namespace, uid: object?.metadata.uid },
    type: 'Warning',
    reason,
    message,
    count: 7,
    source: { component: 'kubelet', host: 'n1' },
    firstTimestamp: ago(900),
    lastTimestamp: ago(40),
  })
}
