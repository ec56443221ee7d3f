import type { StorageClass } from '#types/storage.k8s.io/v1'
import type { PersistentVolumeClaim, PodSpec, Toleration } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { NodeFilter } from '../framework/plugin.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { cpus, pod } from '../testing/arrange.ts'
import { cluster, refusals, scores } from '../testing/snapshot.ts'
import { taintToleration } from './taint-toleration.ts'

const required = (expression: { key: string; operator: string; values?: string[] }, field = 'matchExpressions') =>
  ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ [field]: [expression] }] },
      },
    },
  }) as Partial<PodSpec>
const HOST = 'kubernetes.io/hostname'
const app = (name: string) => ({ labelSelector: { matchLabels: { app: name } }, topologyKey: HOST })
const NO_MATCH = "node(s) didn't match Pod's node affinity/selector"

describe('filters', () => {
  it('keep pods off cordoned nodes unless they tolerate it', () => {
    const cache = cluster({ n1: { unschedulable: true } })
    expect(refusals(cache, pod('a'))).toEqual(['node(s) were unschedulable'])
    const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' as const }]
    expect(refusals(cache, pod('a', { tolerations }))).toEqual([null])
  })

  it('send a pod that names its node only there', () => {
    const cache = cluster({ n1: {}, n2: {} })
    expect(refusals(cache, pod('a', { nodeName: 'n2' }))).toEqual([
      "node(s) didn't match the requested node name",
      null,
    ])
  })

  it.each<[Toleration, string | null]>([
    [{ key: 'k', value: 'v', operator: 'Equal' }, null],
    [{ key: 'k', operator: 'Exists' }, null],
    [{ operator: 'Exists' }, null],
    [{ key: 'k', value: 'w' }, 'node(s) had untolerated taint(s)'],
    [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }, 'node(s) had untolerated taint(s)'],
    [{ key: 'other', operator: 'Exists' }, 'node(s) had untolerated taint(s)'],
  ])('weigh the toleration %j against the taint k=v:NoSchedule', (toleration, expected) => {
    const cache = cluster({ n1: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })
    expect(refusals(cache, pod('a', { tolerations: [toleration] }))).toEqual([expected])
  })

  it('name the taint only to those who look into decisions', () => {
    const cache = cluster({ n1: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })
    const [node] = cache.nodes
    const filter = taintToleration.preFilter!(podInfoOf(pod('a')), cache) as NodeFilter
    expect(filter.check(node!)).toMatchObject({
      reasons: ['node(s) had untolerated taint(s)'],
      detail: 'node(s) had untolerated taint {k: v}',
    })
  })

  it.each([
    ['In', ['3'], true],
    ['In', ['4'], false],
    ['NotIn', ['3'], false],
    ['NotIn', ['4'], true],
    ['Exists', [], true],
    ['DoesNotExist', [], false],
    ['Gt', ['2'], true],
    ['Gt', ['3'], false],
    ['Lt', ['4'], true],
    ['Lt', ['x'], false],
  ])('match the label x=3 with %s %j: %s', (operator, values, fits) => {
    const cache = cluster({ n1: { labels: { x: '3' } } })
    expect(refusals(cache, pod('a', required({ key: 'x', operator, values })))).toEqual([fits ? null : NO_MATCH])
  })

  it('look only at the node that matchFields names', () => {
    const cache = cluster({ n1: {}, n2: {} })
    const one = pod('a', required({ key: 'metadata.name', operator: 'In', values: ['n2'] }, 'matchFields'))
    expect(refusals(cache, one)).toEqual(["node(s) didn't satisfy plugin(s) [NodeAffinity]", null])
  })

  it('refuse everywhere when no node can have both names that matchFields asks for', () => {
    const cache = cluster({ n1: {}, n2: {} })
    const named = (name: string) => ({ key: 'metadata.name', operator: 'In' as const, values: [name] })
    const nodeSelectorTerms = [{ matchFields: [named('n1'), named('n2')] }]
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
    expect(refusals(cache, pod('a', { affinity: { nodeAffinity } }))).toBe('pod affinity terms conflict')
  })

  it('count host ports by protocol and address', () => {
    const port = (hostPort: number, hostIP?: string) =>
      pod('a', { containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort, ...(hostIP ? { hostIP } : {}) }] }] })
    const cache = cluster({ n1: {} }, [['n1', port(80, '10.0.0.1')]])
    expect(refusals(cache, port(80))).toEqual(["node(s) didn't have free ports for the requested pod ports"])
    expect(refusals(cache, port(80, '10.0.0.2'))).toEqual([null])
    expect(refusals(cache, port(81))).toEqual([null])
  })

  it('name each resource that is short', () => {
    const cache = cluster({ n1: { cpu: '1', memory: '1Gi', pods: '0' } })
    const requests = { cpu: '2', memory: '2Gi', 'example.com/gpu': '1' }
    const one = pod('a', { containers: [{ name: 'c', resources: { requests } }] })
    expect(refusals(cache, one)).toEqual([
      'Too many pods; Insufficient cpu; Insufficient memory; Insufficient example.com/gpu',
    ])
  })

  it('count the most demanding init container, sidecars and overhead', () => {
    const initContainers = [{ ...cpus('1')[0]!, restartPolicy: 'Always' }, ...cpus('2')]
    const one = pod('a', { initContainers, containers: cpus('500m'), overhead: { cpu: '250m' } })
    expect(podInfoOf(one).requests.milliCpu).toBe(3250)
  })

  it('keep required affinity and anti-affinity, of both sides', () => {
    const s1 = pod('s1', {}, { labels: { app: 's1' } })
    const hermit = pod('h', {
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [app('x')] } },
    })
    const cache = cluster({ n1: {}, n2: {} }, [
      ['n1', s1],
      ['n2', hermit],
    ])
    const to = pod('a', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [app('s1')] } } })
    const from = pod('b', {
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [app('s1')] } },
    })
    expect(refusals(cache, to)).toEqual([null, "node(s) didn't match pod affinity rules"])
    expect(refusals(cache, from)).toEqual(["node(s) didn't match pod anti-affinity rules", null])
    expect(refusals(cache, pod('x', {}, { labels: { app: 'x' } }))).toEqual([
      null,
      "node(s) didn't satisfy existing pods anti-affinity rules",
    ])
  })

  it('let the first pod of a group that wants to be together go anywhere', () => {
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [app('g')] } }
    expect(refusals(cluster({ n1: {} }), pod('g', { affinity }, { labels: { app: 'g' } }))).toEqual([null])
    expect(refusals(cluster({ n1: {} }), pod('h', { affinity }))).toEqual(["node(s) didn't match pod affinity rules"])
  })

  it('keep the skew between domains', () => {
    const labels = { app: 's' }
    const constraint = { maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' as const, ...app('s') }
    const cache = cluster({ n1: {}, n2: {} }, [['n1', pod('s0', {}, { labels })]])
    expect(refusals(cache, pod('s1', { topologySpreadConstraints: [constraint] }, { labels }))).toEqual([
      "node(s) didn't match pod topology spread constraints",
      null,
    ])
    const zone = { ...constraint, topologyKey: 'zone' }
    expect(refusals(cache, pod('s2', { topologySpreadConstraints: [zone] }, { labels }))).toEqual([
      "node(s) didn't match pod topology spread constraints (missing required label)",
      "node(s) didn't match pod topology spread constraints (missing required label)",
    ])
  })

  it('refuse pods whose claims are absent or not bound', () => {
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }]
    expect(refusals(cluster({ n1: {} }), pod('a', { volumes }))).toBe('persistentvolumeclaim "c" not found')
    const claim = partial<PersistentVolumeClaim>({ metadata: { name: 'c' }, spec: { storageClassName: 's' } })
    const lookups = { claim: () => claim }
    expect(refusals(cluster({ n1: {} }, [], lookups), pod('a', { volumes }))).toBe(
      'pod has unbound immediate PersistentVolumeClaims',
    )
    const storageClass = () => partial<StorageClass>({ volumeBindingMode: 'WaitForFirstConsumer' })
    expect(refusals(cluster({ n1: {} }, [], { ...lookups, storageClass }), pod('a', { volumes }))).toEqual([null])
  })
})

describe('scores', () => {
  it('like emptier nodes, balanced ones, and those with the image', () => {
    const images = [{ names: ['busybox:latest'], sizeBytes: 500 * 1024 * 1024 }]
    const cache = cluster({ n1: { images }, n2: {} }, [['n1', pod('r', { containers: cpus('2') })]])
    const one = pod('a', { containers: cpus('1') })
    const [busy, empty] = scores(cache, one, 'NodeResourcesFit')!
    expect(empty).toBeGreaterThan(busy!)
    const [has, hasNot] = scores(cache, one, 'ImageLocality')!
    expect(has).toBeGreaterThan(hasNot!)
  })

  it('like nodes that have the images a pod mounts', () => {
    const images = [{ names: ['model:latest'], sizeBytes: 900 * 1024 * 1024 }]
    const cache = cluster({ n1: { images }, n2: {} })
    const [has, hasNot] = scores(
      cache,
      pod('a', { volumes: [{ name: 'm', image: { reference: 'model' } }] }),
      'ImageLocality',
    )!
    expect(has).toBeGreaterThan(hasNot!)
    expect(scores(cache, pod('b', { volumes: [{ name: 'e', emptyDir: {} }] }), 'ImageLocality')).toBeUndefined()
  })

  it('like nodes that the pod brings into balance more than those that it leaves as they are or brings out of it', () => {
    const asking = (name: string, requests: Record<string, string>) =>
      pod(name, { containers: [{ name: 'c', resources: { requests } }] })
    const shape = { cpu: '4', memory: '8Gi' }
    const cache = cluster({ restored: shape, empty: shape, bare: { ...shape, cpu: '0' } }, [
      ['restored', asking('there', { memory: '4Gi' })],
    ])
    expect(scores(cache, asking('a', { cpu: '2' }), 'NodeResourcesBalancedAllocation')).toEqual([87, 62, 75])
    const even = asking('b', { cpu: '1', memory: '2Gi' })
    expect(scores(cache, even, 'NodeResourcesBalancedAllocation')).toEqual([75, 75, 75])
    expect(scores(cache, pod('c'), 'NodeResourcesBalancedAllocation')).toBeUndefined()
  })

  it('avoid PreferNoSchedule and follow preferred affinities', () => {
    const cache = cluster(
      { n1: { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }, n2: { labels: { disk: 'ssd' } } },
      [['n1', pod('s', {}, { labels: { app: 's' } })]],
    )
    expect(scores(cache, pod('a'), 'TaintToleration')).toEqual([0, 300])
    const preference = { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] }
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, preference }] },
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 9, podAffinityTerm: app('s') }] },
    }
    expect(scores(cache, pod('a', { affinity }), 'NodeAffinity')).toEqual([0, 200])
    expect(scores(cache, pod('a', { affinity }), 'InterPodAffinity')).toEqual([0, 200])
  })

  it('spread pods of one service without being asked to', () => {
    const labels = { app: 's' }
    const matcher = {
      requirements: [],
      matches: (given?: Record<string, string>) => given?.['app'] === 's',
      toString: () => '',
    }
    const cache = cluster({ n1: {}, n2: {} }, [['n1', pod('s0', {}, { labels })]], { owningSelectors: () => [matcher] })
    const [used, free] = scores(cache, pod('s1', {}, { labels }), 'PodTopologySpread')!
    expect(free).toBeGreaterThan(used!)
  })
})
