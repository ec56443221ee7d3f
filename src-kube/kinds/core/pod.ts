import type { Pod } from '#types/core/v1'
import { age, ageColumn, type Cell, nameColumn, NONE, text, wideText } from '../cells.ts'
import { defaultPod } from '../defaults/pod.ts'
import { defineKind } from '../define.ts'
import { summarisePod } from './pod-status.ts'

const stream = ['create', 'get']

export const pod = defineKind<Pod>({
  group: '',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  status: true,
  hasGeneration: true,
  defaults: defaultPod,
  subresources: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: stream },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: stream },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: stream },
    { name: 'proxy', kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
    { name: 'resize', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
  ],
  columns: [
    nameColumn,
    text('Ready'),
    text('Status'),
    text('Restarts'),
    ageColumn,
    wideText('IP'),
    wideText('Node'),
    wideText('Nominated Node'),
    wideText('Readiness Gates'),
  ],
  row,
  selectableFields: {
    'spec.nodeName': (o) => o.spec.nodeName ?? '',
    // As clients of old have it.
    'spec.host': (o) => o.spec.nodeName ?? '',
    'spec.restartPolicy': (o) => o.spec.restartPolicy ?? '',
    'spec.schedulerName': (o) => o.spec.schedulerName ?? '',
    'spec.serviceAccountName': (o) => o.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (o) => String(o.spec.hostNetwork ?? false),
    'status.phase': (o) => o.status?.phase ?? '',
    'status.podIP': (o) => o.status?.podIPs?.[0]?.ip ?? o.status?.podIP ?? '',
    // It may be asked for and leads to nothing.
    'status.podIPs': () => '',
    'status.nominatedNodeName': (o) => o.status?.nominatedNodeName ?? '',
  },
})

function row(object: Pod, now: number): Cell[] {
  const { ready, total, status, restarts } = summarisePod(object, now)
  return [
    object.metadata.name,
    `${ready}/${total}`,
    status,
    restarts,
    age(object, now),
    object.status?.podIPs?.[0]?.ip || object.status?.podIP || NONE,
    object.spec.nodeName || NONE,
    object.status?.nominatedNodeName || NONE,
    gates(object),
  ]
}

function gates(object: Pod): string {
  const wanted = object.spec.readinessGates ?? []
  if (wanted.length === 0) return NONE
  const met = wanted.filter((gate) =>
    object.status?.conditions?.some((c) => c.type === gate.conditionType && c.status === 'True'),
  )
  return `${met.length}/${wanted.length}`
}
