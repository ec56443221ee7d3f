import { controllerOf, type KubeObject } from '../../src-kube/machinery/meta.ts'
import { age, column, linked, name, named, namespace, optional, status } from './columns.ts'
import { containersOf } from './containers.ts'
import { podImages } from './pod-images.ts'
import { cronJobSections, jobSections, tookOf, tookWords } from './jobs.ts'
import { daemonSetHealth, jobHealth, podHealth, replicaHealth } from './health.ts'
import { schedulingOf } from './scheduling.ts'
import { podUsage } from './usage.ts'
import { viewOfKind } from './view-of-kind.ts'
import { at, listAt, numberAt, pairsAt, textAt, timeAt, type KindView, type ObjectLink, type Section } from './view.ts'

type Labels = Record<string, string>

const selectorOf = (object: KubeObject): Labels | undefined =>
  at(object, 'spec', 'selector', 'matchLabels') as Labels | undefined

const readyContainers = (pod: KubeObject): string => {
  const statuses = listAt(pod, 'status', 'containerStatuses')
  return `${statuses.filter((s) => at(s, 'ready') === true).length}/${listAt(pod, 'spec', 'containers').length}`
}

/** As kubectl counts them: while init containers run, those of them. */
export const restarts = (pod: KubeObject): number => {
  const counted = podHealth(pod).reason.startsWith('Init:') ? 'initContainerStatuses' : 'containerStatuses'
  return listAt(pod, 'status', counted).reduce<number>((sum, s) => sum + numberAt(s, 'restartCount'), 0)
}

/** `ReplicaSet/web-7c9f6d8b4`: what makes a pod anew when it goes (kubernetes.io, "Owners and Dependents"). */
function controllerText(pod: KubeObject): string {
  const owner = controllerOf(pod)
  return owner ? `${owner.kind}/${owner.name}` : ''
}

/** Where that is; nowhere for kinds that only the server knows, among them those that share a name with one of Kubernetes' own. */
function controllerLink(pod: KubeObject): ObjectLink | undefined {
  const owner = controllerOf(pod)
  const view = owner && viewOfKind[owner.kind]
  if (!owner || !view) return undefined
  const [, group = ''] = /^[^.]+\.(.+)$/.exec(view) ?? []
  const isOfGroup = owner.apiVersion === 'v1' ? group === '' : owner.apiVersion.startsWith(`${group}/`)
  // The node of a static pod is in no namespace.
  const namespace = owner.kind === 'Node' ? undefined : pod.metadata.namespace
  return isOfGroup ? { view, namespace, name: owner.name } : undefined
}

const images = (object: KubeObject, ...path: string[]): string =>
  listAt(object, ...path, 'containers')
    .map((c) => textAt(c, 'image'))
    .join(', ')

/** Where the objects are that volumes are made of. */
const volumeViews: Record<string, string> = {
  configMap: 'configmaps',
  secret: 'secrets',
  persistentVolumeClaim: 'persistentvolumeclaims',
}

const podSections = (pod: KubeObject): Section[] => [
  placement(pod),
  containersOf(pod),
  volumeTable(pod),
  schedulingOf(pod, 'spec'),
]

function placement(pod: KubeObject): Section {
  const node = textAt(pod, 'spec', 'nodeName')
  const account = textAt(pod, 'spec', 'serviceAccountName')
  return {
    title: 'placement',
    facts: [
      { label: 'node', value: node, link: node ? { view: 'nodes', name: node } : undefined },
      { label: 'podIP', value: textAt(pod, 'status', 'podIP'), kind: 'mono' },
      { label: 'qosClass', value: textAt(pod, 'status', 'qosClass') },
      { label: 'restartPolicy', value: textAt(pod, 'spec', 'restartPolicy') },
      {
        label: 'serviceAccount',
        value: account,
        link: { view: 'serviceaccounts', namespace: pod.metadata.namespace, name: account },
      },
      { label: 'started', value: timeAt(pod, 'status', 'startTime'), kind: 'age' },
    ],
  }
}

function volumeTable(pod: KubeObject): Section {
  return {
    title: 'volumes',
    table: {
      columns: ['name', 'type', 'source'],
      rows: listAt(pod, 'spec', 'volumes').map((volume) => {
        const type = Object.keys(volume as object).find((field) => field !== 'name') ?? ''
        const source = at(volume, type)
        const fields = ['name', 'secretName', 'claimName', 'path']
        const from = fields.map((field) => textAt(source, field)).find(Boolean) ?? ''
        const view = volumeViews[type]
        const link = view && { view, namespace: pod.metadata.namespace, name: from }
        return [textAt(volume, 'name'), type, link && from ? { text: from, link } : from]
      }),
    },
  }
}

const replicaSections = (object: KubeObject): Section[] => [
  {
    title: 'replicas',
    facts: [
      { label: 'desired', value: textAt(object, 'spec', 'replicas') || 1 },
      { label: 'ready', value: numberAt(object, 'status', 'readyReplicas') },
      { label: 'updated', value: textAt(object, 'status', 'updatedReplicas') },
      {
        label: 'strategy',
        value: textAt(object, 'spec', 'strategy', 'type') || textAt(object, 'spec', 'updateStrategy', 'type'),
      },
      { label: 'selector', value: pairsAt(object, 'spec', 'selector', 'matchLabels') },
    ],
  },
  containersOf(object, 'spec', 'template'),
  schedulingOf(object, 'spec', 'template', 'spec'),
]

const ready = column(
  'ready',
  64,
  (object) => `${numberAt(object, 'status', 'readyReplicas')}/${textAt(object, 'spec', 'replicas') || '1'}`,
)
const templateImages = column('images', 240, (object) => images(object, 'spec', 'template', 'spec'), 'mono')

export const workloads: KindView[] = [
  {
    id: 'pods',
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'Pod',
    namespaced: true,
    category: 'workloads',
    shortcut: 'p',
    columns: [
      name,
      namespace,
      column('ready', 64, readyContainers),
      status,
      column('restarts', 80, restarts, 'number'),
      named(
        column('node', 100, (pod) => textAt(pod, 'spec', 'nodeName')),
        'nodes',
      ),
      ...podUsage,
      column('ip', 110, (pod) => textAt(pod, 'status', 'podIP'), 'mono'),
      optional(linked(column('owner', 200, controllerText), controllerLink)),
      optional(column('qosClass', 96, (pod) => textAt(pod, 'status', 'qosClass'))),
      age,
    ],
    health: podHealth,
    words: (pod) => podImages(pod).map((image) => `image:${image}`),
    sections: podSections,
    podSelector: () => undefined,
    example:
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: hello\nspec:\n  containers:\n    - name: hello\n      image: busybox\n      command: [sh, -c, "while true; do date; sleep 5; done"]\n',
  },
  {
    id: 'deployments.apps',
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    kind: 'Deployment',
    namespaced: true,
    category: 'workloads',
    shortcut: 'd',
    columns: [
      name,
      namespace,
      ready,
      status,
      column('updated', 80, (d) => numberAt(d, 'status', 'updatedReplicas'), 'number'),
      templateImages,
      age,
    ],
    health: replicaHealth,
    sections: replicaSections,
    scalable: true,
    restartable: true,
    podSelector: selectorOf,
    example:
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n  selector:\n    matchLabels: { app: web }\n  template:\n    metadata:\n      labels: { app: web }\n    spec:\n      containers:\n        - name: web\n          image: busybox\n          command: [sh, -c, "httpd -f -p 8080"]\n          ports: [{ containerPort: 8080 }]\n',
  },
  {
    id: 'replicasets.apps',
    group: 'apps',
    version: 'v1',
    resource: 'replicasets',
    kind: 'ReplicaSet',
    namespaced: true,
    category: 'workloads',
    shortcut: 'r',
    columns: [name, namespace, ready, status, templateImages, age],
    health: replicaHealth,
    sections: replicaSections,
    scalable: true,
    podSelector: selectorOf,
  },
  {
    id: 'statefulsets.apps',
    group: 'apps',
    version: 'v1',
    resource: 'statefulsets',
    kind: 'StatefulSet',
    namespaced: true,
    category: 'workloads',
    columns: [name, namespace, ready, status, templateImages, age],
    health: replicaHealth,
    sections: replicaSections,
    scalable: true,
    restartable: true,
    podSelector: selectorOf,
  },
  {
    id: 'daemonsets.apps',
    group: 'apps',
    version: 'v1',
    resource: 'daemonsets',
    kind: 'DaemonSet',
    namespaced: true,
    category: 'workloads',
    columns: [
      name,
      namespace,
      column(
        'ready',
        64,
        (o) => `${numberAt(o, 'status', 'numberReady')}/${numberAt(o, 'status', 'desiredNumberScheduled')}`,
      ),
      status,
      templateImages,
      age,
    ],
    health: daemonSetHealth,
    sections: replicaSections,
    restartable: true,
    podSelector: selectorOf,
  },
  {
    id: 'jobs.batch',
    group: 'batch',
    version: 'v1',
    resource: 'jobs',
    kind: 'Job',
    namespaced: true,
    category: 'workloads',
    shortcut: 'j',
    columns: [
      name,
      namespace,
      column(
        'completions',
        100,
        (o) => `${numberAt(o, 'status', 'succeeded')}/${textAt(o, 'spec', 'completions') || '1'}`,
      ),
      status,
      { ...column('took', 80, tookOf), text: tookWords },
      templateImages,
      age,
    ],
    health: jobHealth,
    sections: jobSections,
    podSelector: selectorOf,
  },
  {
    id: 'cronjobs.batch',
    group: 'batch',
    version: 'v1',
    resource: 'cronjobs',
    kind: 'CronJob',
    namespaced: true,
    category: 'workloads',
    columns: [
      name,
      namespace,
      column('schedule', 120, (o) => textAt(o, 'spec', 'schedule'), 'mono'),
      column('suspended', 90, (o) => textAt(o, 'spec', 'suspend')),
      column('active', 70, (o) => listAt(o, 'status', 'active').length, 'number'),
      column('lastRun', 80, (o) => timeAt(o, 'status', 'lastScheduleTime'), 'age'),
      age,
    ],
    sections: cronJobSections,
  },
]
