import type { PodSpec } from '#types/core/v1'
import { expect, test } from 'vitest'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { validateEphemeralChange } from './ephemeral.ts'
import { podStrategy } from './pod.ts'
import { validatePodSpec } from './spec.ts'

const container = { name: 'c', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' }
const base = { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', containers: [container] }
/** Written loosely, because what is wrong with it is the point. */
const spec = (more: object): PodSpec => ({ ...base, ...more }) as unknown as PodSpec
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
const nodeTermPath =
  'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]'

test.each<[string, PodSpec, string]>([
  [
    'node affinity knows its operators',
    nodeTerm({ key: 'a', operator: 'Is' }),
    `${nodeTermPath}.operator: Invalid value: "Is": not a valid selector operator`,
  ],
  [
    'Gt compares with one value',
    nodeTerm({ key: 'a', operator: 'Gt', values: ['1', '2'] }),
    `${nodeTermPath}.values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
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
    'spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"',
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
])('%s', (_, pod, message) => {
  expect(errorsOf(pod)).toEqual([message])
})

test('init containers may take the same port of the node one after another', () => {
  const ports = [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]
  const inits = ['a', 'b'].map((name) => ({ ...container, name, ports }))
  expect(errorsOf(spec({ initContainers: inits, containers: [{ ...container, ports }] }))).toEqual([])
})

test('a refused change of a pod says which fields differ', () => {
  const object = (pod: PodSpec) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: pod }) as never
  const context = { subresource: '' } as never
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
  const pod = { metadata: { name: 'p' }, spec: spec({ schedulingGates: [{ name: 'a.b/c' }] }) } as never
  void podStrategy.prepareForCreate!({} as never, pod)
  expect((pod as { status: { conditions: unknown } }).status.conditions).toEqual([
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
      observedGeneration: 1,
    },
  ])
})
