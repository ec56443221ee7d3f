import { describe, expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'
import { saidAgainst } from '../testing/refusals.ts'

/** What the server says of an object, and when it is good, of a change to it. */
async function said(apiVersion: string, kind: string, body: object, change?: object): Promise<string> {
  const { registry, write } = await arrange()
  const metadata = { name: 'x', ...(body as { metadata?: object }).metadata }
  const target = at(apiVersion, kind, 'd', metadata.name)
  if (target.descriptor.scope === 'Cluster') target.namespace = ''
  const object = { apiVersion, kind, ...body, metadata }
  return saidAgainst(async () => {
    const made = await registry.create({ ...target, name: '' }, object, write)
    const { resourceVersion } = made.object.metadata
    if (change)
      await registry.update(target, { ...object, ...change, metadata: { ...metadata, resourceVersion } }, write)
  })
}

const STORAGE = 'storage.k8s.io/v1'
const driver = { name: 'd.io', nodeID: 'n' }
const attach = { attacher: 'd.io', nodeName: 'n', source: { persistentVolumeName: 'pv' } }

describe('storage', () => {
  test.each<[string, object, string]>([
    ['CSIDriver', { spec: {} }, ''],
    [
      'CSIDriver',
      { metadata: { name: `${'a'.repeat(64)}` }, spec: {} },
      'metadata.name: Too long: may not be more than 63 bytes',
    ],
    ['CSIDriver', { spec: { volumeLifecycleModes: ['Odd'] } }, 'supported values: "Ephemeral", "Persistent"'],
    ['CSIDriver', { spec: { fsGroupPolicy: 'Odd' } }, 'spec.fsGroupPolicy: Unsupported value: "Odd"'],
    [
      'CSIDriver',
      { spec: { tokenRequests: [{ audience: 'a' }, { audience: 'a' }] } },
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
    ],
    [
      'CSIDriver',
      { spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 599 }] } },
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ],
    [
      'CSIDriver',
      { spec: { serviceAccountTokenInSecrets: true } },
      'spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ],
    ['CSIDriver', { spec: { serviceAccountTokenInSecrets: true, tokenRequests: [{ audience: '' }] } }, ''],
    [
      'CSIDriver',
      { spec: { nodeAllocatableUpdatePeriodSeconds: 9 } },
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
    ],
    ['CSINode', { spec: { drivers: [driver] } }, ''],
    ['CSINode', { spec: { drivers: [driver, driver] } }, 'spec.drivers[1].name: Duplicate value: "d.io"'],
    ['CSINode', { spec: { drivers: [{ name: '', nodeID: '' }] } }, 'spec.drivers[0].name: Required value'],
    [
      'CSINode',
      { spec: { drivers: [{ ...driver, nodeID: 'x'.repeat(193), topologyKeys: ['/'], allocatable: { count: -1 } }] } },
      'must be 192 characters or less',
    ],
    ['CSIStorageCapacity', { storageClassName: '' }, 'storageClassName: Required value'],
    ['CSIStorageCapacity', { storageClassName: '_' }, 'storageClassName: Invalid value: "_"'],
    ['VolumeAttachment', { spec: attach }, ''],
    [
      'VolumeAttachment',
      { spec: { ...attach, nodeName: '', source: {} } },
      'must specify exactly one of inlineVolumeSpec and persistentVolumeName',
    ],
    [
      'VolumeAttachment',
      { spec: { ...attach, source: { ...attach.source, inlineVolumeSpec: {} } } },
      'spec.source: Forbidden',
    ],
  ])('%s %j: %s', async (kind, body, words) => {
    const answer = await said(STORAGE, kind, body)
    if (words === '') expect(answer).toBe('')
    else expect(answer).toContain(words)
  })

  test.each<[string, object, object, string]>([
    [
      'CSIDriver',
      { spec: {} },
      { spec: { attachRequired: false } },
      'spec.attachRequired: Invalid value: false: field is immutable',
    ],
    [
      'CSINode',
      { spec: { drivers: [driver] } },
      { spec: { drivers: [{ ...driver, nodeID: 'm' }] } },
      'field is immutable',
    ],
    ['CSINode', { spec: { drivers: [driver] } }, { spec: { drivers: [{ ...driver, allocatable: { count: 3 } }] } }, ''],
    [
      'CSIStorageCapacity',
      { storageClassName: 'a' },
      { storageClassName: 'b' },
      'storageClassName: Invalid value: "b": field is immutable',
    ],
    ['VolumeAttachment', { spec: attach }, { spec: { ...attach, nodeName: 'm' } }, 'field is immutable'],
  ])('%s changes: %j', async (kind, body, change, words) => {
    const answer = await said(STORAGE, kind, body, change)
    if (words === '') expect(answer).toBe('')
    else expect(answer).toContain(words)
  })
})

const subject = { kind: 'User', user: { name: 'u' } }
const resource = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true }
const schema = (more: object) => ({ spec: { priorityLevelConfiguration: { name: 'p' }, ...more } })
const level = (limited: object) => ({ spec: { type: 'Limited', limited } })

test.each<[string, object, string]>([
  ['FlowSchema', schema({ rules: [{ subjects: [subject], resourceRules: [resource] }] }), ''],
  [
    'FlowSchema',
    schema({ priorityLevelConfiguration: { name: '' } }),
    'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
  ],
  [
    'FlowSchema',
    schema({ matchingPrecedence: 0 }),
    'spec.matchingPrecedence: Invalid value: 0: must be a positive value',
  ],
  ['FlowSchema', schema({ matchingPrecedence: 10_001 }), 'must not be greater than 10000'],
  ['FlowSchema', schema({ distinguisherMethod: { type: 'Odd' } }), 'supported values: "ByNamespace", "ByUser"'],
  [
    'FlowSchema',
    schema({ rules: [{ subjects: [] }] }),
    'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
  ],
  [
    'FlowSchema',
    schema({
      rules: [
        {
          subjects: [{ kind: 'Odd' }],
          resourceRules: [{ verbs: [], apiGroups: [], resources: [] }],
          nonResourceRules: [{ verbs: [], nonResourceURLs: [] }],
        },
      ],
    }),
    'resource rules that are not cluster scoped must supply at least one namespace',
  ],
  ['PriorityLevelConfiguration', level({ limitResponse: { type: 'Reject' } }), ''],
  ['PriorityLevelConfiguration', { spec: { type: 'Odd' } }, 'supported values: "Exempt", "Limited"'],
  [
    'PriorityLevelConfiguration',
    { spec: { type: 'Exempt', limited: { limitResponse: { type: 'Reject' } } } },
    'spec.limited: Forbidden',
  ],
  ['PriorityLevelConfiguration', { spec: { type: 'Limited' } }, 'spec.limited: Required value'],
  [
    'PriorityLevelConfiguration',
    {
      spec: {
        type: 'Limited',
        exempt: {},
        limited: { nominalConcurrencyShares: -1, limitResponse: { type: 'Queue' } },
      },
    },
    'spec.limited.limitResponse.queuing: Required value',
  ],
  ['FlowSchema', schema({ matchingPrecedence: 1 }), "only the schema named 'exempt' may have matchingPrecedence 1"],
  ['FlowSchema', { metadata: { name: 'exempt' }, ...schema({}) }, "spec of 'exempt' must equal the fixed value"],
  [
    'PriorityLevelConfiguration',
    { metadata: { name: 'catch-all' }, ...level({ limitResponse: { type: 'Reject' } }) },
    "spec of 'catch-all' must equal the fixed value",
  ],
  [
    'PriorityLevelConfiguration',
    { metadata: { name: 'exempt' }, ...level({ limitResponse: { type: 'Reject' } }) },
    "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value",
  ],
  [
    'PriorityLevelConfiguration',
    { metadata: { name: 'exempt' }, spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 7 } } },
    '',
  ],
  [
    'PriorityLevelConfiguration',
    { spec: { type: 'Exempt' } },
    "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'",
  ],
  [
    'PriorityLevelConfiguration',
    level({ lendablePercent: 101, borrowingLimitPercent: -1, limitResponse: { type: 'Reject' } }),
    'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
  ],
  [
    'PriorityLevelConfiguration',
    level({ limitResponse: { type: 'Queue', queuing: { queues: 4, handSize: 8 } } }),
    'spec.limited.limitResponse.queuing.handSize: Invalid value: 8: should not be greater than queues (4)',
  ],
  [
    'PriorityLevelConfiguration',
    level({ limitResponse: { type: 'Queue', queuing: { queues: -1, handSize: -1, queueLengthLimit: -1 } } }),
    'spec.limited.limitResponse.queuing.queues: Invalid value: -1: must be positive',
  ],
  [
    'PriorityLevelConfiguration',
    level({ limitResponse: { type: 'Queue', queuing: { queues: 4096, handSize: 10 } } }),
    'required entropy bits of deckSize 4096 and handSize 10 should not be greater than 60',
  ],
  [
    'PriorityLevelConfiguration',
    level({ limitResponse: { type: 'Reject', queuing: {} } }),
    'spec.limited.limitResponse.queuing: Forbidden',
  ],
])('%s %j: %s', async (kind, body, words) => {
  const answer = await said('flowcontrol.apiserver.k8s.io/v1', kind, body)
  if (words === '') expect(answer).toBe('')
  else expect(answer).toContain(words)
})

const parent = { parentRef: { resource: 'services', name: 's', namespace: 'n' } }

test.each<[string, object, object | undefined, string]>([
  ['ServiceCIDR', { spec: { cidrs: ['10.0.0.0/16', '2001:db8::/64'] } }, undefined, ''],
  ['ServiceCIDR', { spec: {} }, undefined, 'spec.cidrs: Required value: at least one CIDR required'],
  ['ServiceCIDR', { spec: { cidrs: ['a', 'b', 'c'] } }, undefined, 'may only hold up to 2 values'],
  ['ServiceCIDR', { spec: { cidrs: ['10.0.0.0'] } }, undefined, 'must be a valid CIDR value'],
  [
    'ServiceCIDR',
    { spec: { cidrs: ['10.0.0.0/16', '10.1.0.0/16'] } },
    undefined,
    'may specify no more than one IP for each IP family',
  ],
  ['ServiceCIDR', { spec: { cidrs: ['10.0.0.0/16'] } }, { spec: { cidrs: ['10.1.0.0/16'] } }, 'field is immutable'],
  ['IPAddress', { metadata: { name: '10.0.0.1' }, spec: parent }, undefined, ''],
  ['IPAddress', { spec: parent }, undefined, 'metadata.name: Invalid value: "x": must be a valid IP address'],
  ['IPAddress', { metadata: { name: '10.0.0.1' }, spec: {} }, undefined, 'spec.parentRef: Required value'],
  [
    'IPAddress',
    { metadata: { name: '10.0.0.1' }, spec: { parentRef: {} } },
    undefined,
    'spec.parentRef.resource: Required value',
  ],
  [
    'IPAddress',
    { metadata: { name: '10.0.0.1' }, spec: parent },
    { spec: { parentRef: { ...parent.parentRef, name: 't' } } },
    'field is immutable',
  ],
])('%s %j, %j: %s', async (kind, body, change, words) => {
  const answer = await said('networking.k8s.io/v1', kind, body, change)
  if (words === '') expect(answer).toBe('')
  else expect(answer).toContain(words)
})

test('A template is that of a pod, and a revision stays what it was', async () => {
  expect(await said('v1', 'PodTemplate', { template: { spec: { containers: [] } } })).toBe(
    'template.spec.containers: Required value',
  )
  expect(await said('apps/v1', 'ControllerRevision', { revision: -1 })).toContain('revision: Invalid value: -1')
  const words = await said('apps/v1', 'ControllerRevision', { revision: 1, data: { a: 1 } }, { data: { a: 2 } })
  expect(words).toBe('data: Invalid value: {"a":2}: field is immutable')
})
