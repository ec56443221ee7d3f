import type { Pod, PodSpec } from '#types/core/v1'
import { expect, test } from 'vitest'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import type { StrategyContext } from '../../strategy.ts'
import { validateEphemeralChange } from './ephemeral.ts'
import { podStrategy } from './pod.ts'
import { validatePodSpec, validatePodTemplate } from './spec.ts'

const container = { name: 'c', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' }
const base = { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', containers: [container] }
/** Written loosely, because what is wrong with it is the point. */
const spec = (more: object): PodSpec => ({ ...base, ...more }) as PodSpec
const inContainer = (more: object): PodSpec => spec({ containers: [{ ...container, ...more }] })
const errorsOf = (pod: PodSpec) =>
  validatePodSpec(pod, fieldPath('spec')).map(({ field, message }) => `${field}: ${message}`)
const nodeTerm = (requirement: object) =>
  spec({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [requirement] }] },
      },
    },
  })
const NODE_TERM_PATH =
  'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]'

test.each<[string, PodSpec, string]>([
  [
    'node affinity knows its operators',
    nodeTerm({ key: 'a', operator: 'Is' }),
    `${NODE_TERM_PATH}.operator: Invalid value: "Is": not a valid selector operator`,
  ],
  [
    'Gt compares with one value',
    nodeTerm({ key: 'a', operator: 'Gt', values: ['1', '2'] }),
    `${NODE_TERM_PATH}.values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
  ],
  [
    'node affinity has terms',
    spec({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    }),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    'weights go from 1 to 100',
    spec({
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, podAffinityTerm: { topologyKey: 'a' } }],
        },
      },
    }),
    'spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
  ],
  [
    'a volume of an image names it',
    spec({ volumes: [{ name: 'v', image: { pullPolicy: 'Always' } }] }),
    'spec.volumes[0].image.reference: Required value',
  ],
  [
    'a volume of an image is fetched in known ways',
    spec({ volumes: [{ name: 'v', image: { reference: 'i', pullPolicy: 'Now' } }] }),
    'spec.volumes[0].image.pullPolicy: Unsupported value: "Now": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    'users of its own exclude disks of the node',
    spec({
      hostUsers: false,
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'v' } }],
      containers: [{ ...container, volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }],
    }),
    'spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false',
  ],
  [
    'a variable from a file says where it stands',
    inContainer({ env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: '../x', key: 'K' } } }] }),
    'spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: "../x": must not contain \'..\'',
  ],
  [
    'a variable from a file is called as variables are',
    inContainer({ env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'x', key: 'a=b' } } }] }),
    'spec.containers[0].env[0].valueFrom.fileKeyRef.key: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
  ],
  [
    'labels of volumes are changed in known ways',
    spec({ securityContext: { seLinuxChangePolicy: 'Now' } }),
    'spec.securityContext.seLinuxChangePolicy: Unsupported value: "Now": supported values: "MountOption", "Recursive"',
  ],
  [
    'no resize starts an init container anew',
    spec({
      initContainers: [
        { ...container, name: 'i', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] },
      ],
    }),
    'spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to \'RestartContainer\' for non-sidecar initContainers',
  ],
  [
    'tolerations know their operators',
    spec({ tolerations: [{ key: 'a', operator: 'Maybe' }] }),
    'spec.tolerations[0].operator: Unsupported value: "Maybe": supported values: "Equal", "Exists"',
  ],
  [
    'spread constraints are not repeated',
    spec({
      topologySpreadConstraints: [1, 2].map((maxSkew) => ({
        maxSkew,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
      })),
    }),
    'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"',
  ],
  [
    'users are numbers of the kernel',
    inContainer({ securityContext: { runAsUser: -1 } }),
    'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    'sysctls have names of the kernel',
    spec({ securityContext: { sysctls: [{ name: 'foo-', value: '1' }] } }),
    'spec.securityContext.sysctls[0].name: Invalid value: "foo-": must have at most 253 characters and match regex ([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?',
  ],
  [
    'a port of the node is taken once',
    spec({
      containers: ['a', 'b'].map((name) => ({
        ...container,
        name,
        ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
      })),
    }),
    'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    'a probe has one handler',
    inContainer({ livenessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 80 } } }),
    'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  ],
  [
    'a hook has a handler',
    inContainer({ lifecycle: { preStop: {} } }),
    'spec.containers[0].lifecycle.preStop: Required value: must specify a handler type',
  ],
  [
    'a volume has one source',
    spec({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }),
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [
    'volumes have names of their own',
    spec({
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    }),
    'spec.volumes[1].name: Duplicate value: "v"',
  ],
  [
    'block devices are claims',
    spec({
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [{ ...container, volumeDevices: [{ name: 'v', devicePath: '/d' }] }],
    }),
    'spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
  ],
  [
    'devices are counted in whole pieces',
    inContainer({ resources: { limits: { 'a.b/c': '500m' } } }),
    'spec.containers[0].resources.limits[a.b/c]: Invalid value: "500m": must be an integer',
  ],
  [
    'devices are not overcommitted',
    inContainer({ resources: { requests: { 'a.b/c': '1' } } }),
    'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    'aliases are of addresses',
    spec({ hostAliases: [{ ip: 'a', hostnames: ['b'] }] }),
    'spec.hostAliases[0].ip: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    'a resolver asks three servers at most',
    spec({ dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] } }),
    'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers',
  ],
  [
    'ephemeral containers have no ports',
    spec({ ephemeralContainers: [{ ...container, name: 'e', ports: [{ containerPort: 1 }] }] }),
    'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
  ],
  [
    'environments take fields that exist',
    inContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x',
  ],
  [
    "ports of a pod on the network of the node are the node's",
    spec({
      hostNetwork: true,
      containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 81, protocol: 'TCP' }] }],
    }),
    'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  ],
  [
    'a profile of the node is not looked for above its folder',
    spec({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a/../b' } } }),
    'spec.securityContext.seccompProfile.localhostProfile: Invalid value: "a/../b": must not contain \'..\'',
  ],
  [
    'keys in environments are those of a ConfigMap',
    inContainer({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: '..' } } }] }),
    'spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Invalid value: "..": must not be \'..\'',
  ],
  [
    'environments take no whole maps',
    inContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
  ],
  [
    'files have fields that exist',
    spec({ volumes: [{ name: 'v', downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'x' } }] } }] }),
    'spec.volumes[0].downwardAPI.fieldRef.fieldPath: Invalid value: "x": error converting fieldPath: field label not supported: x',
  ],
  [
    'a second handler of a probe is one too many, whatever is wrong with it',
    inContainer({ livenessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 'A_' } } }),
    'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  ],
  [
    'disks of clouds have an identity',
    spec({ volumes: [{ name: 'v', gcePersistentDisk: { pdName: '' } }] }),
    'spec.volumes[0].persistentDisk.pdName: Required value',
  ],
  [
    'a target of iSCSI has a name of its kind',
    spec({ volumes: [{ name: 'v', iscsi: { targetPortal: 'a', iqn: 'b', lun: 1 } }] }),
    'spec.volumes[0].iscsi.iqn: Invalid value: "b": must be valid format starting with iqn, eui, or naa',
  ],
  [
    'partitions and units have bounds',
    spec({ volumes: [{ name: 'v', awsElasticBlockStore: { volumeID: 'a', partition: 256 } }] }),
    'spec.volumes[0].awsElasticBlockStore.partition: Invalid value: 256: must be between 1 and 255, inclusive',
  ],
  [
    'units of iSCSI have bounds',
    spec({ volumes: [{ name: 'v', iscsi: { targetPortal: 'a', iqn: 'iqn.b', lun: 256 } }] }),
    'spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
  ],
  [
    'a fibre channel has one kind of target',
    spec({ volumes: [{ name: 'v', fc: {} }] }),
    'spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both',
  ],
  [
    'a monitor at least',
    spec({ volumes: [{ name: 'v', cephfs: { monitors: [] } }] }),
    'spec.volumes[0].cephfs.monitors: Required value',
  ],
])('%s', (_, pod, message) => {
  expect(errorsOf(pod)).toEqual([message])
})

test('a name is only taken by a volume that is fine', () => {
  const wrong = { name: 'v', hostPath: { path: '' } }
  expect(errorsOf(spec({ volumes: [wrong, { name: 'v', emptyDir: {} }] }))).toEqual([
    'spec.volumes[0].hostPath.path: Required value',
  ])
})

test.each([
  [{ readOnly: true, recursiveReadOnly: 'Enabled', mountPropagation: 'None' }, []],
  [{ recursiveReadOnly: 'Disabled' }, []],
  [{ recursiveReadOnly: 'IfPossible' }, ['Forbidden: may only be specified when readOnly is true']],
  [
    { readOnly: true, recursiveReadOnly: 'Enabled', mountPropagation: 'HostToContainer' },
    ['Forbidden: may only be specified when mountPropagation is None or not specified'],
  ],
  [{ recursiveReadOnly: 'Deep' }, ['Unsupported value: "Deep": supported values: "Disabled", "Enabled", "IfPossible"']],
])('a mount may be read-only in depth: %j', (more, words) => {
  const volumeMounts = [{ name: 'v', mountPath: '/v', ...more }]
  const found = errorsOf(spec({ volumes: [{ name: 'v', emptyDir: {} }], containers: [{ ...container, volumeMounts }] }))
  expect(found).toEqual(words.map((one) => `spec.containers[0].volumeMounts[0].recursiveReadOnly: ${one}`))
})

test('names of drivers are DNS subdomains', () => {
  expect(errorsOf(spec({ volumes: [{ name: 'v', csi: { driver: '' } }] }))).toEqual([
    'spec.volumes[0].csi.driver: Required value',
    expect.stringMatching(/^spec.volumes\[0\].csi.driver: Invalid value: "": a lowercase RFC 1123 subdomain/),
  ])
})

test('names in environments are DNS subdomains', () => {
  const words = (source: object) => errorsOf(inContainer({ envFrom: [source] })).map((e) => e.slice(0, 80))
  expect(words({ secretRef: { name: 'A_' } })[0]).toMatch(/^spec.containers\[0\].envFrom\[0\].secretRef.name: Invalid/)
  expect(words({ configMapRef: {} })).toEqual(['spec.containers[0].envFrom[0].configMapRef.name: Required value'])
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { key: '' } } }]
  expect(errorsOf(inContainer({ env }))).toEqual([
    expect.stringMatching(/secretKeyRef.name: Invalid value: "": a lowercase RFC 1123 subdomain/),
    'spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value',
  ])
})

test('a new pod has no ephemeral containers, and a mirror of a pod has its node', () => {
  const errors = (pod: object) =>
    podStrategy.validateCreate!(partial({}), partial(pod)).map(({ field, message }) => `${field}: ${message}`)
  const annotations = { 'kubernetes.io/config.mirror': 'x' }
  expect(errors({ metadata: {}, spec: spec({ ephemeralContainers: [{ ...container, name: 'e' }] }) })).toEqual([
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ])
  expect(errors({ metadata: { annotations }, spec: base })).toEqual([
    'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
  ])
  expect(errors({ metadata: { annotations }, spec: { ...base, nodeName: 'n' } })).toEqual([])
})

test('init containers may take the same port of the node one after another', () => {
  const ports = [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]
  const inits = ['a', 'b'].map((name) => ({ ...container, name, ports }))
  expect(errorsOf(spec({ initContainers: inits, containers: [{ ...container, ports }] }))).toEqual([])
})

test('a refused change of a pod says which fields differ', () => {
  const object = (pod: PodSpec) => partial<Pod>({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: pod })
  const context = partial<StrategyContext>({ subresource: '' })
  const [error] =
    podStrategy.validateUpdate?.(context, object(spec({ priority: 2 })), object(spec({ priority: 1 }))) ?? []
  expect(error?.field).toBe('spec')
  expect(error?.message).toMatch(
    /^Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`,/,
  )
  expect(error?.message).toMatch(/- \tPriority: 1,\n\+ \tPriority: 2,/)
})

test('ephemeral containers are only added', () => {
  const old = spec({ ephemeralContainers: [{ ...container, name: 'e' }] })
  const words = (now: PodSpec) => validateEphemeralChange(now, old, fieldPath('spec')).map((e) => e.message)
  expect(
    words(
      spec({
        ephemeralContainers: [
          { ...container, name: 'e' },
          { ...container, name: 'f' },
        ],
      }),
    ),
  ).toEqual([])
  expect(words(spec({}))).toEqual(['Forbidden: existing ephemeral containers "e" may not be removed\n'])
  expect(words(spec({ ephemeralContainers: [{ ...container, name: 'e', image: 'j' }] }))).toEqual([
    'Forbidden: existing ephemeral containers "e" may not be changed\n',
  ])
})

test('a pod with gates is told from the start why it waits', () => {
  const pod = partial<Pod>({ metadata: { name: 'p' }, spec: spec({ schedulingGates: [{ name: 'a.b/c' }] }) })
  void podStrategy.prepareForCreate!(partial({}), pod)
  expect(pod.status?.conditions).toEqual([
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
      observedGeneration: 1,
    },
  ])
})

test('a grace below zero is one second, when a pod is made and when it is changed', () => {
  const pod = (seconds: number) =>
    partial<Pod>({ metadata: { name: 'p' }, spec: spec({ terminationGracePeriodSeconds: seconds }), status: {} })
  const graceOf = (made: { spec: PodSpec }) => made.spec.terminationGracePeriodSeconds
  const made = pod(-1)
  void podStrategy.prepareForCreate!(partial({}), made)
  expect(graceOf(made)).toBe(1)
  const changed = pod(-5)
  const context = partial<StrategyContext>({ subresource: '' })
  void podStrategy.prepareForUpdate!(context, changed, made)
  expect(graceOf(changed)).toBe(1)
  expect(podStrategy.validateUpdate!(context, changed, made)).toEqual([])
  expect(podStrategy.validateUpdate!(context, changed, pod(-5))).toEqual([])
})

test('a template leaves the ports of the host network to its pods, or gives them as they will be', () => {
  const port = (more: object) =>
    spec({
      hostNetwork: true,
      containers: [{ ...container, ports: [{ containerPort: 80, protocol: 'TCP', ...more }] }],
    })
  const fieldsOf = (template: PodSpec) =>
    validatePodTemplate({ spec: template }, fieldPath('spec', 'template')).map(({ field }) => field)
  expect(fieldsOf(port({}))).toEqual([])
  expect(fieldsOf(port({ hostPort: 80 }))).toEqual([])
  expect(fieldsOf(port({ hostPort: 81 }))).toEqual(['spec.template.spec.containers[0].ports[0].hostPort'])
})
