import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '#types/policy/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { cpus, node, pod } from '../testing/arrange.ts'
import { cluster, preempt } from '../testing/snapshot.ts'

const oneCpu = { cpu: '1' }
const full = (name: string, priority: number, started?: string) => ({
  ...pod(name, { priority, containers: cpus('1') }, { labels: { app: name } }),
  ...(started ? { status: { startTime: started } } : {}),
})
const half = (name: string, priority: number, started?: string) => ({
  ...pod(name, { priority, containers: cpus('500m') }, { labels: { app: name } }),
  ...(started ? { status: { startTime: started } } : {}),
})
const vip = (cpu = '1') => pod('vip', { priority: 1000, containers: cpus(cpu) })
const budget = (app: string, status?: Partial<PodDisruptionBudgetStatus>): PodDisruptionBudget =>
  partial({
    metadata: { name: app, namespace: 'default' },
    spec: { selector: { matchLabels: { app } } },
    status,
  })

describe('the node that preemption makes room on', () => {
  it('is the one where the most important victim is the least important', () => {
    const cache = cluster({ n1: oneCpu, n2: oneCpu }, [
      ['n1', full('a', 10)],
      ['n2', full('b', 9)],
    ])
    expect(preempt(cache, vip())).toEqual({ node: 'n2', victims: ['b'] })
  })

  it('then the one whose victims have the lowest priorities in sum, so that many little ones weigh more than one', () => {
    const cache = cluster({ n1: oneCpu, n2: oneCpu }, [
      ['n1', half('a1', 5)],
      ['n1', half('a2', 5)],
      ['n2', full('b', 5)],
    ])
    expect(preempt(cache, vip())).toEqual({ node: 'n2', victims: ['b'] })
  })

  it('then the one whose most important victims have run for the shortest time', () => {
    const cache = cluster({ n1: oneCpu, n2: oneCpu, n3: oneCpu }, [
      ['n1', full('a', 5, '2026-01-01T00:00:00Z')],
      ['n2', full('b', 5, '2026-01-01T02:00:00Z')],
      ['n3', full('c', 5, '2026-01-01T01:00:00Z')],
    ])
    expect(preempt(cache, vip())).toEqual({ node: 'n2', victims: ['b'] })
  })

  it('is rather one where no disruption budget is broken, whatever the priorities', () => {
    const budgets = () => [budget('b', { disruptionsAllowed: 0 })]
    const cache = cluster(
      { n1: oneCpu, n2: oneCpu },
      [
        ['n1', full('a', 10)],
        ['n2', full('b', 9)],
      ],
      { budgets },
    )
    expect(preempt(cache, vip())).toEqual({ node: 'n1', victims: ['a'] })
  })

  it('is the same when nodes are equal: the first', () => {
    const cache = cluster({ n1: oneCpu, n2: oneCpu }, [
      ['n1', full('a', 5)],
      ['n2', full('b', 5)],
    ])
    expect(preempt(cache, vip())).toEqual({ node: 'n1', victims: ['a'] })
  })
})

describe('victims', () => {
  it('are no more than needed: the important ones are let back in first', () => {
    const cache = cluster({ n1: oneCpu }, [
      ['n1', half('lower', 1)],
      ['n1', half('low', 5)],
    ])
    expect(preempt(cache, vip('500m'))).toEqual({ node: 'n1', victims: ['lower'] })
  })

  it('of the same priority are those that have run for a shorter time', () => {
    const cache = cluster({ n1: oneCpu }, [
      ['n1', half('young', 5, '2026-01-01T02:00:00Z')],
      ['n1', half('old', 5, '2026-01-01T01:00:00Z')],
    ])
    expect(preempt(cache, vip('500m'))).toEqual({ node: 'n1', victims: ['young'] })
  })

  it.each<[string, Partial<PodDisruptionBudgetStatus> | undefined, string[]]>([
    ['allows none', { disruptionsAllowed: 0 }, ['other']],
    ['says nothing yet', undefined, ['other']],
    ['allows one', { disruptionsAllowed: 1 }, ['guarded']],
    ['counts the pod as disrupted already', { disruptionsAllowed: 0, disruptedPods: { guarded: 'now' } }, ['guarded']],
  ])('with a budget that %s', (_what, status, victims) => {
    const budgets = () => [budget('guarded', status), budget('nobody', {})]
    const cache = cluster(
      { n1: oneCpu },
      [
        ['n1', half('guarded', 1)],
        ['n1', half('other', 5)],
      ],
      { budgets },
    )
    expect(preempt(cache, vip('500m'))).toEqual({ node: 'n1', victims })
  })

  it('are evicted against their budget when nothing else makes room', () => {
    const budgets = () => [budget('a', { disruptionsAllowed: 0 })]
    expect(preempt(cluster({ n1: oneCpu }, [['n1', full('a', 1)]], { budgets }), vip())).toEqual({
      node: 'n1',
      victims: ['a'],
    })
  })

  it('are still on the node afterwards: choosing is a plan only', () => {
    const cache = cluster({ n1: oneCpu }, [
      ['n1', half('lower', 1)],
      ['n1', half('low', 5)],
    ])
    preempt(cache, vip())
    expect(cache.node('n1')?.cpu).toBe(1000)
    expect([...cache.node('n1')!.pods.values()].map((info) => info.pod.metadata.name).sort()).toEqual(['low', 'lower'])
  })
})

describe('nobody is evicted', () => {
  const refused = (reason: string) => ({ message: `0/1 nodes are available: 1 ${reason}.` })

  it('of the same or a higher priority', () => {
    const cache = cluster({ n1: oneCpu }, [['n1', full('peer', 1000)]])
    expect(preempt(cache, vip())).toEqual(refused('No preemption victims found for incoming pod'))
  })

  it('when the pod would not fit even then', () => {
    const cache = cluster({ n1: oneCpu }, [
      ['n1', half('low', 1)],
      ['n1', half('peer', 1000)],
    ])
    expect(preempt(cache, vip())).toEqual(refused('Insufficient cpu'))
    expect(cache.node('n1')?.cpu).toBe(1000)
  })

  it('where the node is too small or repels the pod for other reasons', () => {
    const cache = cluster({ n1: oneCpu }, [['n1', full('low', 1)]])
    expect(preempt(cache, vip('2'))).toEqual(refused('Preemption is not helpful for scheduling'))
  })

  it('while an earlier victim on the nominated node is still going away', () => {
    const leaving = full('leaving', 1)
    leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    const condition = { type: 'DisruptionTarget', status: 'True' as const, reason: 'PreemptionByScheduler' }
    leaving.status = { conditions: [condition] }
    const cache = cluster({ n1: oneCpu }, [['n1', leaving]])
    const waiting = { ...vip(), status: { nominatedNodeName: 'n1' } }
    const message = 'not eligible due to a terminating pod on the nominated node.'
    expect(preempt(cache, waiting)).toEqual({ message })
    cache.removePod(podInfoOf(leaving).uid)
    cache.setPod(podInfoOf(full('staying', 1)), 'n1')
    expect(preempt(cache, waiting)).toEqual({ node: 'n1', victims: ['staying'] })
    cache.setPod(podInfoOf(leaving), 'n2')
    const elsewhere = { ...waiting, status: { nominatedNodeName: 'n2' } }
    cache.setNode(node('n2', { ...oneCpu, unschedulable: true }))
    expect(preempt(cache, elsewhere)).toEqual({ node: 'n1', victims: ['staying'] })
  })
})
