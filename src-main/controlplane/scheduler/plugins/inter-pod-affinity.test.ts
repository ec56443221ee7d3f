import type { PodAffinity, PodAffinityTerm, PodAntiAffinity } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { checkWithNominated, prepareFilters } from '../framework/filtering.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { pod } from '../testing/arrange.ts'
import { cluster, plugins, refusals, scores } from '../testing/snapshot.ts'

const HOST = 'kubernetes.io/hostname'
const to = (app: string, more: Partial<PodAffinityTerm> = {}) => ({
  labelSelector: { matchLabels: { app } },
  topologyKey: HOST,
  ...more,
})
const near = (...terms: PodAffinityTerm[]): { podAffinity: PodAffinity } => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
})
const apart = (...terms: PodAffinityTerm[]): { podAntiAffinity: PodAntiAffinity } => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
})
const likes = (app: string, weight: number) => ({
  podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: to(app) }] },
})
const dislikes = (app: string, weight: number) => ({
  podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: to(app) }] },
})
const labelled = (name: string, namespace = 'default', labels: Record<string, string> = {}) =>
  pod(name, {}, { namespace, labels: { app: name, ...labels } })
const NO_AFFINITY = "node(s) didn't match pod affinity rules"

describe('a term speaks of pods', () => {
  const namespaceLabels = (name: string) => (name === 'shop' ? { team: 'blue' } : undefined)

  it.each<[string, Partial<PodAffinityTerm>, string, boolean]>([
    ['in its own namespace when it names none', {}, 'default', true],
    ['in no other one', {}, 'shop', false],
    ['in the namespaces that it lists', { namespaces: ['shop'] }, 'shop', true],
    ['in no namespace that it does not list, not even its own', { namespaces: ['shop'] }, 'default', false],
    ['in every namespace when its selector is empty', { namespaceSelector: {} }, 'lab', true],
    ['in selected namespaces', { namespaceSelector: { matchLabels: { team: 'blue' } } }, 'shop', true],
    ['in none without those labels', { namespaceSelector: { matchLabels: { team: 'blue' } } }, 'lab', false],
    [
      'in listed and in selected namespaces',
      { namespaces: ['lab'], namespaceSelector: { matchLabels: { team: 'blue' } } },
      'lab',
      true,
    ],
  ])('%s', (_what, more, namespace, met) => {
    const cache = cluster({ n1: {} }, [['n1', labelled('s', namespace)]], { namespaceLabels })
    expect(refusals(cache, pod('a', { affinity: near(to('s', more)) }))).toEqual([met ? null : NO_AFFINITY])
  })

  it('with the same value of matchLabelKeys, and another of mismatchLabelKeys', () => {
    const cache = cluster({ n1: {}, n2: {} }, [
      ['n1', labelled('s', 'default', { version: '1' })],
      ['n2', labelled('s', 'default', { version: '2' })],
    ])
    const wants = (more: Partial<PodAffinityTerm>) =>
      refusals(cache, pod('a', { affinity: near(to('s', more)) }, { labels: { version: '2' } }))
    expect(wants({ matchLabelKeys: ['version'] })).toEqual([NO_AFFINITY, null])
    expect(wants({ mismatchLabelKeys: ['version'] })).toEqual([null, NO_AFFINITY])
    expect(wants({ matchLabelKeys: ['absent'] })).toEqual([null, null])
  })

  it('that match every term of an affinity at once', () => {
    const cache = cluster({ n1: {}, n2: {} }, [
      ['n1', labelled('s')],
      ['n2', labelled('t')],
    ])
    expect(refusals(cache, pod('a', { affinity: near(to('s'), to('t')) }))).toEqual([NO_AFFINITY, NO_AFFINITY])
  })
})

describe('domains', () => {
  const zone = (name: string) => ({ labels: { zone: name } })

  it('are as wide as the topology key says', () => {
    const cache = cluster({ n1: zone('x'), n2: zone('x'), n3: zone('y') }, [['n1', labelled('s')]])
    expect(refusals(cache, pod('a', { affinity: near(to('s', { topologyKey: 'zone' })) }))).toEqual([
      null,
      null,
      NO_AFFINITY,
    ])
    expect(refusals(cache, pod('a', { affinity: apart(to('s', { topologyKey: 'zone' })) }))).toEqual([
      "node(s) didn't match pod anti-affinity rules",
      "node(s) didn't match pod anti-affinity rules",
      null,
    ])
  })

  it('leave out nodes without the key: no affinity is met there, no anti-affinity broken', () => {
    const cache = cluster({ n1: {} }, [['n1', labelled('s')]])
    const elsewhere = to('s', { topologyKey: 'zone' })
    expect(refusals(cache, pod('a', { affinity: near(elsewhere) }))).toEqual([NO_AFFINITY])
    expect(refusals(cache, pod('a', { affinity: apart(elsewhere) }))).toEqual([null])
  })

  it('of nodes that are gone are empty, though their pods are still known', () => {
    const hermit = pod('h', { affinity: apart(to('x', { topologyKey: 'zone' })) })
    const friend = pod('f', { affinity: near(to('x', { topologyKey: 'zone' })) })
    const cache = cluster({ n1: zone('x'), n2: zone('x'), n3: zone('y') }, [
      ['n1', hermit],
      ['n1', friend],
    ])
    cache.removeNode('n1')
    expect(refusals(cache, labelled('x'))).toEqual([null, null])
    expect(scores(cache, labelled('x'), 'InterPodAffinity')).toBeUndefined()
  })
})

describe('pods that may come', () => {
  it('to a node by nomination count for affinity on it, and are forgotten afterwards', () => {
    const cache = cluster({ n1: {} })
    const prepared = prepareFilters(plugins, podInfoOf(pod('a', { affinity: apart(to('s')) })), cache)
    if ('rejected' in prepared) throw new Error(prepared.rejected)
    const [n1] = cache.nodes
    const why = (nominated: string[]) =>
      checkWithNominated(
        prepared.filters,
        n1!,
        nominated.map((name) => podInfoOf(labelled(name))),
      )?.reasons
    expect(why(['s'])).toEqual(["node(s) didn't match pod anti-affinity rules"])
    expect(why(['other'])).toBeUndefined()
    expect(why([])).toBeUndefined()
  })

  it('do not make an affinity met, since they may end elsewhere', () => {
    const cache = cluster({ n1: {} })
    const prepared = prepareFilters(plugins, podInfoOf(pod('a', { affinity: near(to('s')) })), cache)
    if ('rejected' in prepared) throw new Error(prepared.rejected)
    expect(checkWithNominated(prepared.filters, cache.nodes[0]!, [podInfoOf(labelled('s'))])?.reasons).toEqual([
      NO_AFFINITY,
    ])
  })
})

describe('scores', () => {
  it('sum the weights of what a pod prefers and put the nodes between 0 and 100', () => {
    const cache = cluster({ n1: {}, n2: {}, n3: {} }, [
      ['n1', labelled('friend')],
      ['n1', labelled('friend')],
      ['n2', labelled('friend')],
    ])
    expect(scores(cache, pod('a', { affinity: likes('friend', 10) }), 'InterPodAffinity')).toEqual([200, 100, 0])
  })

  it('count what running pods prefer, and what they require', () => {
    const cache = cluster({ n1: {}, n2: {}, n3: {}, n4: {} }, [
      ['n1', pod('r', { affinity: likes('a', 4) })],
      ['n2', pod('r', { affinity: dislikes('a', 4) })],
      ['n3', pod('r', { affinity: near(to('a')) })],
    ])
    expect(scores(cache, labelled('a'), 'InterPodAffinity')).toEqual([200, 0, 124, 100])
  })

  it('are all the same where every node is as good', () => {
    const cache = cluster({ n1: {}, n2: {} }, [
      ['n1', labelled('friend')],
      ['n2', labelled('friend')],
    ])
    expect(scores(cache, pod('a', { affinity: likes('friend', 10) }), 'InterPodAffinity')).toEqual([0, 0])
  })

  it('say nothing when no term speaks of anybody', () => {
    const cache = cluster({ n1: {} }, [['n1', pod('r', { affinity: likes('x', 4) })]])
    expect(scores(cache, labelled('a'), 'InterPodAffinity')).toBeUndefined()
    expect(scores(cluster({ n1: {} }), labelled('a'), 'InterPodAffinity')).toBeUndefined()
  })
})
