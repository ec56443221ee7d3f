import { describe, expect, it } from 'vitest'
import type { Container, Node, Pod, PodSpec } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { admissionRefusal } from './admission.ts'

const node = (over: Partial<Node> & { labels?: Record<string, string> } = {}): Node =>
  partial<Node>({
    metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux', disk: 'ssd', cores: '8', ...over.labels } },
    spec: over.spec,
    status: { allocatable: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '10Gi', pods: '3' } },
  })

let serial = 0
const pod = (spec: Partial<PodSpec> = {}): Pod =>
  ({
    metadata: { name: 'p', uid: `u${serial++}` },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  }) as Pod
const asking = (requests: Record<string, string>, more: Partial<PodSpec> = {}): Pod =>
  pod({ containers: [{ name: 'c', resources: { requests } }], ...more })
const judge = (one: Pod, others: Pod[] = [], on = node()) => admissionRefusal(one, { node: on, others })

describe('a pod that is bound to a node is taken', () => {
  it('when there is room, the labels match and its ports are free', () => {
    const affinity = affinityOf([{ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }])
    const one = asking({ cpu: '1500m', memory: '512Mi' }, { nodeSelector: { disk: 'ssd' }, affinity })
    expect(judge(one, [asking({ cpu: '500m', memory: '512Mi' })])).toBeUndefined()
  })

  it('also when it asks for what the node does not know of: that is for whoever bound it', () => {
    expect(judge(asking({ 'example.com/gpu': '4' }))).toBeUndefined()
  })

  it('on a node that keeps new pods away, but not on one that drives pods away', () => {
    const tainted = (effect: string, value = 'b'): Node =>
      node({ spec: { taints: [{ key: 'a', value, effect }] } } as Partial<Node>)
    expect(judge(pod(), [], tainted('NoSchedule'))).toBeUndefined()
    expect(judge(pod(), [], tainted('NoExecute'))).toMatchObject({
      reason: 'TaintToleration',
      message: "Pod was rejected: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    })
    for (const toleration of [
      { operator: 'Exists' },
      { key: 'a', operator: 'Exists', effect: 'NoExecute' },
      { key: 'a', value: 'b' },
    ] as const)
      expect(judge(pod({ tolerations: [toleration] }), [], tainted('NoExecute'))).toBeUndefined()
    for (const toleration of [
      { key: 'a', value: 'c' },
      { key: 'b', operator: 'Exists' },
      { key: 'a', operator: 'Exists', effect: 'NoSchedule' },
    ] as const)
      expect(judge(pod({ tolerations: [toleration] }), [], tainted('NoExecute'))?.reason).toBe('TaintToleration')
    const above = { key: 'a', operator: 'Gt', value: '900' } as const
    expect(judge(pod({ tolerations: [above] }), [], tainted('NoExecute', '950'))).toBeUndefined()
  })
})

describe('a pod that is bound to a node is refused', () => {
  it.each([
    ['cpu', { cpu: '1600m' }, 'cpu, requested: 1600, used: 500, capacity: 2000'],
    ['memory', { memory: '1Gi' }, 'memory, requested: 1073741824, used: 268435456, capacity: 1073741824'],
    [
      'ephemeral-storage',
      { 'ephemeral-storage': '11Gi' },
      'ephemeral-storage, requested: 11811160064, used: 0, capacity: 10737418240',
    ],
  ])('without enough %s', (name, requests, words) => {
    expect(judge(asking(requests), [asking({ cpu: '500m', memory: '256Mi' })])).toEqual({
      reason: `OutOf${name}`,
      words: `Node didn't have enough resource: ${words}`,
      message: `Pod was rejected: Node didn't have enough resource: ${words}`,
      refused: true,
    })
  })

  it('as one pod too many', () => {
    expect(judge(pod(), [pod(), pod(), pod()])).toMatchObject({
      reason: 'OutOfpods',
      words: "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
    })
  })

  it('counting resources of the pod as a whole, sidecars and the largest init container', () => {
    const whole = asking({ cpu: '1' }, { resources: { requests: { cpu: '3' } } })
    expect(judge(whole)?.words).toContain('requested: 3000')
    const init = (name: string, cpu: string, more: Partial<Container> = {}): Container =>
      ({ name, resources: { requests: { cpu } }, ...more }) as Container
    const initContainers = [init('s', '1', { restartPolicy: 'Always' }), init('i', '1500m')]
    expect(judge(asking({ cpu: '1' }, { initContainers }))?.words).toContain('requested: 2500')
  })

  it.each<[string, Partial<PodSpec>]>([
    ['a label that the node does not have', { nodeSelector: { disk: 'tape' } }],
    ['an affinity to other nodes', { affinity: affinityOf([{ key: 'disk', operator: 'NotIn', values: ['ssd'] }]) }],
    ['an affinity to nodes without a label', { affinity: affinityOf([{ key: 'disk', operator: 'DoesNotExist' }]) }],
    ['an affinity to nodes with a label', { affinity: affinityOf([{ key: 'gpu', operator: 'Exists' }]) }],
    ['more than a label says', { affinity: affinityOf([{ key: 'cores', operator: 'Gt', values: ['8'] }]) }],
    ['less than a label says', { affinity: affinityOf([{ key: 'cores', operator: 'Lt', values: ['8'] }]) }],
    ['a number where a word is', { affinity: affinityOf([{ key: 'disk', operator: 'Gt', values: ['8'] }]) }],
    ['an operator nobody knows', { affinity: affinityOf([{ key: 'cores', operator: 'Is' as 'In', values: ['8'] }]) }],
    ['a term that asks for nothing', { affinity: affinityOf([]) }],
    [
      'another node by its name',
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] },
                { matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['u'] }] },
              ],
            },
          },
        },
      },
    ],
  ])('that asks for %s', (_what, spec) => {
    expect(judge(pod(spec))).toMatchObject({
      reason: 'NodeAffinity',
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    })
  })

  it.each([
    [{ hostPort: 80 }, { hostPort: 80 }, true],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80 }, true],
    [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.2' }, false],
    [{ hostPort: 80, protocol: 'UDP' }, { hostPort: 80 }, false],
    [{ hostPort: 81 }, { hostPort: 80 }, false],
    [{ hostPort: 80 }, {}, false],
  ])('whose port %j another has as %j: %s', (wanted, used, clash) => {
    const withPort = (port: object): Pod =>
      pod({ containers: [{ name: 'c', ports: [{ containerPort: 80, ...port }] }] as Container[] })
    const found = judge(withPort(wanted), [withPort(used)])
    if (!clash) return expect(found).toBeUndefined()
    expect(found).toMatchObject({
      reason: 'NodePorts',
      words: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    })
  })

  it('of another system', () => {
    expect(judge(pod({ nodeSelector: { 'kubernetes.io/os': 'windows' } }))).toMatchObject({
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
    })
    expect(judge(pod({ os: { name: 'windows' } }))).toMatchObject({ reason: 'PodOSNotSupported' })
    expect(judge(pod({ os: { name: 'linux' } }))).toBeUndefined()
  })

  it('that would change the kernel for others', () => {
    const securityContext = { sysctls: [{ name: 'kernel.panic', value: '1' }] }
    expect(judge(pod({ securityContext }))).toMatchObject({
      reason: 'SysctlForbidden',
      message: 'Pod was rejected: forbidden sysctl: "kernel.panic" not allowlisted',
    })
    const allowedSysctls = ['kernel.*']
    expect(admissionRefusal(pod({ securityContext }), { node: node(), others: [], allowedSysctls })).toBeUndefined()
  })
})

function affinityOf(matchExpressions: Array<{ key: string; operator: string; values?: string[] }>) {
  const nodeSelectorTerms = [{ matchExpressions }]
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  } as PodSpec['affinity']
}
