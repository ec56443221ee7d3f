import { describe, expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'
import { refusal, template } from '../testing/refusals.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const view = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
const binding = (more: object) => ({ roleRef: view, ...more })

describe('roles and who has them', () => {
  test.each<[string, object, string]>([
    [
      'ClusterRole',
      { aggregationRule: { clusterRoleSelectors: [] } },
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ],
    [
      'ClusterRole',
      { aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'X' }] }] } },
      'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "X": not a valid selector operator',
    ],
    ['ClusterRole', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }, ''],
    [
      'RoleBinding',
      { roleRef: { ...view, apiGroup: 'x' } },
      'roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
    ],
    [
      'RoleBinding',
      binding({ subjects: [{ kind: 'User', name: 'u', apiGroup: 'x' }] }),
      'subjects[0].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
    ],
    [
      'RoleBinding',
      binding({ subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'b', apiGroup: 'z' }] }),
      'subjects[0].apiGroup: Unsupported value: "z": supported values: ""',
    ],
    [
      'RoleBinding',
      binding({ subjects: [{ kind: 'ServiceAccount', name: 'A_', namespace: 'b' }] }),
      'subjects[0].name: Invalid value: "A_": a lowercase RFC 1123 subdomain',
    ],
    ['RoleBinding', binding({ subjects: [{ kind: 'Group', name: 'g' }] }), ''],
    [
      'ClusterRoleBinding',
      binding({ subjects: [{ kind: 'ServiceAccount', name: 'a' }] }),
      'subjects[0].namespace: Required value',
    ],
  ])('%s %j', async (kind, body, words) => {
    const said = await refusal(RBAC, kind, body)
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })
})

describe('classes', () => {
  const priority = (name: string, value: number) =>
    refusal('scheduling.k8s.io/v1', 'PriorityClass', { metadata: { name }, value })
  const head =
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error:"
  test('only the system calls its priorities so', async () => {
    expect(await priority('system-x', 5)).toBe(`${head} system-x is not a known system priority class`)
    expect(await priority('system-node-critical', 5)).toBe(
      `${head} value of system-node-critical PriorityClass must be 2000001000`,
    )
    expect(await priority('system-node-critical', 2_000_001_000)).toBe('')
  })

  const runtime = (scheduling: object) => refusal('node.k8s.io/v1', 'RuntimeClass', { handler: 'h', scheduling })
  test('tolerations of runtimes are those of pods, each once', async () => {
    const one = { key: 'a', operator: 'Exists' }
    expect(await runtime({ tolerations: [one, { key: 'a', operator: 'X' }] })).toBe(
      'scheduling.tolerations[1].operator: Unsupported value: "X": supported values: "Equal", "Exists"',
    )
    expect(await runtime({ tolerations: [one, one] })).toContain('scheduling.tolerations[1]: Duplicate value')
    expect(await runtime({ tolerations: [one] })).toBe('')
  })

  const storage = (more: object) => refusal('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b', ...more })
  const keys = (...matchLabelExpressions: object[]) => storage({ allowedTopologies: [{ matchLabelExpressions }] })
  test('a storage class names places by keys, each once, with values', async () => {
    const at = 'allowedTopologies[0].matchLabelExpressions'
    expect(await keys({ key: 'z', values: ['a'] })).toBe('')
    expect(await keys({ key: 'z', values: [] })).toBe(`${at}[0].values: Required value`)
    expect(await keys({ key: 'z', values: ['a', 'a'] })).toBe(`${at}[0].values[1]: Duplicate value: "a"`)
    expect(await keys({ key: 'a b', values: ['a'] })).toContain(`${at}[0].key: Invalid value: "a b"`)
    expect(await keys({ key: 'z', values: ['a'] }, { key: 'z', values: ['b'] })).toBe(
      `${at}[1].key: Duplicate value: "z"`,
    )
    expect(await storage({ parameters: { '': 'x' } })).toBe('parameters: Invalid value: "": field can not be empty.')
  })
})

describe('volumes', () => {
  const base = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] }
  test.each<[object, string]>([
    [{ hostPath: { path: '/a' } }, ''],
    [
      { hostPath: { path: '/a' }, capacity: { storage: '0' } },
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
    ],
    [{ hostPath: { path: '/a/../b' } }, 'spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
    [{ hostPath: { path: '' } }, 'spec.hostPath.path: Required value'],
    [
      { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' },
      "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
    ],
    [{ local: { path: '/a' } }, 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
    [{ csi: { driver: 'a' } }, 'spec.csi.volumeHandle: Required value'],
    [{ hostPath: { path: '/a' }, storageClassName: 'A_' }, 'spec.storageClassName: Invalid value: "A_"'],
    [
      { hostPath: { path: '/a' }, volumeMode: 'X' },
      'spec.volumeMode: Unsupported value: "X": supported values: "Block", "Filesystem"',
    ],
    [
      { hostPath: { path: '/a' }, nodeAffinity: {} },
      'spec.nodeAffinity.required: Required value: must specify required node constraints',
    ],
    [
      { hostPath: { path: '/a' }, nodeAffinity: { required: { nodeSelectorTerms: [] } } },
      'spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
  ])('%j', async (more, words) => {
    const said = await refusal('v1', 'PersistentVolume', { spec: { ...base, ...more } })
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })

  const wish = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  test.each<[object, string]>([
    [{}, ''],
    [
      { resources: { requests: { storage: '0' } } },
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
    [
      { selector: { matchExpressions: [{ key: 'a', operator: 'X' }] } },
      'spec.selector.matchExpressions[0].operator: Invalid value: "X": not a valid selector operator',
    ],
    [{ dataSource: { kind: 'PersistentVolumeClaim', name: '' } }, 'spec.dataSource.name: Required value'],
    [
      { dataSource: { kind: 'A', name: 'a' }, dataSourceRef: { kind: 'A', name: 'b' } },
      'spec: Invalid value: {}: must match dataSourceRef',
    ],
    [
      { accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] },
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
  ])('claims: %j', async (more, words) => {
    expect(await refusal('v1', 'PersistentVolumeClaim', { spec: { ...wish, ...more } })).toBe(words)
  })
})

describe('nodes', () => {
  test.each<[object, string]>([
    [{ spec: { podCIDRs: ['10.0.0.0/24', 'fd00::/64'] } }, ''],
    [
      { spec: { podCIDRs: ['10.0.0.0/33'] } },
      'spec.podCIDRs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value',
    ],
    [
      { status: { capacity: { cpu: '-1' } } },
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ])('%j', async (node, words) => {
    const said = await refusal('v1', 'Node', node)
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })
})

test('a node gives away what it has, and its range is the first of its ranges', async () => {
  const { registry, write } = await arrange()
  const born = async (name: string, more: object) =>
    (
      await registry.create(
        at('v1', 'Node', ''),
        { apiVersion: 'v1', kind: 'Node', metadata: { name }, ...more },
        write,
      )
    ).object
  expect(await born('a', { status: { capacity: { cpu: '2' } } })).toMatchObject({
    status: { capacity: { cpu: '2' }, allocatable: { cpu: '2' } },
  })
  expect(await born('b', { spec: { podCIDR: '10.0.0.0/24' } })).toMatchObject({ spec: { podCIDRs: ['10.0.0.0/24'] } })
  expect(await born('c', { spec: { podCIDRs: ['10.0.1.0/24'] } })).toMatchObject({ spec: { podCIDR: '10.0.1.0/24' } })
})

test('a node keeps the ranges of its pods, by whichever of their two fields it was changed', async () => {
  const { registry, write } = await arrange()
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: { podCIDR: '10.0.0.0/24' } }
  await registry.create(at('v1', 'Node', ''), node, write)
  const change = (spec: object) =>
    registry.patch(at('v1', 'Node', '', 'a'), 'application/merge-patch+json', { spec }, write)
  const words =
    '[spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid, []: Forbidden: node updates may only change labels, taints, or capacity]'
  await expect(change({ podCIDR: '10.0.1.0/24' })).rejects.toThrow(words)
  await expect(change({ podCIDRs: ['10.0.1.0/24'], podCIDR: null })).rejects.toThrow(words)
  await expect(change({ externalID: 'x' })).rejects.toThrow(
    /^Node "a" is invalid: \[\]: Forbidden: node updates may only/,
  )
  await expect(change({ unschedulable: true })).resolves.toMatchObject({ object: { spec: { unschedulable: true } } })
})

test('owners have all four of their parts, and are no events', async () => {
  const owned = (ownerReferences: object[]) => refusal('v1', 'ConfigMap', { metadata: { name: 'x', ownerReferences } })
  expect(await owned([{}])).toBe(
    '[metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty, metadata.ownerReferences.kind: Invalid value: "": must not be empty, metadata.ownerReferences.name: Invalid value: "": must not be empty, metadata.ownerReferences.uid: Invalid value: "": must not be empty]',
  )
  expect(await owned([{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'u' }])).toContain(
    '/v1, Kind=Event is disallowed from being an owner',
  )
})

test('endpoints name nodes as nodes are named', async () => {
  const subsets = [{ addresses: [{ ip: '10.0.0.1', nodeName: 'A_' }], ports: [{ port: 80 }] }]
  expect(await refusal('v1', 'Endpoints', { subsets })).toContain(
    'subsets[0].addresses[0].nodeName: Invalid value: "A_"',
  )
})

test('a budget is wrong in all that is wrong with it', async () => {
  const spec = { minAvailable: -1, maxUnavailable: '101%', selector: { matchLabels: { a: '_' } } }
  const said = await refusal('policy/v1', 'PodDisruptionBudget', { spec })
  for (const words of [
    'minAvailable and maxUnavailable cannot be both set, spec.minAvailable: Invalid value: -1: must be greater than or equal to 0',
    ', spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ', spec.selector.matchLabels: Invalid value: "_": ',
  ])
    expect(said).toContain(words)
})

test('resources without a domain are known ones', async () => {
  const words = 'must be a standard resource type or fully qualified'
  expect(await refusal('v1', 'ResourceQuota', { spec: { hard: { foo: '1' } } })).toBe(
    `[spec.hard[foo]: Invalid value: "foo": ${words}, spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota]`,
  )
  const pod = (limits: object) =>
    refusal('v1', 'Pod', { spec: { containers: [{ name: 'c', image: 'i', resources: { limits } }] } })
  const at0 = 'spec.containers[0].resources.limits'
  expect(await pod({ foo: '1' })).toContain(
    `${at0}[foo]: Invalid value: "foo": ${words}, ${at0}[foo]: Invalid value: "foo": must be a standard resource for containers`,
  )
  expect(await pod({ pods: '1' })).not.toContain(words)
})

test('a selector that means nothing is compared with nothing', async () => {
  const spec = { selector: { matchExpressions: [{ key: 'a', operator: 'Foo' }] }, template: template({ a: 'b' }) }
  const said = (kind: string) => refusal('apps/v1', kind, { spec })
  expect(await said('Deployment')).toMatch(/not a valid selector operator, spec.selector: .*: invalid label selector/)
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'])
    expect(await said(kind)).not.toContain('does not match template')
})

test('paths of webhooks have names for segments, and their rules say nothing twice', async () => {
  const hook = (service: object, resources: readonly string[] = ['pods']) =>
    refusal('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: [
        {
          name: 'a.b.c',
          clientConfig: { service: { name: 'a', namespace: 'b', ...service } },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources }],
        },
      ],
    })
  const at = 'webhooks[0].clientConfig.service'
  expect(await hook({ path: '/a/b/' })).toBe('')
  expect(await hook({ path: '/' })).toBe('')
  expect(await hook({ path: '/a//b' })).toBe(`${at}.path: Invalid value: "/a//b": segment[1] may not be empty`)
  expect(await hook({ path: '/A_' })).toContain(`${at}.path: Invalid value: "/A_": segment[0]: a lowercase RFC 1123`)
  expect(await hook({ port: 0 })).toBe(
    `${at}.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive`,
  )
  const rule = 'webhooks[0].rules[0].resources: Invalid value'
  expect(await hook({}, ['*/*', 'pods'])).toBe(
    `${rule}: ["*/*","pods"]: if '*/*' is present, must not specify other resources`,
  )
  expect(await hook({}, ['*', 'pods'])).toBe(
    `${rule}: ["*","pods"]: if '*' is present, must not specify other resources without subresources`,
  )
  expect(await hook({}, ['*', 'pods/log'])).toBe('')
})

test('keys of topology are said once, groups of APIs have names, limits have a type', async () => {
  const drivers = [{ name: 'a', nodeID: 'x', topologyKeys: ['z', 'z'] }]
  expect(await refusal('storage.k8s.io/v1', 'CSINode', { spec: { drivers } })).toBe(
    'spec.drivers[0].topologyKeys: Duplicate value: "z"',
  )
  const priorities = { groupPriorityMinimum: 1, versionPriority: 1 }
  expect(
    await refusal('apiregistration.k8s.io/v1', 'APIService', {
      metadata: { name: 'v2.' },
      spec: { version: 'v2', ...priorities },
    }),
  ).toContain('spec.group: Required value: only v1 may have an empty group and it better be legacy kube')
  expect(await refusal('v1', 'LimitRange', { spec: { limits: [{ type: '' }] } })).toContain(
    'spec.limits[0].type: Invalid value: "": name part must be non-empty',
  )
})

describe('jobs', () => {
  const pods = (labels?: object) => ({
    ...(labels ? { metadata: { labels } } : {}),
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
  })
  const labelsOf = async (metadata: object, labels?: object) => {
    const { registry, write } = await arrange()
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: pods(labels) } }
    return Object.keys(
      (await registry.create(at('batch/v1', 'Job', 'd'), job, write)).object.metadata.labels ?? {},
    ).sort()
  }
  const own = ['batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'controller-uid', 'job-name']

  test('without labels have those of their pods', async () => {
    expect(await labelsOf({ name: 'j' })).toEqual(own)
    expect(await labelsOf({ name: 'j' }, { a: 'b' })).toEqual(['a', ...own])
    expect(await labelsOf({ name: 'j', labels: { a: 'b' } }, { a: 'b' })).toEqual(['a'])
  })

  test('choose their selector only when they say so', async () => {
    const spec = { template: pods({ a: 'b' }), selector: { matchLabels: { a: 'b' } } }
    expect(await refusal('batch/v1', 'Job', { spec })).toMatch(
      /^spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io\/controller-uid":".*","a":"b"}}: `selector` not auto-generated$/,
    )
    expect(await refusal('batch/v1', 'Job', { spec: { ...spec, manualSelector: true } })).toBe('')
    for (const selector of [{}, { matchLabels: {} }])
      expect(await refusal('batch/v1', 'Job', { spec: { ...spec, selector } })).toBe('')
  })
})

test('classes of ingresses have a controller, and parameters of a kind and a name', async () => {
  const said = (spec: object) => refusal('networking.k8s.io/v1', 'IngressClass', { spec })
  expect(await said({})).toBe('spec.controller: Required value')
  const parameters = { apiGroup: 'A_', kind: '', name: '' }
  expect(await said({ controller: 'a.b/c', parameters })).toMatch(
    /spec.parameters.apiGroup: Invalid value: "A_": .*spec.parameters.kind: Required value: kind is required, spec.parameters.name: Required value: name is required/,
  )
})

test('a request for a certificate says what the key is for', async () => {
  expect(await refusal('certificates.k8s.io/v1', 'CertificateSigningRequest', { spec: {} })).toContain(
    'spec.usages: Required value: usages must be provided',
  )
})

test('counts that a status always has are there from the start', async () => {
  const { registry, write } = await arrange()
  const selector = { matchLabels: { a: 'b' } }
  const workload = { selector, template: template({ a: 'b' }) }
  const status = async (apiVersion: string, kind: string, spec: object = workload) =>
    (await registry.create(at(apiVersion, kind, 'd'), { apiVersion, kind, metadata: { name: 'x' }, spec }, write))
      .object['status']
  expect(await status('apps/v1', 'ReplicaSet')).toEqual({ replicas: 0 })
  expect(await status('apps/v1', 'Deployment')).toEqual({})
  expect(await status('apps/v1', 'DaemonSet')).toMatchObject({ desiredNumberScheduled: 0, numberReady: 0 })
  expect(await status('policy/v1', 'PodDisruptionBudget', { selector })).toMatchObject({
    disruptionsAllowed: 0,
    expectedPods: 0,
  })
})
