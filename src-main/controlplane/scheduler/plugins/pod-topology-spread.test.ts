import type { PodSpec, TopologySpreadConstraint } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { labelSelectorMatcher } from '../../../../src-kube/machinery/labels.ts'
import { addTo, checkNode, prepareFilters, removeFrom } from '../framework/filtering.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { pod } from '../testing/arrange.ts'
import { cluster, plugins, refusals, scores } from '../testing/snapshot.ts'

const SKEWED = "node(s) didn't match pod topology spread constraints"
const NO_MATCH = "node(s) didn't match Pod's node affinity/selector"
const labels = { app: 's' }
const zone = (name: string) => ({ labels: { zone: name } })
const hard = (more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: 'zone',
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: labels },
  ...more,
})
const soft = (more: Partial<TopologySpreadConstraint> = {}) => hard({ whenUnsatisfiable: 'ScheduleAnyway', ...more })
const spread = (constraints: TopologySpreadConstraint[], spec: Partial<PodSpec> = {}, more = {}) =>
  pod('new', { topologySpreadConstraints: constraints, ...spec }, { labels: { ...labels, ...more } })
const one = (name = 's', more: object = {}) => pod(name, {}, { labels, ...more })

describe('a hard constraint', () => {
  it.each([
    [1, [SKEWED, null]],
    [2, [null, null]],
  ])('lets domains differ by its maxSkew, the new pod included: %d', (maxSkew, expected) => {
    const cache = cluster({ n1: zone('x'), n2: zone('y') }, [['n1', one()]])
    expect(refusals(cache, spread([hard({ maxSkew })]))).toEqual(expected)
  })

  it('counts the new pod only when its selector matches it', () => {
    const cache = cluster({ n1: zone('x'), n2: zone('y') }, [['n1', one()]])
    expect(refusals(cache, pod('other', { topologySpreadConstraints: [hard()] }))).toEqual([null, null])
  })

  it('without a selector counts nobody', () => {
    const cache = cluster({ n1: zone('x'), n2: zone('y') }, [['n1', one()]])
    const { labelSelector: _, ...none } = hard()
    expect(refusals(cache, spread([none]))).toEqual([null, null])
  })

  it('with fewer domains than minDomains takes the fewest for zero', () => {
    const cache = cluster({ n1: zone('x'), n2: zone('y') }, [
      ['n1', one()],
      ['n2', one()],
    ])
    expect(refusals(cache, spread([hard({ minDomains: 2 })]))).toEqual([null, null])
    expect(refusals(cache, spread([hard({ minDomains: 3 })]))).toEqual([SKEWED, SKEWED])
  })

  it.each([
    ['of another namespace', one('s', { namespace: 'elsewhere' })],
    ['that is going away', one('s', { deletionTimestamp: '2026-01-01T00:00:00Z' })],
  ])('does not count a pod %s', (_what, running) => {
    expect(refusals(cluster({ n1: zone('x'), n2: zone('y') }, [['n1', running]]), spread([hard()]))).toEqual([
      null,
      null,
    ])
  })

  it('counts by revision with matchLabelKeys; keys the pod lacks are left out', () => {
    const cache = cluster({ n1: zone('x'), n2: zone('y') }, [['n1', one('old', { labels: { ...labels, hash: '1' } })]])
    const constraint = hard({ matchLabelKeys: ['hash', 'absent'] })
    expect(refusals(cache, spread([constraint], {}, { hash: '2' }))).toEqual([null, null])
    expect(refusals(cache, spread([constraint], {}, { hash: '1' }))).toEqual([SKEWED, null])
  })

  it.each([
    ['Honor', [NO_MATCH, null]],
    ['Ignore', [NO_MATCH, SKEWED]],
  ])('sees nodes that the pod may not go to only with nodeAffinityPolicy Ignore: %s', (policy, expected) => {
    const cache = cluster({ n1: zone('x'), n2: { labels: { zone: 'y', disk: 'ssd' } } }, [['n2', one()]])
    const constraint = hard({ nodeAffinityPolicy: policy as 'Honor' })
    expect(refusals(cache, spread([constraint], { nodeSelector: { disk: 'ssd' } }))).toEqual(expected)
  })

  it.each([
    ['Ignore', 'NoSchedule', undefined, SKEWED],
    ['Honor', 'NoSchedule', undefined, null],
    ['Honor', 'NoSchedule', [{ operator: 'Exists' as const }], SKEWED],
    ['Honor', 'PreferNoSchedule', undefined, SKEWED],
  ])('with nodeTaintsPolicy %s looks at a node with %s and tolerations %j', (policy, effect, tolerations, expected) => {
    const tainted = { labels: { zone: 'x' }, taints: [{ key: 'k', effect: effect as 'NoSchedule' }] }
    const cache = cluster({ n1: tainted, n2: zone('y') }, [['n2', one()]])
    const constraint = hard({ nodeTaintsPolicy: policy as 'Honor' })
    const answers = refusals(cache, spread([constraint], tolerations ? { tolerations } : {}))
    expect((answers as unknown[])[1]).toBe(expected)
  })

  it('holds beside others: nodes without any of the keys take no part', () => {
    const cache = cluster(
      { n1: zone('x'), n2: { labels: { zone: 'x', rack: '1' } }, n3: { labels: { zone: 'y', rack: '2' } } },
      [
        ['n1', one()],
        ['n2', one()],
      ],
    )
    expect(refusals(cache, spread([hard(), hard({ topologyKey: 'rack' })]))).toEqual([SKEWED, SKEWED, null])
  })

  it('takes account of pods that come and go while preemption tries things out', () => {
    const running = one()
    const cache = cluster({ n1: zone('x'), n2: zone('y'), n3: {} }, [['n1', running]])
    const prepared = prepareFilters(plugins, podInfoOf(spread([hard()])), cache)
    if ('rejected' in prepared) throw new Error(prepared.rejected)
    const { filters } = prepared
    const [n1, n2, n3] = cache.nodes
    const answers = () => [n1, n2].map((node) => checkNode(filters, node!)?.reasons[0] ?? null)
    removeFrom(filters, n1!, podInfoOf(running))
    expect(answers()).toEqual([null, null])
    addTo(filters, n2!, podInfoOf(running))
    expect(answers()).toEqual([null, SKEWED])
    addTo(filters, n3!, podInfoOf(one()))
    addTo(filters, n1!, podInfoOf(pod('stranger')))
    expect(answers()).toEqual([null, SKEWED])
  })
})

describe('a soft constraint', () => {
  it('likes the emptier domain and gives nothing to nodes without the key', () => {
    const cache = cluster({ n1: zone('x'), n2: zone('y'), n3: {} }, [
      ['n1', one()],
      ['n1', one()],
    ])
    const [fuller, emptier, outside] = scores(cache, spread([soft()]), 'PodTopologySpread')!
    expect([fuller, emptier, outside]).toEqual([0, 200, 0])
  })

  it('finds all as good while nobody is there', () => {
    expect(scores(cluster({ n1: zone('x'), n2: zone('y') }), spread([soft()]), 'PodTopologySpread')).toEqual([200, 200])
  })

  it('refuses nobody, and a hard one scores nobody', () => {
    const cache = cluster({ n1: {} })
    expect(refusals(cache, spread([soft()]))).toEqual([null])
    expect(scores(cluster({ n1: zone('x') }), spread([hard()]), 'PodTopologySpread')).toBeUndefined()
  })
})

describe("the cluster's default constraints", () => {
  const owningSelectors = () => [labelSelectorMatcher({ matchLabels: labels })]

  it('spread over nodes and zones the pods of the same services and controller', () => {
    const zoned = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } })
    const cache = cluster({ n1: zoned('x'), n2: zoned('x'), n3: zoned('y') }, [['n1', one()]], { owningSelectors })
    const [same, neighbour, far] = scores(cache, one('new'), 'PodTopologySpread')!
    expect(far!).toBeGreaterThan(neighbour!)
    expect(neighbour!).toBeGreaterThan(same!)
  })

  it('look only at nodes the pod may go to', () => {
    const cache = cluster({ n1: { labels: { disk: 'ssd' } }, n2: {} }, [['n2', one()]], { owningSelectors })
    const picky = pod('new', { nodeSelector: { disk: 'ssd' } }, { labels })
    expect(scores(cache, picky, 'PodTopologySpread')).toEqual([200, 200])
  })

  it('say nothing of a pod without any', () => {
    expect(scores(cluster({ n1: {} }), one(), 'PodTopologySpread')).toBeUndefined()
  })
})
