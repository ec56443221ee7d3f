import type { Node, Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance } from '../../../../src-kube/client/testing/advance.ts'
import { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../../src-kube/client/typed-client.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { ClusterEvent } from '../framework/plugin.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { arrangeScheduler, node, pod, type NodeShape } from '../testing/arrange.ts'
import { defaultPlugins } from './index.ts'

const plugins = defaultPlugins(createClient(new FakeTransport()))
const tainted: NodeShape = { taints: [{ key: 'k', effect: 'NoSchedule' }] }
const ssd: NodeShape = { labels: { disk: 'ssd' } }
const wantsSsd = pod('w', { nodeSelector: { disk: 'ssd' } })
const term = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' })
const wantsX = pod('x', {
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('x')] } },
})
const avoidsX = pod('v', {
  nodeName: 'n',
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('x')] } },
})
const spreadsX = pod('s', {
  topologySpreadConstraints: [{ ...term('x'), maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }],
})
const elsewhere = pod('r', { nodeName: 'n' }, { namespace: 'else', labels: { app: 'x' } })
const wantsTeam = pod('y', {
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { ...term('x'), namespaceSelector: { matchLabels: { t: '1' } } },
      ],
    },
  },
})
const lost: ClusterEvent = { resource: 'lost node', action: 'delete', node: partial<Node>(node('n')) }
const softTaint: NodeShape = { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }

const added = (shape: NodeShape): ClusterEvent => ({ resource: 'node', action: 'add', node: node('n', shape) })
const changed = (from: NodeShape, to: NodeShape): ClusterEvent => ({
  resource: 'node',
  action: 'update',
  node: partial<Node>(node('n', to)),
  old: partial<Node>(node('n', from)),
})
const podEvent = (action: 'add' | 'delete', of: Pod): ClusterEvent => ({ resource: 'pod', action, pod: of })
const podUpdate = (from: Pod, to: Pod): ClusterEvent => ({ resource: 'pod', action: 'update', pod: to, old: from })
const asking = (requests: Record<string, string>) =>
  pod('r', { nodeName: 'n', containers: [{ name: 'c', resources: { requests } }] })
const gated = pod('g', { schedulingGates: [{ name: 'wait' }] })
const waiting = pod('w')
const bound = (app: string) => pod('r', { nodeName: 'n' }, { labels: { app } })
const volume: ClusterEvent = { resource: 'volume', action: 'change' }

describe('queueing hints', () => {
  it.each<[string, string, ClusterEvent, Pod, boolean]>([
    ['NodeUnschedulable', 'an uncordoned node', changed({ unschedulable: true }, {}), pod('a'), true],
    ['NodeUnschedulable', 'a label', changed({}, ssd), pod('a'), false],
    ['NodeName', 'the named node', added({}), pod('a', { nodeName: 'n' }), true],
    ['NodeName', 'another node', added({}), pod('a', { nodeName: 'm' }), false],
    ['TaintToleration', 'a removed taint', changed(tainted, {}), pod('a'), true],
    ['TaintToleration', 'a new node with a taint', added(tainted), pod('a'), false],
    ['TaintToleration', 'a deleted pod', podEvent('delete', bound('x')), pod('a'), false],
    ['NodeAffinity', 'a label that now matches', changed({}, ssd), wantsSsd, true],
    ['NodeAffinity', 'a node that matched before', changed(ssd, ssd), wantsSsd, false],
    ['NodeAffinity', 'a deleted pod', podEvent('delete', bound('x')), wantsSsd, false],
    ['NodePorts', 'a deleted pod', podEvent('delete', bound('x')), pod('a'), true],
    ['NodePorts', 'a changed node', changed({}, ssd), pod('a'), false],
    ['NodeResourcesFit', 'more room', changed({ cpu: '1' }, { cpu: '2' }), pod('a'), true],
    ['NodeResourcesFit', 'a label', changed({}, ssd), pod('a'), false],
    ['NodeResourcesFit', 'a new node', added({}), pod('a'), true],
    ['NodeResourcesFit', 'a deleted pod', podEvent('delete', bound('x')), pod('a'), true],
    ['NodeResourcesFit', 'an added pod', podEvent('add', bound('x')), pod('a'), false],
    ['NodeResourcesFit', 'a volume', volume, pod('a'), false],
    ['NodeResourcesFit', 'a deleted pod that was nowhere', podEvent('delete', pod('r')), pod('a'), false],
    ['NodeResourcesFit', 'a change of its own', podUpdate(waiting, waiting), waiting, true],
    ['NodeResourcesFit', 'less cpu of another', podUpdate(asking({ cpu: '2' }), asking({ cpu: '1' })), waiting, true],
    ['NodeResourcesFit', 'less memory', podUpdate(asking({ memory: '2' }), asking({ memory: '1' })), waiting, true],
    [
      'NodeResourcesFit',
      'less local storage',
      podUpdate(asking({ 'ephemeral-storage': '2' }), asking({ 'ephemeral-storage': '1' })),
      waiting,
      true,
    ],
    ['NodeResourcesFit', 'a returned device', podUpdate(asking({ 'a.b/gpu': '1' }), asking({})), waiting, true],
    ['NodeResourcesFit', 'more cpu of another', podUpdate(asking({ cpu: '1' }), asking({ cpu: '2' })), waiting, false],
    ['SchedulingGates', 'a change of its own', podUpdate(gated, gated), gated, true],
    ['SchedulingGates', 'a change of another', podUpdate(waiting, waiting), gated, false],
    ['SchedulingGates', 'a new node', added({}), gated, false],
    ['InterPodAffinity', 'a namespace', { resource: 'namespace', action: 'change' }, wantsX, true],
    ['InterPodAffinity', 'a change of its own', podUpdate(wantsX, wantsX), wantsX, true],
    ['InterPodAffinity', 'a new node', added({}), wantsX, true],
    ['InterPodAffinity', 'an added pod of a namespace it may select', podEvent('add', bound('y')), wantsTeam, true],
    ['PodTopologySpread', 'a new node', added({}), pod('a'), true],
    ['PodTopologySpread', 'a volume', volume, pod('a'), false],
    ['TaintToleration', 'a new node without taints', added({}), pod('a'), true],
    ['TaintToleration', 'a node that had none before', changed({}, ssd), pod('a'), false],
    ['TaintToleration', 'a taint that only dislikes', changed(tainted, softTaint), pod('a'), true],
    ['VolumeBinding', 'a new node', added({}), pod('a'), true],
    ['InterPodAffinity', 'an added pod that it wants', podEvent('add', bound('x')), wantsX, true],
    ['InterPodAffinity', 'an added pod of others', podEvent('add', bound('y')), wantsX, false],
    ['InterPodAffinity', 'a deleted pod', podEvent('delete', bound('x')), wantsX, false],
    ['InterPodAffinity', 'a deleted pod that it avoids', podEvent('delete', bound('x')), avoidsX, true],
    ['InterPodAffinity', 'a deleted pod of others', podEvent('delete', bound('y')), avoidsX, false],
    ['InterPodAffinity', 'a deleted pod that avoids it', podEvent('delete', avoidsX), bound('x'), true],
    ['InterPodAffinity', 'an added pod that it avoids', podEvent('add', bound('x')), avoidsX, false],
    ['InterPodAffinity', 'a pod that is now one it wants', podUpdate(bound('y'), bound('x')), wantsX, true],
    ['InterPodAffinity', 'a pod that is no more one it avoids', podUpdate(bound('x'), bound('y')), avoidsX, true],
    ['InterPodAffinity', 'a changed pod of others', podUpdate(bound('y'), bound('z')), avoidsX, false],
    ['InterPodAffinity', 'a changed label of a node', changed({}, ssd), wantsX, true],
    ['InterPodAffinity', 'a volume', volume, wantsX, false],
    ['PodTopologySpread', 'a changed label of a node', changed({}, ssd), pod('a'), true],
    ['PodTopologySpread', 'more room', changed({ cpu: '1' }, { cpu: '2' }), pod('a'), false],
    ['PodTopologySpread', 'a deleted pod that it counts', podEvent('delete', bound('x')), spreadsX, true],
    ['PodTopologySpread', 'a pod that it counts no more', podUpdate(bound('x'), bound('y')), spreadsX, true],
    ['PodTopologySpread', 'a deleted pod of others', podEvent('delete', bound('y')), spreadsX, false],
    ['PodTopologySpread', 'a pod of another namespace', podEvent('delete', elsewhere), spreadsX, false],
    ['PodTopologySpread', 'a change of its own', podUpdate(spreadsX, spreadsX), spreadsX, true],
    ['PodTopologySpread', 'a node that goes', lost, spreadsX, true],
    ['PodTopologySpread', 'a taint', changed(tainted, {}), spreadsX, true],
    ['NodeResourcesFit', 'a node that goes', lost, spreadsX, false],
    ['VolumeBinding', 'a volume', volume, pod('a'), true],
    ['VolumeBinding', 'a deleted pod', podEvent('delete', bound('x')), pod('a'), false],
  ])('%s, refused, hears of %s', (name, _what, event, of, helps) => {
    const plugin = plugins.find((one) => one.name === name)!
    expect(plugin.mayHelp?.(event, podInfoOf(of)) ?? true).toBe(helps)
  })
})

describe('volumes that wait for their first consumer', () => {
  it('are told the node, and the pod is bound once they are', async () => {
    const { server, clock, nodeOf } = arrangeScheduler()
    const claim = { metadata: { name: 'c', namespace: 'default' }, spec: { storageClassName: 's' } }
    server.put(refs.storageClasses, { metadata: { name: 's' }, volumeBindingMode: 'WaitForFirstConsumer' })
    server.put(refs.persistentVolumeClaims, claim)
    server.put(refs.nodes, node('n1'))
    server.put(refs.pods, pod('a', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }))
    await advance(clock, 1000)
    expect(nodeOf('a')).toBeUndefined()
    const told = server.peek(refs.persistentVolumeClaims, 'c', 'default')
    expect(told?.metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'n1' })
    server.put(refs.persistentVolumeClaims, {
      ...claim,
      spec: { ...claim.spec, volumeName: 'pv' },
      status: { phase: 'Bound' },
    })
    await advance(clock, 1000)
    expect(nodeOf('a')).toBe('n1')
  })

  it('keep a pod away from nodes that a bound volume is not on', async () => {
    const { server, clock, condition } = arrangeScheduler()
    const terms = [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }]
    server.put(refs.persistentVolumes, {
      metadata: { name: 'pv' },
      spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } },
    })
    server.put(refs.persistentVolumeClaims, {
      metadata: { name: 'c', namespace: 'default' },
      spec: { volumeName: 'pv' },
      status: { phase: 'Bound' },
    })
    server.put(refs.nodes, node('n1'))
    server.put(refs.pods, pod('a', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }))
    await advance(clock, 500)
    expect(condition('a')?.message).toContain("1 node(s) didn't match PersistentVolume's node affinity.")
  })
})
