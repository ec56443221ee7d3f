/** Who may do what, and who may talk to whom. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { viewOfKind } from './view-of-kind.ts'
import { at, listAt, pairsAt, textAt, type Cell, type Section } from './view.ts'

type Sections = (object: KubeObject) => Section[]

const words = (object: unknown, field: string): string => listAt(object, field).join(', ')

/** kubernetes.io, "Using RBAC Authorization": the core group is written as nothing. */
const role: Sections = (object) => [
  {
    title: 'may',
    table: {
      columns: ['verbs', 'resource', 'group', 'names'],
      rows: listAt(object, 'rules').map((rule) => [
        words(rule, 'verbs'),
        words(rule, 'resources') || words(rule, 'nonResourceURLs'),
        listAt(rule, 'apiGroups').filter(Boolean).join(', '),
        words(rule, 'resourceNames'),
      ]),
    },
  },
]

const binding: Sections = (object) => {
  const [kind, name] = [textAt(object, 'roleRef', 'kind'), textAt(object, 'roleRef', 'name')]
  const { namespace } = object.metadata
  const view = viewOfKind[kind]
  return [
    {
      title: 'grants',
      facts: [
        {
          label: 'role',
          value: `${kind} ${name}`,
          link: view ? { view, name, ...(kind === 'Role' ? { namespace } : {}) } : undefined,
        },
      ],
      table: {
        columns: ['type', 'name', 'namespace'],
        rows: listAt(object, 'subjects').map((subject): Cell[] => [
          textAt(subject, 'kind'),
          account(subject),
          textAt(subject, 'namespace'),
        ]),
      },
    },
  ]
}

/** Users and groups are no objects; service accounts are. */
function account(subject: unknown): Cell {
  const [name, namespace] = [textAt(subject, 'name'), textAt(subject, 'namespace')]
  if (textAt(subject, 'kind') !== 'ServiceAccount') return name
  return { text: name, link: { view: 'serviceaccounts', namespace, name } }
}

const policy: Sections = (object) => [
  {
    title: 'rules',
    facts: [
      { label: 'pods', value: selectorWords(at(object, 'spec', 'podSelector')) },
      { label: 'policyTypes', value: listAt(object, 'spec', 'policyTypes').map(String) },
    ],
    table: {
      columns: ['direction', 'peers', 'ports'],
      rows: [...peersOf(object, 'ingress', 'from'), ...peersOf(object, 'egress', 'to')],
    },
  },
]

/** An empty list of peers or of ports means all (kubernetes.io, "Network Policies"). */
const peersOf = (object: KubeObject, direction: 'ingress' | 'egress', field: 'from' | 'to'): Cell[][] =>
  listAt(object, 'spec', direction).map((rule) => [
    direction,
    listAt(rule, field).map(peerWords).join('\n') || '*',
    listAt(rule, 'ports').map(portWords).join(', ') || '*',
  ])

function peerWords(peer: unknown): string {
  const block = at(peer, 'ipBlock')
  if (block) return [textAt(block, 'cidr'), ...listAt(block, 'except').map((one) => `− ${String(one)}`)].join(' ')
  const parts: string[] = []
  if (at(peer, 'namespaceSelector')) parts.push(`Namespace ${selectorWords(at(peer, 'namespaceSelector')).join(', ')}`)
  if (at(peer, 'podSelector')) parts.push(`Pod ${selectorWords(at(peer, 'podSelector')).join(', ')}`)
  return parts.join(' · ')
}

function portWords(port: unknown): string {
  const end = textAt(port, 'endPort')
  return `${textAt(port, 'port') || '*'}${end ? `–${end}` : ''}/${textAt(port, 'protocol') || 'TCP'}`
}

/** `app=web`, `tier in (a, b)`; `*` selects all (kubernetes.io, "Labels and Selectors"). */
export function selectorWords(selector: unknown): string[] {
  const found = [
    ...pairsAt(selector, 'matchLabels'),
    ...listAt(selector, 'matchExpressions').map((one) => {
      const values = listAt(one, 'values')
      const operator = textAt(one, 'operator').toLowerCase()
      return `${textAt(one, 'key')} ${operator}${values.length > 0 ? ` (${values.join(', ')})` : ''}`
    }),
  ]
  return found.length > 0 ? found : ['*']
}

const budget: Sections = (object) => [
  {
    title: 'budget',
    facts: [
      { label: 'minAvailable', value: textAt(object, 'spec', 'minAvailable') },
      { label: 'maxUnavailable', value: textAt(object, 'spec', 'maxUnavailable') },
      { label: 'selector', value: selectorWords(at(object, 'spec', 'selector')) },
      { label: 'healthy', value: textAt(object, 'status', 'currentHealthy') },
      { label: 'desired', value: textAt(object, 'status', 'desiredHealthy') },
      { label: 'allowed', value: textAt(object, 'status', 'disruptionsAllowed') },
    ],
  },
]

export const policySections: Readonly<Record<string, Sections>> = {
  'roles.rbac.authorization.k8s.io': role,
  'clusterroles.rbac.authorization.k8s.io': role,
  'rolebindings.rbac.authorization.k8s.io': binding,
  'clusterrolebindings.rbac.authorization.k8s.io': binding,
  'networkpolicies.networking.k8s.io': policy,
  'poddisruptionbudgets.policy': budget,
}
