/**
 * What a cluster starts with of API Priority and Fairness (kubernetes.io, "API Priority and Fairness: Default Suggested / Mandatory Configuration
 * Objects"). This server answers one request after the other and queues none; the objects are there for who reads and extends them.
 */
const API = 'flowcontrol.apiserver.k8s.io/v1'
const ANNOTATIONS = { 'apf.kubernetes.io/autoupdate-spec': 'true' }

interface FlowControlObject {
  apiVersion: string
  kind: string
  metadata: { name: string; annotations: Record<string, string> }
  spec: object
  status?: object
}

interface Queuing {
  queues: number
  handSize: number
  queueLengthLimit: number
}

const level = (name: string, spec: object): FlowControlObject => ({
  apiVersion: API,
  kind: 'PriorityLevelConfiguration',
  metadata: { name, annotations: ANNOTATIONS },
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

const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }
const allPaths = { verbs: ['*'], nonResourceURLs: ['*'] }
const anything = { resourceRules: [everything], nonResourceRules: [allPaths] }

function schema(
  name: string,
  precedence: number,
  to: string,
  rules: object[],
  distinguisher: 'ByUser' | 'ByNamespace' | '' = 'ByUser',
): FlowControlObject {
  return {
    apiVersion: API,
    kind: 'FlowSchema',
    metadata: { name, annotations: ANNOTATIONS },
    spec: {
      matchingPrecedence: precedence,
      priorityLevelConfiguration: { name: to },
      ...(distinguisher ? { distinguisherMethod: { type: distinguisher } } : {}),
      rules,
    },
  }
}

const system = { resources: ['leases'], verbs: ['get', 'create', 'update'], apiGroups: ['coordination.k8s.io'] }

/** Mandatory and suggested priority levels, then the flow schemas, by precedence. */
export function flowControlObjects(): FlowControlObject[] {
  const short = (queues: number, handSize: number): Queuing => ({ queues, handSize, queueLengthLimit: 50 })
  return [
    level('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
    limited('catch-all', 5, 0),
    limited('system', 30, 33, short(64, 6)),
    limited('node-high', 40, 25, short(64, 6)),
    limited('leader-election', 10, 0, short(16, 4)),
    limited('workload-high', 40, 50, short(128, 6)),
    limited('workload-low', 100, 90, short(128, 6)),
    limited('global-default', 20, 50, short(128, 6)),
    ...flowSchemas(),
  ]
}

function flowSchemas(): FlowControlObject[] {
  const nodes = [group('system:nodes')]
  const probes = { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz'] }
  const own = (name: string) => account(name)
  return [
    schema('exempt', 1, 'exempt', [{ subjects: [group('system:masters')], ...anything }], ''),
    schema('probes', 2, 'exempt', [{ subjects: EVERYONE, nonResourceRules: [probes] }], ''),
    schema('system-leader-election', 100, 'leader-election', [
      {
        subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler'), account('*')],
        resourceRules: [{ ...system, namespaces: ['kube-system'] }],
      },
    ]),
    schema('endpoint-controller', 150, 'workload-high', [
      {
        subjects: [
          user('system:kube-controller-manager'),
          own('endpoint-controller'),
          own('endpointslicemirroring-controller'),
        ],
        resourceRules: [
          { verbs: ['get', 'create', 'update'], apiGroups: [''], resources: ['endpoints'], namespaces: ['*'] },
        ],
      },
    ]),
    schema('workload-leader-election', 200, 'leader-election', [
      { subjects: [account('*')], resourceRules: [{ ...system, namespaces: ['*'] }] },
    ]),
    schema('system-node-high', 400, 'node-high', [
      {
        subjects: nodes,
        resourceRules: [
          {
            verbs: ['*'],
            apiGroups: [''],
            resources: ['nodes', 'nodes/status'],
            clusterScope: true,
            namespaces: ['*'],
          },
          { verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] },
        ],
      },
    ]),
    schema('system-nodes', 500, 'system', [{ subjects: nodes, ...anything }]),
    schema(
      'kube-controller-manager',
      800,
      'workload-high',
      [{ subjects: [user('system:kube-controller-manager')], ...anything }],
      'ByNamespace',
    ),
    schema(
      'kube-scheduler',
      800,
      'workload-high',
      [{ subjects: [user('system:kube-scheduler')], ...anything }],
      'ByNamespace',
    ),
    schema(
      'kube-system-service-accounts',
      900,
      'workload-high',
      [{ subjects: [account('*')], ...anything }],
      'ByNamespace',
    ),
    schema('service-accounts', 9000, 'workload-low', [{ subjects: [group('system:serviceaccounts')], ...anything }]),
    schema('global-default', 9900, 'global-default', [{ subjects: EVERYONE, ...anything }]),
    schema('catch-all', 10_000, 'catch-all', [{ subjects: EVERYONE, ...anything }]),
  ]
}

const EVERYONE = [group('system:unauthenticated'), group('system:authenticated')]
