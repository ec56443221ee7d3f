import { expect, test } from 'vitest'
import { warningsOfTemplate } from './template-warnings.ts'

const of = (spec: object, annotations = {}): string[] =>
  warningsOfTemplate({ metadata: { annotations }, spec: { containers: [], ...spec } }, 'spec.template.')

const ARCH = 'beta.kubernetes.io/arch'
const INSTEAD = `${ARCH} is deprecated since v1.14; use "kubernetes.io/arch" instead`
const NOTHING = 'a null labelSelector results in matching no pod'

test('Old labels of nodes are told of wherever a pod names them', () => {
  const matchExpressions = [{ key: 'a' }, { key: ARCH }]
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions } }],
  }
  const at = 'spec.template.spec.affinity.nodeAffinity'
  expect(of({ affinity: { nodeAffinity } })).toEqual([
    `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].key: ${INSTEAD}`,
    `${at}.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[1].key: ${INSTEAD}`,
  ])
  expect(of({ topologySpreadConstraints: [{ topologyKey: ARCH }, { topologyKey: 'a', labelSelector: {} }] })).toEqual([
    `spec.template.spec.topologySpreadConstraints[0].topologyKey: ${INSTEAD}`,
    `spec.template.spec.topologySpreadConstraints[0].labelSelector: ${NOTHING}`,
  ])
})

const at = (key: string): string => `spec.template.metadata.annotations[${key}]`
const SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
const APPARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'
const profile = { seccompProfile: { type: 'RuntimeDefault' }, appArmorProfile: { type: 'RuntimeDefault' } }

test('Annotations are told of whose fields are not set', () => {
  const annotations = {
    'scheduler.alpha.kubernetes.io/critical-pod': '',
    'security.alpha.kubernetes.io/sysctls': 'a=b',
    'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default',
    'container.seccomp.security.alpha.kubernetes.io/c': 'runtime/default',
    'container.apparmor.security.beta.kubernetes.io/c': 'runtime/default',
    'container.apparmor.security.beta.kubernetes.io/other': 'runtime/default',
  }
  const old = [
    `${at('scheduler.alpha.kubernetes.io/critical-pod')}: non-functional in v1.16+; use the "priorityClassName" field instead`,
    `${at('security.alpha.kubernetes.io/sysctls')}: non-functional in v1.11+; use the "sysctls" field instead`,
  ]
  expect(of({ containers: [{ name: 'c' }] }, annotations)).toEqual([
    ...old,
    `${at('seccomp.security.alpha.kubernetes.io/pod')}: ${SECCOMP}`,
    `${at('container.seccomp.security.alpha.kubernetes.io/c')}: ${SECCOMP}`,
    `${at('container.apparmor.security.beta.kubernetes.io/c')}: ${APPARMOR}`,
  ])
  const spec = { securityContext: profile, containers: [{ name: 'c', securityContext: profile }] }
  expect(of(spec, annotations)).toEqual(old)
})

test('Amounts of bytes are whole, of the overhead, too', () => {
  expect(of({ overhead: { memory: '1500m', cpu: '1500m' } })).toEqual([
    'spec.template.spec.overhead[memory]: fractional byte value "1500m" is invalid, must be an integer',
  ])
})

test('An address of the node without a port of it is told of', () => {
  const ports = [{ name: 'web', containerPort: 80, protocol: 'TCP', hostIP: '1.2.3.4' }]
  expect(of({ containers: [{ name: 'c', ports }] })).toEqual([
    'spec.template.spec.containers[0].ports[0]: hostIP set without hostPort: {Name:web HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.2.3.4}',
  ])
})
