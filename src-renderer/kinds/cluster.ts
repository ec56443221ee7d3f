import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { age, column, linked, name, namespace, optional, status } from './columns.ts'
import { eventHealth, nodeHealth, phaseHealth } from './health.ts'
import { eventCount, eventLink, eventObject, eventTime } from './event-groups.ts'
import { nodeUsage } from './usage.ts'
import { viewOfKind } from './view-of-kind.ts'
import { at, listAt, pairsAt, textAt, type KindView, type ObjectLink, type Section } from './view.ts'

const address = (node: KubeObject, type: string): string =>
  textAt(
    listAt(node, 'status', 'addresses').find((a) => textAt(a, 'type') === type),
    'address',
  )

/** As kubectl tells them, also that there are none. */
const roles = (node: KubeObject): string =>
  Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith('node-role.kubernetes.io/'))
    .map((label) => label.slice('node-role.kubernetes.io/'.length))
    .sort()
    .join(', ') || '<none>'

/** `dedicated=gpu:NoSchedule`. */
const taints = (node: KubeObject): string[] =>
  listAt(node, 'spec', 'taints').map(
    (t) => `${textAt(t, 'key')}${textAt(t, 'value') ? `=${textAt(t, 'value')}` : ''}:${textAt(t, 'effect')}`,
  )

const nodeSections = (node: KubeObject): Section[] => [
  {
    title: 'system',
    facts: [
      { label: 'internalIP', value: address(node, 'InternalIP'), kind: 'mono' },
      { label: 'podCIDR', value: textAt(node, 'spec', 'podCIDR'), kind: 'mono' },
      { label: 'kubelet', value: textAt(node, 'status', 'nodeInfo', 'kubeletVersion') },
      { label: 'runtime', value: textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion') },
      { label: 'os', value: textAt(node, 'status', 'nodeInfo', 'osImage') },
      { label: 'kernel', value: textAt(node, 'status', 'nodeInfo', 'kernelVersion') },
      {
        label: 'taints',
        value: taints(node),
      },
    ],
  },
  {
    title: 'capacity',
    table: {
      columns: ['resource', 'capacity', 'allocatable'],
      rows: Object.keys((at(node, 'status', 'capacity') ?? {}) as object).map((resource) => [
        resource,
        textAt(node, 'status', 'capacity', resource),
        textAt(node, 'status', 'allocatable', resource),
      ]),
    },
  },
]

/** The object that an event is about. */
function aboutOf(event: KubeObject): ObjectLink | undefined {
  const view = viewOfKind[textAt(event, 'involvedObject', 'kind')]
  const namespace = textAt(event, 'involvedObject', 'namespace') || undefined
  return view === undefined ? undefined : { view, namespace, name: textAt(event, 'involvedObject', 'name') }
}

export const clusterKinds: KindView[] = [
  {
    id: 'nodes',
    group: '',
    version: 'v1',
    resource: 'nodes',
    kind: 'Node',
    namespaced: false,
    category: 'cluster',
    shortcut: 'n',
    columns: [
      { ...name, width: 160 },
      status,
      column('roles', 110, roles),
      column('ip', 120, (node) => address(node, 'InternalIP'), 'mono'),
      ...nodeUsage,
      column('version', 140, (node) => textAt(node, 'status', 'nodeInfo', 'kubeletVersion')),
      column('podCIDR', 140, (node) => textAt(node, 'spec', 'podCIDR'), 'mono'),
      optional(column('taints', 240, (node) => taints(node).join(', '), 'mono')),
      optional(column('runtime', 160, (node) => textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion'))),
      age,
    ],
    health: nodeHealth,
    sections: nodeSections,
  },
  {
    id: 'namespaces',
    group: '',
    version: 'v1',
    resource: 'namespaces',
    kind: 'Namespace',
    namespaced: false,
    category: 'cluster',
    shortcut: 'm',
    columns: [name, status, column('labels', 320, (o) => pairsAt(o, 'metadata', 'labels').join(', '), 'mono'), age],
    health: phaseHealth,
    example: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: demo\n',
  },
  {
    id: 'events',
    group: '',
    version: 'v1',
    resource: 'events',
    kind: 'Event',
    namespaced: true,
    category: 'cluster',
    shortcut: 'v',
    columns: [
      column('lastSeen', 96, eventTime, 'age'),
      { ...status, id: 'type', width: 100 },
      column('reason', 180, (e) => textAt(e, 'reason')),
      linked(
        column('object', 220, (e) => `${textAt(e, 'involvedObject', 'kind')}/${eventObject(e)}`, 'mono'),
        // Gathered events of several objects name none of them.
        (e) => (eventObject(e) === textAt(e, 'involvedObject', 'name') ? eventLink(e) : undefined),
      ),
      column('message', 480, (e) => textAt(e, 'message')),
      column('count', 64, eventCount, 'number'),
      namespace,
    ],
    health: eventHealth,
    sections: (event) => [
      {
        title: 'event',
        facts: [
          {
            label: 'object',
            value: `${textAt(event, 'involvedObject', 'kind')} ${textAt(event, 'involvedObject', 'name')}`,
            link: aboutOf(event),
          },
          { label: 'reason', value: textAt(event, 'reason') },
          { label: 'message', value: textAt(event, 'message') },
          {
            label: 'source',
            value: [
              textAt(event, 'source', 'component') || textAt(event, 'reportingComponent'),
              textAt(event, 'source', 'host'),
            ].filter(Boolean),
          },
          { label: 'count', value: eventCount(event) },
          { label: 'lastSeen', value: eventTime(event), kind: 'age' },
        ],
      },
    ],
  },
]
