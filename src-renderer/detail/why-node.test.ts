import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { reasonsIn, schedulingEvents, whyNode } from './why-node.ts'

const decision = { uid: 'u', time: 1, attempt: 1, refused: {}, feasible: [] }

describe('why a pod is on its node', () => {
  it('is a table of nodes by score, with the plugins that made the difference first', () => {
    const { plugins, nodes } = whyNode({
      ...decision,
      nodeName: 'n2',
      refused: { n5: ['had taint'], n4: ['Insufficient cpu', 'Insufficient memory'] },
      feasible: ['n1', 'n2', 'n3'],
      scores: { Same: [10, 10, 10], Fit: [20, 90, 30], Image: [0, 5, 0] },
    })
    expect(plugins).toEqual(['Fit', 'Image', 'Same'])
    expect(nodes.map((n) => [n.node, n.verdict, n.total])).toEqual([
      ['n2', 'chosen', 105],
      ['n3', 'possible', 40],
      ['n1', 'possible', 30],
      ['n4', 'refused', undefined],
      ['n5', 'refused', undefined],
    ])
    expect(nodes[0]!.scores).toEqual([90, 5, 10])
    expect(nodes[3]!.reasons).toEqual(['Insufficient cpu', 'Insufficient memory'])
  })

  it('has no scores where there was no choice', () => {
    expect(whyNode({ ...decision, nodeName: 'n1', feasible: ['n1'] })).toEqual({
      plugins: [],
      nodes: [{ node: 'n1', verdict: 'chosen', reasons: [], scores: [] }],
    })
  })

  it('is told by events where the scheduler keeps no record', () => {
    const event = (reason: string) => partial<KubeObject>({ metadata: { name: reason }, reason })
    expect(schedulingEvents([event('Pulled'), event('Scheduled'), event('FailedScheduling')])).toHaveLength(2)
    const message =
      '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. preemption: 0/3 nodes are available: 3 No victims.'
    expect(reasonsIn(message)).toEqual(['1 Insufficient cpu', '2 node(s) had untolerated taint {a: b}'])
    const since134 = message.replace('preemption:', 'no new claims to deallocate, preemption:')
    expect(reasonsIn(since134)).toEqual(reasonsIn(message))
    expect(reasonsIn('0/1 nodes are available: 1 Too many pods.')).toEqual(['1 Too many pods'])
    expect(reasonsIn('Successfully assigned')).toEqual(['Successfully assigned'])
  })
})
