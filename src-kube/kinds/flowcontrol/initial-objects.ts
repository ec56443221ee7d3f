/**
 * What a cluster starts with of API Priority and Fairness (kubernetes.io, "API Priority and Fairness: Default Suggested / Mandatory
 * Configuration Objects").
 */
import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'

const API = 'flowcontrol.apiserver.k8s.io/v1'
const annotations = { 'apf.kubernetes.io/autoupdate-spec': 'true' }

/** A FlowSchema or PriorityLevelConfiguration as it is before a server has seen it. */
export type FlowControlObject = {
  apiVersion: string
  kind: string
  metadata: { name: string; annotations: Record<string, string> }
  spec: object
}

/** The objects that the server cannot do without: their specs stand whatever is stored. */
const mandatoryNames = ['exempt', 'catch-all']

interface Queuing {
  queues: number
  handSize: number
  queueLengthLimit: number
}

const level = (name: string, spec: object): FlowControlObject => ({
  apiVersion: API,
  kind: 'PriorityLevelConfiguration',
  metadata: { name, annotations },
  spec,
})

const limited = (name: string, shares: number, lendable: number, queuing?: Queuing): FlowControlObject =>
  level(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent: lendable,
      limitResponse: queuing ? { type: 'Queue', queuing } : { type: 'Reject' },
    },
  })

const group = (name: string) => ({ kind: 'Group', group: { name } })
const user = (name: string) => ({ kind: 'User', user: { name } })
const account = (name: string, namespace = 'kube-system') => ({
  kind: 'ServiceAccount',
  serviceAccount: { name, namespace },
})

const ofNodes = [group('system:nodes')]
const everyone = [group('system:unauthenticated'), group('system:authenticated')]
const manager = user('system:kube-controller-manager')
const scheduler = user('system:kube-scheduler')

const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }
const allPaths = { verbs: ['*'], nonResourceURLs: ['*'] }
const anything = { resourceRules: [everything], nonResourceRules: [allPaths] }

/** What tells the flows of a schema apart; nothing does where they are not told apart. */
type Distinguisher = 'ByUser' | 'ByNamespace' | ''

function schema(
  name: string,
  precedence: number,
  to: string,
  rules: object[],
  distinguisher: Distinguisher = 'ByUser',
): FlowControlObject {
  return {
    apiVersion: API,
    kind: 'FlowSchema',
    metadata: { name, annotations },
    spec: {
      matchingPrecedence: precedence,
      priorityLevelConfiguration: { name: to },
      ...(distinguisher ? { distinguisherMethod: { type: distinguisher } } : {}),
      rules,
    },
  }
}

const queued = (queues: number, handSize: number): Queuing => ({ queues, handSize, queueLengthLimit: 50 })

let mandatory: { schemas: FlowSchema[]; levels: PriorityLevelConfiguration[] } | undefined

/** The guardrails: `exempt` for `system:masters`, `catch-all` for what nothing else matches. */
export function mandatoryObjects(): NonNullable<typeof mandatory> {
  if (mandatory) return mandatory
  const objects = flowControlObjects().filter(({ metadata }) => mandatoryNames.includes(metadata.name))
  const ofKind = (kind: string): unknown[] => objects.filter((object) => object.kind === kind)
  mandatory = {
    schemas: ofKind('FlowSchema') as FlowSchema[],
    levels: ofKind('PriorityLevelConfiguration') as PriorityLevelConfiguration[],
  }
  return mandatory
}

/** Mandatory and suggested priority levels, then the flow schemas. */
export function flowControlObjects(): FlowControlObject[] {
  return [
    level('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
    limited('catch-all', 5, 0),
    limited('system', 30, 33, queued(64, 6)),
    limited('node-high', 40, 25, queued(64, 6)),
    limited('leader-election', 10, 0, queued(16, 4)),
    limited('workload-high', 40, 50, queued(128, 6)),
    limited('workload-low', 100, 90, queued(128, 6)),
    limited('global-default', 20, 50, queued(128, 6)),
    ...schemasOfParts(),
    ...schemasOfAll(),
  ]
}

const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }
const elections = { ...leases, verbs: ['get', 'create', 'update'] }

/** For requests of certain subjects to certain resources and paths. */
function schemasOfParts(): FlowControlObject[] {
  const probes = { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz'] }
  const inAll = { namespaces: ['*'] }
  const endpoints = { apiGroups: [''], resources: ['endpoints'], verbs: ['get', 'create', 'update'], ...inAll }
  const endpointControllers = [account('endpoint-controller'), account('endpointslicemirroring-controller')]
  const nodes = { apiGroups: [''], resources: ['nodes', 'nodes/status'], verbs: ['*'], clusterScope: true, ...inAll }
  return [
    schema('probes', 2, 'exempt', [{ subjects: everyone, nonResourceRules: [probes] }], ''),
    schema('system-leader-election', 100, 'leader-election', [
      { subjects: [manager, scheduler, account('*')], resourceRules: [{ ...elections, namespaces: ['kube-system'] }] },
    ]),
    schema('endpoint-controller', 150, 'workload-high', [
      { subjects: [manager, ...endpointControllers], resourceRules: [endpoints] },
    ]),
    schema('workload-leader-election', 200, 'leader-election', [
      { subjects: [account('*')], resourceRules: [{ ...elections, ...inAll }] },
    ]),
    schema('system-node-high', 400, 'node-high', [
      { subjects: ofNodes, resourceRules: [nodes, { ...leases, verbs: ['*'], ...inAll }] },
    ]),
  ]
}

/** For whatever certain subjects ask. */
function schemasOfAll(): FlowControlObject[] {
  const all = (name: string, precedence: number, to: string, subjects: object[], by?: Distinguisher) =>
    schema(name, precedence, to, [{ subjects, ...anything }], by)
  return [
    all('exempt', 1, 'exempt', [group('system:masters')], ''),
    all('system-nodes', 500, 'system', ofNodes),
    all('kube-controller-manager', 800, 'workload-high', [manager], 'ByNamespace'),
    all('kube-scheduler', 800, 'workload-high', [scheduler], 'ByNamespace'),
    all('kube-system-service-accounts', 900, 'workload-high', [account('*')], 'ByNamespace'),
    all('service-accounts', 9000, 'workload-low', [group('system:serviceaccounts')]),
    all('global-default', 9900, 'global-default', everyone),
    all('catch-all', 10_000, 'catch-all', everyone),
  ]
}
