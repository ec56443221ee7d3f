import type { Node, NodeSystemInfo } from '#types/core/v1'
import { age, ageColumn, type Cell, nameColumn, NONE, text, wideText } from '../cells.ts'
import { defineKind } from '../define.ts'

export const node = defineKind<Node>({
  group: '',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  cluster: true,
  status: true,
  subresources: [{ name: 'proxy', kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] }],
  columns: [
    nameColumn,
    text('Status'),
    text('Roles'),
    ageColumn,
    text('Version'),
    wideText('Internal-IP'),
    wideText('External-IP'),
    wideText('OS-Image'),
    wideText('Kernel-Version'),
    wideText('Container-Runtime'),
  ],
  row,
  selectableFields: { 'spec.unschedulable': (o) => String(o.spec?.unschedulable ?? false) },
})

function row(object: Node, now: number): Cell[] {
  const info = object.status?.nodeInfo
  const unknown = '<unknown>'
  return [
    object.metadata.name,
    statusWords(object),
    roles(object),
    age(object, now),
    info?.kubeletVersion ?? '',
    address(object, 'InternalIP'),
    address(object, 'ExternalIP'),
    info?.osImage || unknown,
    kernel(info) || unknown,
    info?.containerRuntimeVersion || unknown,
  ]
}

/** Which kernel, and for which processors. */
function kernel(info: NodeSystemInfo | undefined): string {
  const { kernelVersion = '', architecture } = info ?? {}
  return kernelVersion && architecture ? `${kernelVersion} (${architecture})` : kernelVersion
}

function statusWords(object: Node): string {
  const ready = object.status?.conditions?.find((c) => c.type === 'Ready')
  const word = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'
  return object.spec?.unschedulable ? `${word},SchedulingDisabled` : word
}

/** Roles come from `node-role.kubernetes.io/<role>` labels and the older `kubernetes.io/role=<role>`. */
function roles(object: Node): string {
  const prefix = 'node-role.kubernetes.io/'
  const found = new Set<string>()
  for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
    if (key.startsWith(prefix) && key.length > prefix.length) found.add(key.slice(prefix.length))
    else if (key === 'kubernetes.io/role' && value) found.add(value)
  }
  return found.size === 0 ? NONE : [...found].sort().join(',')
}

function address(object: Node, type: string): string {
  return object.status?.addresses?.find((a) => a.type === type)?.address ?? NONE
}
