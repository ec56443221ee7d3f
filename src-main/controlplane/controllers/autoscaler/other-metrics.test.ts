import type { MetricSpec } from '#types/autoscaling/v2'
import type { Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { resourceSource } from '../discovery.ts'
import { askForMetrics } from './other-metrics.ts'
import { proposeForOther } from './other-replicas.ts'

const pods = (target: string): MetricSpec => ({
  type: 'Pods',
  pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: target } },
})
const object = (target: object, kind = 'Service', apiVersion = 'v1'): MetricSpec => ({
  type: 'Object',
  object: {
    metric: { name: 'rps' },
    describedObject: { kind, apiVersion, name: 'main' },
    target: { type: 'x', ...target },
  },
})
const external = (target: object, selector?: object): MetricSpec => ({
  type: 'External',
  external: { metric: { name: 'queue', ...(selector ? { selector } : {}) }, target: { type: 'x', ...target } },
})
const resource: MetricSpec = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }

// custom.metrics.k8s.io and external.metrics.k8s.io, as their clients ask.
describe('a metric that another server knows', () => {
  const resources = resourceSource([refs.services, refs.deployments, refs.namespaces, refs.nodes], undefined)
  const asked = async (metric: MetricSpec, served = 'v1beta2') => {
    const calls: string[] = []
    const answers = await askForMetrics([metric], {
      namespace: 'a',
      selector: 'app=web',
      resources,
      ask(group, version, path) {
        calls.push(`${group}/${version}/${path}`)
        const known = version === served || group.startsWith('external')
        return Promise.resolve(known ? { items: [{ describedObject: { name: 'p' }, value: '1500m' }] } : undefined)
      },
    })
    return { calls, answer: answers.get(metric) }
  }
  const labels = { matchLabels: { q: 'x' } }

  it.each<[string, MetricSpec, string]>([
    ['of pods', pods('1'), 'custom.metrics.k8s.io/v1beta2/namespaces/a/pods/*/rps?labelSelector=app%3Dweb'],
    ['of an object', object({}), 'custom.metrics.k8s.io/v1beta2/namespaces/a/services/main/rps'],
    [
      'of one in a group',
      object({}, 'Deployment', 'apps/v1'),
      'custom.metrics.k8s.io/v1beta2/namespaces/a/deployments.apps/main/rps',
    ],
    ['of a namespace', object({}, 'Namespace'), 'custom.metrics.k8s.io/v1beta2/namespaces/main/metrics/rps'],
    ['of what is in none', object({}, 'Node'), 'custom.metrics.k8s.io/v1beta2/nodes/main/rps'],
    ['from outside', external({}), 'external.metrics.k8s.io/v1beta1/namespaces/a/queue'],
    [
      'from outside, by labels',
      external({}, labels),
      'external.metrics.k8s.io/v1beta1/namespaces/a/queue?labelSelector=q%3Dx',
    ],
  ])('is asked for by its path: %s', async (_what, metric, path) => {
    const { calls, answer } = await asked(metric)
    expect(calls).toEqual([path])
    expect(answer).toEqual({ values: [{ name: 'p', value: 1500 }] })
  })

  it('is asked for in the version that is served, and is not in the answer when none is', async () => {
    const old = await asked(pods('1'), 'v1beta1')
    expect(old.calls).toHaveLength(2)
    expect(old.answer).toEqual({ values: [{ name: 'p', value: 1500 }] })
    expect((await asked(pods('1'), 'none')).answer).toBeUndefined()
  })

  it('is not asked for when it is of a resource, or is nothing', async () => {
    expect((await asked(resource)).calls).toEqual([])
    expect((await asked({ type: 'Pods' })).calls).toEqual([])
  })

  it('is told why it could not be had', async () => {
    expect((await asked(object({}, 'Unheard'))).answer).toEqual({
      error: new Error('no matches for kind "Unheard" in version "v1"'),
    })
  })

  it('has no values where the server says none', async () => {
    const ask = () => Promise.resolve({})
    const metric = external({})
    const answers = await askForMetrics([metric], { namespace: 'a', selector: '', resources, ask })
    expect(answers.get(metric)).toEqual({ values: [] })
  })
})

// "Horizontal Pod Autoscaling: Algorithm details".
describe('what such a metric asks for', () => {
  const running = (name: string, ready = 'True') =>
    partial<Pod>({
      metadata: { name, uid: name, namespace: 'a' },
      spec: { containers: [] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
    })
  const facts = (count: number, replicas = count) => ({
    pods: Array.from({ length: count }, (_, i) => running(`p${i}`)),
    replicas,
    statusReplicas: count,
    tolerance: { up: 0.1, down: 0.1 },
    now: 0,
  })
  const all = (...values: number[]) => values.map((value, i) => ({ name: `p${i}`, value: value * 1000 }))

  it.each<[string, MetricSpec, number[], ReturnType<typeof facts>, number, string]>([
    ['the mean of pods', pods('10'), [20, 10], facts(2), 3, 'pods metric rps'],
    ['pods near their target', pods('10'), [10, 10.5], facts(2), 2, 'pods metric rps'],
    ['an object, by the pods that are ready', object({ value: '10' }), [25], facts(2), 5, 'Service metric rps'],
    ['an object near its target', object({ value: '10' }), [10.5], facts(2), 2, 'Service metric rps'],
    ['an object, from no pods', object({ value: '10' }), [25], facts(0), 3, 'Service metric rps'],
    ['an object that pods share', object({ averageValue: '10' }), [55], facts(2), 6, 'Service metric rps'],
    ['what is outside, in sum', external({ averageValue: '10' }), [20, 15], facts(2), 4, 'external metric queue(nil)'],
    [
      'what is outside, as it should be',
      external({ averageValue: '10' }),
      [21],
      facts(2),
      2,
      'external metric queue(nil)',
    ],
    [
      'what is outside, of no pods yet',
      external({ averageValue: '10' }),
      [25],
      facts(0),
      3,
      'external metric queue(nil)',
    ],
    [
      'what is outside, by labels',
      external(
        { value: '10' },
        { matchLabels: { q: 'x' }, matchExpressions: [{ key: 'k', operator: 'In', values: ['v', 'w'] }] },
      ),
      [30],
      facts(2),
      6,
      'external metric queue(&LabelSelector{MatchLabels:map[string]string{q: x,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[v w],},},})',
    ],
  ])('follows %s', (_what, metric, values, of, replicas, name) => {
    expect(proposeForOther(metric, all(...values), of)).toMatchObject({ replicas, name })
  })

  it('is told in the status', () => {
    expect(proposeForOther(pods('10'), all(20, 10), facts(2)).status).toEqual({
      type: 'Pods',
      pods: { metric: { name: 'rps' }, current: { averageValue: '15' } },
    })
    expect(proposeForOther(object({ value: '10' }), all(25), facts(2)).status).toMatchObject({
      object: { describedObject: { name: 'main' }, current: { value: '25' } },
    })
    expect(proposeForOther(external({ averageValue: '10' }), all(25), facts(2)).status).toMatchObject({
      external: { metric: { name: 'queue' }, current: { averageValue: '12500m' } },
    })
  })

  it('cannot be told without values', () => {
    expect(() => proposeForOther(external({}), [], facts(2))).toThrow('no metrics returned from external metrics API')
    expect(() => proposeForOther(pods('1'), [], facts(2))).toThrow('no metrics returned from custom metrics API')
  })
})
